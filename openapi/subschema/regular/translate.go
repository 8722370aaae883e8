// Package regular decides questions about the languages of regular expressions as JSON Schema
// writes them (ECMA-262, searched for anywhere in the string): whether a string exists that
// matches some and does not match others, and which.
package regular

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrDialect is the reason for patterns whose meaning in ECMA-262 is not a regular language or
// is not known here: look-around, back references, flags.
var ErrDialect = errors.New("not understood as a regular language")

// White space and line ends of ECMA-262, 22.2.2.9 CharacterClassEscape and 12.2 White Space, as
// the contents of a character class. A dot matches everything but a line end (22.2.2.7).
const (
	spaces    = `\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`
	nonSpaces = `\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}` +
		`\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`
	dot = `[^\n\r\x{2028}\x{2029}]`
)

// maxRepeat is the largest count of a repetition that regexp/syntax takes; larger ones are
// written as several.
const maxRepeat = 1000

// largestRepeat bounds the repetitions that are written out: automata grow with them.
const largestRepeat = 10_000

// maxText bounds the text of one repetition: nested ones multiply.
const maxText = 100_000

// translator rewrites an ECMA-262 pattern (with flag u) into the syntax of package regexp. It
// either keeps the language or fails.
type translator struct {
	in     string
	at     int
	out    strings.Builder
	atom   int    // where in out the last atom starts; -1 if there is none to repeat
	groups []mark // where the open groups start

	size     int // about how many instructions the program will have
	atomSize int // the size before the last atom
}

// A mark is a place in the output, with the size of what stands before it.
type mark struct{ at, size int }

func translate(pattern string) (string, error) {
	if !utf8.ValidString(pattern) {
		return "", ErrDialect
	}
	t := &translator{in: pattern, atom: -1}
	for t.at < len(t.in) {
		if err := t.next(); err != nil {
			return "", fmt.Errorf("pattern %q: %w", pattern, err)
		}
	}
	return t.out.String(), nil
}

func (t *translator) next() error {
	c := t.in[t.at]
	switch c {
	case '\\':
		return t.escape()
	case '[':
		return t.class()
	case '(':
		return t.open()
	case ')':
		if len(t.groups) == 0 {
			return ErrDialect
		}
		start := t.groups[len(t.groups)-1]
		t.atom, t.atomSize = start.at, start.size
		t.groups = t.groups[:len(t.groups)-1]
		t.out.WriteByte(c)
		t.at++
		return nil
	case '*', '+', '?':
		t.atom = -1
		t.out.WriteByte(c)
		t.at++
		t.lazy()
		return nil
	case '{':
		return t.repeat()
	case '|', '^', '$':
		t.atom = -1
		t.out.WriteByte(c)
		t.at++
		return nil
	case '.':
		t.emit(dot)
		t.at++
		return nil
	}
	r, width := utf8.DecodeRuneInString(t.in[t.at:])
	t.at += width
	t.emit(literal(r))
	return nil
}

// emit writes one atom.
func (t *translator) emit(text string) {
	t.atom, t.atomSize = t.out.Len(), t.size
	t.size++
	t.out.WriteString(text)
}

func literal(r rune) string { return fmt.Sprintf(`\x{%x}`, r) }

// lazy drops the question mark that makes a repetition lazy: the language is the same.
func (t *translator) lazy() {
	if t.at < len(t.in) && t.in[t.at] == '?' {
		t.at++
	}
}

func (t *translator) open() error {
	t.groups = append(t.groups, mark{t.out.Len(), t.size})
	t.atom = -1
	rest := t.in[t.at:]
	switch {
	case strings.HasPrefix(rest, "(?:"):
		t.at += 3
	case strings.HasPrefix(rest, "(?<") && !strings.HasPrefix(rest, "(?<=") && !strings.HasPrefix(rest, "(?<!"):
		end := strings.IndexByte(rest, '>')
		if end < 0 {
			return ErrDialect
		}
		t.at += end + 1
	case strings.HasPrefix(rest, "(?"):
		return ErrDialect
	default:
		t.at++
	}
	t.out.WriteString("(?:")
	return nil
}

