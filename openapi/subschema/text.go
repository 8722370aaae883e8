package subschema

import (
	"math"
	"slices"
	"strings"

	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/openapi/subschema/regular"
)

// text is what a branch knows of a string.
type text struct {
	low        int
	high       int // of length; 0 with bounded false is no bound
	bounded    bool
	patterns   []regular.Condition
	formats    []string
	notFormats []string
	opaque     []string // patterns that are not understood
	notOpaque  []string
}

func (t text) clone() text {
	t.patterns = slices.Clip(t.patterns)
	t.formats = slices.Clip(t.formats)
	t.notFormats = slices.Clip(t.notFormats)
	t.opaque = slices.Clip(t.opaque)
	t.notOpaque = slices.Clip(t.notOpaque)
	return t
}

func (t *text) atMost(n int) {
	if !t.bounded || n < t.high {
		t.high, t.bounded = n, true
	}
}

func (t *text) empty() bool { return t.bounded && t.low > t.high }

func (b *branch) assumeText(s *schema.Schema) bool {
	t := &b.text
	if s.MinLength != nil {
		t.low = max(t.low, *s.MinLength)
	}
	if s.MaxLength != nil && *s.MaxLength < math.MaxInt {
		t.atMost(*s.MaxLength)
	}
	if s.Pattern != nil && !b.assumePattern(*s.Pattern, false) {
		return false
	}
	if format := b.sv.c.stringFormat(s.Format); format != "" && !b.assumeFormat(format) {
		return false
	}
	return !t.empty()
}

func (b *branch) assumePattern(source string, negated bool) bool {
	t := &b.text
	if p := b.sv.c.pattern(source); p != nil {
		t.patterns = append(t.patterns, regular.Condition{Pattern: p, Negated: negated})
		return true
	}
	// Not understood, it still is the same as itself.
	same, opposite := &t.opaque, t.notOpaque
	if negated {
		same, opposite = &t.notOpaque, t.opaque
	}
	*same = append(*same, source)
	b.doubt("the pattern " + source + " is not understood")
	return !slices.Contains(opposite, source)
}

func (b *branch) assumeFormat(format string) bool {
	t := &b.text
	t.formats = append(t.formats, format)
	return !t.formatsConflict()
}

// formatsConflict: a format that holds excludes that it, or one that is wider, does not hold.
func (t *text) formatsConflict() bool {
	for _, format := range t.formats {
		if slices.Contains(t.notFormats, format) {
			return true
		}
		for _, wider := range widerFormats(format) {
			if slices.Contains(t.notFormats, wider) {
				return true
			}
		}
	}
	return false
}

func (b *branch) refuteText(s *schema.Schema) disjunction {
	var d disjunction
	keyword := func(constrain constraint) {
		d = append(d, alternative{constraints: []constraint{constrain}})
	}
	if s.MinLength != nil && *s.MinLength > 0 {
		keyword(func(b *branch) bool {
			b.text.atMost(*s.MinLength - 1)
			return !b.text.empty()
		})
	}
	if s.MaxLength != nil && *s.MaxLength < math.MaxInt {
		keyword(func(b *branch) bool {
			b.text.low = max(b.text.low, *s.MaxLength+1)
			return !b.text.empty()
		})
	}
	if s.Pattern != nil {
		keyword(func(b *branch) bool { return b.assumePattern(*s.Pattern, true) })
	}
	if format := b.sv.c.stringFormat(s.Format); format != "" {
		keyword(func(b *branch) bool {
			b.text.notFormats = append(b.text.notFormats, format)
			return !b.text.formatsConflict()
		})
	}
	return d
}

// maxWitnessLength bounds the strings that are built, in characters.
const maxWitnessLength = 100_000

// maxStates bounds the search through the automata of one branch.
const maxStates = 200_000

// maxWords bounds how often a string found is rejected because of its format.
const maxWords = 12

// shapeless strings have none or few of the formats.
var shapeless = [...]string{"", "a", "%", "\\", "a b", "{", "é"}

func (b *branch) solveText() solution {
	t := &b.text
	if t.empty() {
		return none
	}
	if t.low > maxWitnessLength {
		return unknown("the shortest witness has more than 100,000 characters")
	}
	var excluded []string
	for _, v := range b.excluded {
		excluded = append(excluded, v.(string))
	}
	if len(t.formats) > 0 {
		return b.sample(excluded)
	}
	if len(t.notFormats) > 0 {
		for _, word := range shapeless {
			if b.isText(word) && !slices.Contains(excluded, word) {
				return found(word)
			}
		}
	}
	for range maxWords {
		word, outcome := b.word(excluded)
		switch outcome {
		case regular.Empty:
			if len(t.notFormats) > 0 && len(excluded) > len(b.excluded) {
				return unknown("every string found has format " + t.notFormats[0])
			}
			return none
		case regular.Exhausted:
			return unknown("the regular expressions are too large together")
		}
		switch b.lacksFormats(word) {
		case yes:
			return found(word)
		case maybe:
			return unknown("format " + t.notFormats[0] + " is not known")
		}
		excluded = append(excluded, word)
	}
	return unknown("every string found has format " + t.notFormats[0])
}

func (b *branch) lacksFormats(word string) truth {
	result := yes
	for _, format := range b.text.notFormats {
		result = result.and(b.sv.c.formatHolds(format, word).not())
	}
	return result
}

// word finds a string that fulfils everything but the formats.
func (b *branch) word(excluded []string) (string, regular.Outcome) {
	t := &b.text
	if len(t.patterns) == 0 {
		for length := t.low; length <= t.low+1 && (!t.bounded || length <= t.high); length++ {
			for letter := 'a'; letter <= 'z'; letter++ {
				if word := strings.Repeat(string(letter), length); !slices.Contains(excluded, word) {
					return word, regular.Found
				}
			}
		}
	}
	conditions := slices.Clone(t.patterns)
	if len(excluded) > 0 {
		conditions = append(conditions, regular.Condition{Words: excluded, Negated: true})
	}
	high := -1
	if t.bounded {
		high = t.high
	}
	b.sv.steps -= 10
	budget := min(maxStates, 100*max(b.sv.steps, 0))
	return regular.Search(conditions, t.low, high, budget)
}

// sample tries known strings of a format. It can find a witness; that there is none it proves
// only by the rest of the constraints.
func (b *branch) sample(excluded []string) solution {
	for _, word := range formatSamples(b.text.formats[0]) {
		if b.isText(word) && !slices.Contains(excluded, word) {
			return found(word)
		}
	}
	if _, outcome := b.word(excluded); outcome == regular.Empty {
		return none
	}
	return unknown("no string of format " + b.text.formats[0] + " is known that fits")
}

// isText checks a string against all constraints of the branch.
func (b *branch) isText(word string) bool {
	t := &b.text
	n := len([]rune(word))
	if n < t.low || t.bounded && n > t.high || b.lacksFormats(word) != yes {
		return false
	}
	for _, format := range t.formats {
		if b.sv.c.formatHolds(format, word) != yes {
			return false
		}
	}
	return !slices.ContainsFunc(t.patterns, func(c regular.Condition) bool {
		return c.Pattern.MatchString(word) == c.Negated
	})
}
