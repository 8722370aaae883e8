// Package subschema decides whether every instance of one schema is an instance of another. It
// answers yes, no with an instance that is valid against the one and not against the other, or
// that it does not know; it never guesses.
package subschema

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/openapi/subschema/regular"
)

// Options choose between readings of the same schemas.
type Options struct {
	// Formats makes the keyword format an assertion: strings have it or are not valid, and
	// int32, int64, float and double are ranges. Otherwise it is an annotation, as JSON Schema
	// 2020-12 has it by default.
	Formats bool
	// Tolerant reads a schema without additionalProperties, or with additionalProperties true,
	// as one that says nothing about names it does not list, instead of one that promises to
	// send anything under them: a property that only the larger side lists is then no
	// difference unless it is required. Names that neither side lists are still sent.
	Tolerant bool
	// Budget is how many steps one question may take, a step being some microsecond; 0 is
	// DefaultBudget.
	Budget int
}

// DefaultBudget answers what real documents ask several times over, and gives up on hostile
// ones after a tenth of a second or so.
const DefaultBudget = 20_000

// A Checker answers questions and remembers the answers. It is not safe for concurrent use.
// Schemas must not change while it is in use.
type Checker struct {
	options  Options
	classes  *classes
	surfaces map[class]*surface
	indexes  map[*schema.Schema]map[string]*schema.Schema
	enums    map[*schema.Schema]map[string]bool
	patterns map[string]*regular.Pattern
	formats  map[string]*jsonschema.Schema
	solved   map[string]solution
	cyclic   map[*schema.Schema]bool
	comparer *comparer

	// Unconfirmed counts the witnesses that the independent validator did not confirm. They
	// are not handed out; each is a defect of this package or of the validator.
	Unconfirmed int
}

// New makes a Checker.
func New(options Options) *Checker {
	if options.Budget <= 0 {
		options.Budget = DefaultBudget
	}
	c := &Checker{
		options:  options,
		classes:  newClasses(),
		surfaces: map[class]*surface{},
		indexes:  map[*schema.Schema]map[string]*schema.Schema{},
		enums:    map[*schema.Schema]map[string]bool{},
		patterns: map[string]*regular.Pattern{},
		formats:  map[string]*jsonschema.Schema{},
		solved:   map[string]solution{},
		cyclic:   map[*schema.Schema]bool{},
	}
	c.comparer = newComparer(c)
	return c
}

// pattern compiles a pattern once; nil if it is not understood.
func (c *Checker) pattern(source string) *regular.Pattern {
	p, ok := c.patterns[source]
	if !ok {
		p, _ = regular.Compile(source)
		c.patterns[source] = p
	}
	return p
}

func (c *Checker) matches(pattern, s string) truth {
	p := c.pattern(pattern)
	if p == nil {
		return maybe
	}
	return truthOf(p.MatchString(s))
}

// enumTexts are the canonical texts of an enum, made once.
func (c *Checker) enumTexts(s *schema.Schema) map[string]bool {
	texts, ok := c.enums[s]
	if !ok {
		texts = make(map[string]bool, len(s.Enum))
		for _, v := range s.Enum {
			texts[canonical(v)] = true
		}
		c.enums[s] = texts
	}
	return texts
}

// maxRemembered bounds the memory of answers.
const maxRemembered = 500_000

func (c *Checker) remember(key string, s solution) {
	if len(c.solved) < maxRemembered {
		c.solved[key] = s
	}
}

// doubt says why literals could not be evaluated, as far as it is simple to say.
func (c *Checker) doubt(goal []literal) string {
	for _, l := range goal {
		if reason := c.classes.member[l.class].Unresolved; reason != "" {
			return ": " + reason
		}
	}
	return ""
}

// satisfy looks for an instance of all literals with a budget of its own.
func (c *Checker) satisfy(dir Direction, goal []literal) solution {
	sv := &solver{c: c, dir: dir, steps: c.options.Budget, stack: map[string]int{}, assumed: maxDepth}
	result := sv.solve(goal)
	if result.status == satisfiable && sv.fulfils(result.witness, slices.Clone(goal)) != yes {
		return unknown("the instance found could not be confirmed")
	}
	return result
}