// repeat rewrites {n}, {n,} and {n,m}.
func (t *translator) repeat() error {
	end := strings.IndexByte(t.in[t.at:], '}')
	if end < 0 || t.atom < 0 {
		return ErrDialect
	}
	low, high, err := bounds(t.in[t.at+1 : t.at+end])
	if err != nil {
		return err
	}
	t.at += end + 1
	t.lazy()
	atom := t.out.String()[t.atom:]
	t.size = t.atomSize + (t.size-t.atomSize+1)*max(low, high, 1)
	if t.size > maxProgram || len(atom)*(max(low, high)/maxRepeat+1) > maxText {
		return ErrDialect
	}
	before := t.out.String()[:t.atom]
	t.out.Reset()
	t.out.WriteString(before)
	t.out.WriteString("(?:" + repeated(atom, low, high) + ")")
	t.atom = -1
	return nil
}

func bounds(text string) (low, high int, err error) {
	first, second, ranged := strings.Cut(text, ",")
	if low, err = strconv.Atoi(first); err != nil || low < 0 || low > largestRepeat {
		return 0, 0, ErrDialect
	}
	switch {
	case !ranged:
		return low, low, nil
	case second == "":
		return low, -1, nil
	}
	if high, err = strconv.Atoi(second); err != nil || high < low || high > largestRepeat {
		return 0, 0, ErrDialect
	}
	return low, high, nil
}

// repeated writes an atom low to high times, with counts that package regexp takes. A negative
// high is none.
func repeated(atom string, low, high int) string {
	if high == 0 {
		return ""
	}
	var b strings.Builder
	for rest := low; rest > 0; rest -= maxRepeat {
		fmt.Fprintf(&b, "%s{%d}", atom, min(rest, maxRepeat))
	}
	if high < 0 {
		return b.String() + atom + "*"
	}
	for rest := high - low; rest > 0; rest -= maxRepeat {
		fmt.Fprintf(&b, "%s{0,%d}", atom, min(rest, maxRepeat))
	}
	return b.String()
}

// escape rewrites a backslash outside a class.
func (t *translator) escape() error {
	if t.at+1 >= len(t.in) {
		return ErrDialect
	}
	switch c := t.in[t.at+1]; c {
	case 'b', 'B':
		t.atom = -1
		t.out.WriteString(t.in[t.at : t.at+2])
		t.at += 2
		return nil
	}
	text, single, err := t.character()
	if err != nil {
		return err
	}
	if single {
		t.emit(text)
	} else {
		t.emit("[" + text + "]")
	}
	return nil
}

