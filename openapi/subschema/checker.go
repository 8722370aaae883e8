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
	// Budget is how many steps the search for one witness may take; 0 is DefaultBudget.
	Budget int
}

// DefaultBudget is far more than what published documents ask for: comparing two revisions of
// Stripe's takes 1,552 searches with 26,445 steps in all. A step takes some microseconds.
const DefaultBudget = 20_000

const (
	// perQuestion is how many searches of full length one call of Includes may make, and
	// perChecker all of its calls together. When the most of that is gone, searches become
	// shorter instead of fewer, so that small ones are still answered.
	perQuestion = 10
	perChecker  = 100
	// leastSteps is what a search always has.
	leastSteps = 60
)

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

	left     int // steps for all questions
	question int // steps for this one

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
	c.left = perChecker * options.Budget
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

// satisfy looks for an instance of all literals.
func (c *Checker) satisfy(dir Direction, goal []literal) solution {
	if c.question < -perQuestion*c.options.Budget {
		return exhausted
	}
	budget := min(c.options.Budget, max(min(c.left, c.question)/4, leastSteps))
	sv := &solver{c: c, dir: dir, steps: budget, stack: map[string]int{}, assumed: maxDepth}
	result := sv.solve(goal)
	if result.status == satisfiable && sv.fulfils(result.witness, slices.Clone(goal)) != yes {
		result = unknown("the instance found could not be confirmed")
	}
	c.left -= budget - sv.steps
	c.question -= budget - sv.steps
	return result
}
