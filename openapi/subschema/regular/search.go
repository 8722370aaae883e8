package regular

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// A Condition is what a string must fulfil: to match the pattern or, if Pattern is nil, to be
// one of the words; the opposite if Negated.
type Condition struct {
	Pattern *Pattern
	Words   []string
	Negated bool
}

// An Outcome is what a search came to.
type Outcome uint8

const (
	Found     Outcome = iota
	Empty             // proven: no string fulfils the conditions
	Exhausted         // the budget ended first
)

// Search finds a shortest string that fulfils all conditions and has low to high characters
// (Unicode code points; a negative high is no limit). The budget bounds its steps: the runes
// tried at all states, and one more for every 64 instructions of a pattern that they meet.
//
// It is a breadth-first search of the product of the conditions' automata with a count of
// characters that stops at low, so that it always ends: what it finds first is shortest among
// the strings of at least low characters, and if that is longer than high there is none.
func Search(conditions []Condition, low, high, budget int) (string, Outcome) {
	if high >= 0 && low > high {
		return "", Empty
	}
	s := &search{low: low, ids: map[string]bool{}}
	for _, c := range conditions {
		s.negated = append(s.negated, c.Negated)
		if c.Pattern != nil {
			s.parts = append(s.parts, newMachine(c.Pattern))
		} else {
			s.parts = append(s.parts, newWords(c.Words))
		}
	}
	s.alphabet = alphabetOf(s.parts)
	return s.run(high, budget)
}

type search struct {
	parts    []automaton
	negated  []bool
	alphabet []rune
	low      int

	nodes []node
	ids   map[string]bool
}

type node struct {
	states []int
	length int // characters read
	from   int // index of the node before; -1 for the start
	by     rune
}

func (s *search) run(high, budget int) (string, Outcome) {
	s.add(node{states: make([]int, len(s.parts)), from: -1})
	for at := 0; at < len(s.nodes); at++ {
		n := s.nodes[at]
		if high >= 0 && n.length > high {
			return "", Empty // and so is everything that follows: lengths never fall
		}
		if n.length >= s.low && s.accepts(n.states) {
			return s.word(at), Found
		}
		for class, r := range s.alphabet {
			budget--
			if budget < s.effort()/instructionsPerStep {
				return "", Exhausted
			}
			next := node{states: make([]int, len(s.parts)), length: n.length + 1, from: at, by: r}
			for i, part := range s.parts {
				next.states[i] = part.step(n.states[i], r, class)
			}
			s.add(next)
		}
	}
	return "", Empty
}

// instructionsPerStep is how many instructions cost as much as the rest of a step.
const instructionsPerStep = 64

func (s *search) effort() int {
	n := 0
	for _, part := range s.parts {
		n += part.effort()
	}
	return n
}

func (s *search) add(n node) {
	key := make([]byte, 0, 4*len(n.states)+4)
	key = binary.AppendUvarint(key, uint64(min(n.length, s.low)))
	for _, state := range n.states {
		key = binary.AppendUvarint(key, uint64(state))
	}
	if !s.ids[string(key)] {
		s.ids[string(key)] = true
		s.nodes = append(s.nodes, n)
	}
}

func (s *search) accepts(states []int) bool {
	for i, part := range s.parts {
		if part.accepts(states[i]) == s.negated[i] {
			return false
		}
	}
	return true
}

func (s *search) word(at int) string {
	var reversed []rune
	for ; s.nodes[at].from >= 0; at = s.nodes[at].from {
		reversed = append(reversed, s.nodes[at].by)
	}
	slices.Reverse(reversed)
	return string(reversed)
}

// alphabetOf picks one rune for each class of runes that the automata do not tell apart,
// readable ones first.
func alphabetOf(parts []automaton) []rune {
	starts := map[rune]bool{0: true, 0xD800: true, 0xE000: true, ' ': true, 0x7F: true}
	for _, part := range parts {
		part.boundaries(func(r rune) {
			if r >= 0 && r <= utf8.MaxRune {
				starts[r] = true
			}
		})
	}
	sorted := make([]rune, 0, len(starts))
	for r := range starts {
		sorted = append(sorted, r)
	}
	slices.Sort(sorted)
	var alphabet []rune
	for i, low := range sorted {
		if low >= 0xD800 && low < 0xE000 {
			continue // surrogates are no characters
		}
		high := rune(utf8.MaxRune)
		if i+1 < len(sorted) {
			high = sorted[i+1] - 1
		}
		alphabet = append(alphabet, readable(low, high))
	}
	slices.SortStableFunc(alphabet, func(a, b rune) int { return rank(a) - rank(b) })
	return alphabet
}

// readable picks the rune of a range that reads best in a message.
func readable(low, high rune) rune {
	for _, r := range [...]rune{'a', 'A', '0', '1', '-', '.', '!'} {
		if low <= r && r <= high {
			return r
		}
	}
	return low
}

func rank(r rune) int {
	switch {
	case r >= 'a' && r <= 'z':
		return 0
	case r >= 'A' && r <= 'Z':
		return 1
	case r >= '0' && r <= '9':
		return 2
	case r > ' ' && r < 0x7F:
		return 3
	case r == ' ':
		return 4
	case r > 0xA0:
		return 5
	}
	return 6
}