// character reads an escape that stands for characters and returns it as the contents of a
// class; single says that it is one character, so that it may begin or end a range.
func (t *translator) character() (text string, single bool, err error) {
	c := t.in[t.at+1]
	t.at += 2
	switch c {
	case 'd', 'D', 'w', 'W':
		return `\` + string(c), false, nil
	case 's':
		return spaces, false, nil
	case 'S':
		return nonSpaces, false, nil
	case 'p', 'P':
		text, err := t.property(c)
		return text, false, err
	case 't', 'n', 'v', 'f', 'r':
		return `\` + string(c), true, nil
	case '0':
		if t.at < len(t.in) && t.in[t.at] >= '0' && t.in[t.at] <= '9' {
			return "", false, ErrDialect
		}
		return `\x{0}`, true, nil
	case 'c':
		return t.control()
	case 'x':
		r, err := t.hex(2)
		return literal(r), true, err
	case 'u':
		r, err := t.unicode()
		return literal(r), true, err
	}
	if c < utf8.RuneSelf && !isWord(rune(c)) {
		return literal(rune(c)), true, nil
	}
	return "", false, ErrDialect
}

func isWord(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

func (t *translator) control() (string, bool, error) {
	if t.at >= len(t.in) || !isWord(rune(t.in[t.at])) || t.in[t.at] < 'A' || t.in[t.at] == '_' {
		return "", false, ErrDialect
	}
	r := rune(t.in[t.at] % 32)
	t.at++
	return literal(r), true, nil
}

func (t *translator) hex(digits int) (rune, error) {
	if t.at+digits > len(t.in) {
		return 0, ErrDialect
	}
	n, err := strconv.ParseUint(t.in[t.at:t.at+digits], 16, 32)
	if err != nil {
		return 0, ErrDialect
	}
	t.at += digits
	return rune(n), nil
}

// unicode reads what follows \u: four digits, a surrogate pair, or digits in braces.
func (t *translator) unicode() (rune, error) {
	if strings.HasPrefix(t.in[t.at:], "{") {
		end := strings.IndexByte(t.in[t.at:], '}')
		if end < 2 || end > 8 {
			return 0, ErrDialect
		}
		t.at++
		r, err := t.hex(end - 1)
		t.at++
		if err != nil || !utf8.ValidRune(r) {
			return 0, ErrDialect
		}
		return r, nil
	}
	r, err := t.hex(4)
	if err != nil {
		return 0, err
	}
	if r >= 0xD800 && r < 0xDC00 && strings.HasPrefix(t.in[t.at:], `\u`) {
		t.at += 2
		low, err := t.hex(4)
		if err != nil || low < 0xDC00 || low > 0xDFFF {
			return 0, ErrDialect
		}
		return 0x10000 + (r-0xD800)<<10 + (low - 0xDC00), nil
	}
	if !utf8.ValidRune(r) {
		return 0, ErrDialect
	}
	return r, nil
}

// longNames are the general categories whose long names are in use; package regexp knows the
// short ones and the scripts.
var longNames = [...][2]string{
	{"Letter", "L"}, {"Lowercase_Letter", "Ll"}, {"Uppercase_Letter", "Lu"}, {"Number", "N"},
	{"Decimal_Number", "Nd"}, {"digit", "Nd"}, {"Mark", "M"}, {"Punctuation", "P"}, {"punct", "P"},
	{"Symbol", "S"}, {"Separator", "Z"}, {"Space_Separator", "Zs"}, {"Other", "C"}, {"Control", "Cc"},
}

func (t *translator) property(c byte) (string, error) {
	end := strings.IndexByte(t.in[t.at:], '}')
	if end < 2 || t.in[t.at] != '{' {
		return "", ErrDialect
	}
	name := t.in[t.at+1 : t.at+end]
	t.at += end + 1
	for _, prefix := range [...]string{"Script=", "sc=", "General_Category=", "gc="} {
		name = strings.TrimPrefix(name, prefix)
	}
	for _, long := range longNames {
		if name == long[0] {
			name = long[1]
		}
	}
	return `\` + string(c) + "{" + name + "}", nil
}

// class rewrites a character class.
func (t *translator) class() error {
	t.at++
	var b strings.Builder
	negated := strings.HasPrefix(t.in[t.at:], "^")
	if negated {
		t.at++
	}
	for {
		if t.at >= len(t.in) {
			return ErrDialect
		}
		if t.in[t.at] == ']' {
			t.at++
			break
		}
		if err := t.member(&b); err != nil {
			return err
		}
	}
	t.emit(classOf(b.String(), negated))
	return nil
}

func classOf(members string, negated bool) string {
	switch {
	case members == "" && negated:
		return `[\x{0}-\x{10ffff}]`
	case members == "":
		return `[^\x{0}-\x{10ffff}]`
	case negated:
		return "[^" + members + "]"
	}
	return "[" + members + "]"
}

// member reads one character, escape or range of a class.
func (t *translator) member(b *strings.Builder) error {
	first, single, err := t.classAtom()
	if err != nil {
		return err
	}
	b.WriteString(first)
	rest := t.in[t.at:]
	if len(rest) < 2 || rest[0] != '-' || rest[1] == ']' {
		return nil
	}
	t.at++
	last, lastSingle, err := t.classAtom()
	if err != nil {
		return err
	}
	if !single || !lastSingle {
		return ErrDialect
	}
	b.WriteString("-" + last)
	return nil
}

func (t *translator) classAtom() (text string, single bool, err error) {
	if t.in[t.at] != '\\' {
		r, width := utf8.DecodeRuneInString(t.in[t.at:])
		t.at += width
		return literal(r), true, nil
	}
	if t.at+1 >= len(t.in) {
		return "", false, ErrDialect
	}
	if t.in[t.at+1] == 'b' {
		t.at += 2
		return `\x{8}`, true, nil
	}
	return t.character()
}
