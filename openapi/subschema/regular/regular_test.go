package regular_test

import (
	"testing"
	"unicode/utf8"

	"github.com/commslint/commslint/openapi/subschema/regular"
)

func compile(t testing.TB, source string) *regular.Pattern {
	t.Helper()
	p, err := regular.Compile(source)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return p
}

// TestInclusion: a pattern is included in another if no string matches the one and not the other.
func TestInclusion(t *testing.T) {
	for _, c := range []struct {
		a, b     string
		included bool
	}{
		{`^a+$`, `^a*$`, true},
		{`^a*$`, `^a+$`, false},
		{`^ab$`, `a`, true},
		{`a`, `^a`, false},
		{`^(ab)+$`, `^a.*b$`, true},
		{`^[0-9]{3}$`, `^\d+$`, true},
		{`^\d+$`, `^[0-9]{3}$`, false},
		{`^\d$`, `^\w$`, true},
		{`^\w$`, `^[A-Za-z0-9_]$`, true},
		{`^\s$`, `^[ \t\n]$`, false},
		{`^[ \t\n\r\f\v\u00a0\ufeff\u2028\u2029\u1680\u2000-\u200a\u202f\u205f\u3000]$`, `^\s$`, true},
		{`^\S$`, `^[^\s]$`, true},
		{`^[^\s]$`, `^\S$`, true},
		{`^.$`, `^[^\n]$`, true},
		{`^[^\n]$`, `^.$`, false}, // a dot matches no \r either
		{`^[^]$`, `^(.|\s)$`, true},
		{`\bfoo\b`, `foo`, true},
		{`foo`, `\bfoo\b`, false},
		{`^foo\b.`, `^foo\W`, true},
		{`^a{2,1500}$`, `^aa+$`, true},
		{`^a{1100}$`, `^a{1000,1200}$`, true},
		{`^a{1100}$`, `^a{1000,1050}$`, false},
		{`^[a-f]$`, `^[a-cd-g]$`, true},
		{`^[\w-]+$`, `^[-a-zA-Z_0-9]+$`, true},
		{`^\u{1F432}*$`, `^🐲*$`, true},
		{`^\ud83d\udc32$`, `^🐲$`, true},
		{`^(?:a|b)$`, `^[ab]$`, true},
		{`^(?<name>a)$`, `^a$`, true},
		{`^a|b$`, `^(a|b)$`, false},
		{`^\/x$`, `^/x$`, true},
		{`^[[]$`, `^\[$`, true},
		{`[]`, `^x$`, true}, // matches nothing
		{`^\cA$`, `^\x01$`, true},
		{`^\p{Lu}$`, `^\p{L}$`, true},
		{`^\p{L}$`, `^\p{Lu}$`, false},
		{`$^`, `^$`, true},
		{`^a*?b+?$`, `^a*b+$`, true},
	} {
		a, b := compile(t, c.a), compile(t, c.b)
		word, outcome := regular.Search([]regular.Condition{{Pattern: a}, {Pattern: b, Negated: true}}, 0, -1, 1_000_000)
		switch {
		case outcome == regular.Exhausted:
			t.Errorf("%s in %s: given up", c.a, c.b)
		case (outcome == regular.Empty) != c.included:
			t.Errorf("%s in %s: %v %q", c.a, c.b, outcome, word)
		case outcome == regular.Found && (!a.MatchString(word) || b.MatchString(word)):
			t.Errorf("%s in %s: %q does not tell them apart", c.a, c.b, word)
		}
	}
}

func TestLengthsAndWords(t *testing.T) {
	letters := regular.Condition{Pattern: compile(t, `^[ab]+$`)}
	for _, c := range []struct {
		conditions []regular.Condition
		low, high  int
		want       string
		outcome    regular.Outcome
	}{
		{nil, 0, -1, "", regular.Found},
		{nil, 3, 3, "aaa", regular.Found},
		{nil, 3, 2, "", regular.Empty},
		{[]regular.Condition{letters}, 2, -1, "aa", regular.Found},
		{[]regular.Condition{letters, {Words: []string{"a", "b"}, Negated: true}}, 0, 1, "", regular.Empty},
		{[]regular.Condition{letters, {Words: []string{"a", "b"}, Negated: true}}, 0, 2, "aa", regular.Found},
		{[]regular.Condition{letters, {Words: []string{"x", "ba"}}}, 0, -1, "ba", regular.Found},
		{[]regular.Condition{{Pattern: compile(t, `^(aaa)+$`)}}, 4, 5, "", regular.Empty},
		{[]regular.Condition{{Pattern: compile(t, `^(aaa)+$`)}}, 4, -1, "aaaaaa", regular.Found},
		{[]regular.Condition{{Pattern: compile(t, `^é$`)}}, 1, 1, "é", regular.Found},
	} {
		word, outcome := regular.Search(c.conditions, c.low, c.high, 100_000)
		if word != c.want || outcome != c.outcome {
			t.Errorf("%v %d-%d: %q %v, want %q %v", c.conditions, c.low, c.high, word, outcome, c.want, c.outcome)
		}
	}
}

// TestDialect: what is not the same in package regexp, or not regular, is not guessed at.
func TestDialect(t *testing.T) {
	for _, source := range []string{
		`(?=a)`, `(?!a)b`, `(?<=a)b`, `(a)\1`, `\k<x>`, `(?i)a`, `\a`, `\Z`, `\A`, `a**`, `(`, `)`, `[a`, `\`, `a{2,1}`, `\p{Nope}`,
		`[\d-x]`, `a{99999}`, `\u{110000}`, `\ud83d`, `\01`, "\xff",
	} {
		if p, err := regular.Compile(source); err == nil {
			t.Errorf("%q was read as %v", source, p)
		}
	}
}

// TestBudget: two patterns whose product is exponential are given up in time.
func TestBudget(t *testing.T) {
	a, b := compile(t, `^(a|b)*a(a|b){25}$`), compile(t, `^(a|b)*b(a|b){26}c$`)
	if _, outcome := regular.Search([]regular.Condition{{Pattern: a}, {Pattern: b}}, 0, -1, 50_000); outcome == regular.Found {
		t.Error("found a word of an empty intersection")
	}
}

// FuzzSearch: what is found fulfils the conditions, by the matcher of package regexp.
func FuzzSearch(f *testing.F) {
	f.Add(`^a+$`, `b`, 0)
	f.Add(`\bx\b`, `^.$`, 2)
	f.Add(`[^a]{2}`, `\s`, 3)
	f.Fuzz(func(t *testing.T, first, second string, low int) {
		a, errA := regular.Compile(first)
		b, errB := regular.Compile(second)
		if errA != nil || errB != nil || low < 0 || low > 20 {
			return
		}
		word, outcome := regular.Search([]regular.Condition{{Pattern: a}, {Pattern: b, Negated: true}}, low, -1, 20_000)
		if outcome != regular.Found {
			return
		}
		if !a.MatchString(word) || b.MatchString(word) || utf8.RuneCountInString(word) < low {
			t.Errorf("%q for %q and not %q from %d on", word, first, second, low)
		}
	})
}
