package regular

import (
	"regexp"
	"regexp/syntax"
)

// maxProgram bounds the instructions of a pattern. Subset construction is lazy, so that its
// cost is bounded where it runs; this bounds the alphabet and the sets.
const maxProgram = 20_000

// A Pattern is a regular expression of JSON Schema that is understood.
type Pattern struct {
	Source string // as written

	matcher *regexp.Regexp
	program *syntax.Prog
}

// Compile reads a pattern. An error says that its language is not known here, which is no
// verdict about whether ECMA-262 allows it.
func Compile(source string) (*Pattern, error) {
	text, err := translate(source)
	if err != nil {
		return nil, err
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, err
	}
	if len(program.Inst) > maxProgram {
		return nil, ErrDialect
	}
	matcher, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	return &Pattern{Source: source, matcher: matcher, program: program}, nil
}

// MatchString says whether the pattern matches anywhere in s.
func (p *Pattern) MatchString(s string) bool { return p.matcher.MatchString(s) }
