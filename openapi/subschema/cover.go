package subschema

import (
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

// A cover is what unevaluatedProperties or unevaluatedItems find evaluated, under the condition
// that certain schemas applied in place hold and others do not. Deciding those first turns both
// keywords into additionalProperties and items for the rest.
type cover struct {
	literals []literal
	present  []string // properties of dependentSchemas that are there
	missing  []string

	all      bool
	names    []string
	patterns []string
	items    int // how many from the first on
	contains []*schema.Schema
}

// maxCovers bounds the cases of one keyword.
const maxCovers = 128

func (c cover) alternative(constrain constraint) alternative {
	a := alternative{literals: c.literals}
	if len(c.present)+len(c.missing) > 0 {
		a.constraints = append(a.constraints, func(b *branch) bool { return b.presence(c.present, c.missing) })
	}
	a.constraints = append(a.constraints, constrain)
	return a
}

func withDoubt(reason string) alternative {
	return alternative{constraints: []constraint{func(b *branch) bool {
		b.doubt(reason)
		return true
	}}}
}

// requireCovers adds the disjunction of all covers, each with its constraint.
func (b *branch) requireCovers(covers []cover, reason string, constrain func(cover) constraint) bool {
	if reason != "" {
		b.doubt(reason)
		return true
	}
	var d disjunction
	for _, c := range covers {
		d = append(d, c.alternative(constrain(c)))
	}
	return b.require(d)
}

// A coverWalk collects the covers of a schema. own adds what the schema itself evaluates.
type coverWalk struct {
	b     *branch
	role  role
	own   func(s *schema.Schema, nested bool, c *cover)
	path  []*schema.Schema // against cycles
	fault string
}

func (b *branch) coversItems(s *schema.Schema, r role) ([]cover, string) {
	w := &coverWalk{b: b, role: r, own: func(s *schema.Schema, nested bool, c *cover) {
		c.items = max(c.items, len(s.PrefixItems))
		c.all = c.all || s.Items != nil || nested && s.UnevaluatedItems != nil
		if s.Contains != nil {
			c.contains = append(slices.Clip(c.contains), s.Contains)
		}
	}}
	covers := w.visit(s, false, []cover{{}})
	return covers, w.fault
}

func (b *branch) coversProperties(s *schema.Schema, r role) ([]cover, string) {
	w := &coverWalk{b: b, role: r, own: func(s *schema.Schema, nested bool, c *cover) {
		c.names, c.patterns = slices.Clip(c.names), slices.Clip(c.patterns)
		for i := range s.Properties {
			c.names = append(c.names, s.Properties[i].Name)
		}
		for i := range s.PatternProperties {
			c.patterns = append(c.patterns, s.PatternProperties[i].Name)
		}
		c.all = c.all || s.AdditionalProperties != nil || nested && s.UnevaluatedProperties != nil
	}}
	covers := w.visit(s, false, []cover{{}})
	return covers, w.fault
}

// visit extends every cover by what s evaluates where it holds.
func (w *coverWalk) visit(s *schema.Schema, nested bool, covers []cover) []cover {
	if slices.Contains(w.path, s) || len(covers) > maxCovers {
		w.fault = "what is unevaluated depends on too many cases"
		return nil
	}
	if s.Unresolved != "" {
		w.fault = s.Unresolved
		return nil
	}
	w.path = append(w.path, s)
	defer func() { w.path = w.path[:len(w.path)-1] }()
	covers = slices.Clone(covers)
	for i := range covers {
		w.own(s, nested, &covers[i])
	}
	if s.Ref != nil {
		covers = w.visit(s.Ref, true, covers)
	}
	for _, part := range s.AllOf {
		covers = w.visit(part, true, covers)
	}
	for _, branch := range s.AnyOf {
		covers = w.either(branch, covers)
	}
	for _, branch := range s.OneOf {
		covers = w.either(branch, covers)
	}
	if s.If != nil {
		covers = w.conditional(s, covers)
	}
	for i := range s.DependentSchemas {
		covers = w.dependent(&s.DependentSchemas[i], covers)
	}
	if len(covers) > maxCovers {
		w.fault = "what is unevaluated depends on too many cases"
	}
	return covers
}

// under adds a literal to every cover.
func (w *coverWalk) under(s *schema.Schema, negated bool, covers []cover) []cover {
	if s == nil {
		return covers
	}
	l := w.b.sv.literal(s, negated, w.role)
	list := make([]cover, 0, len(covers))
	for _, c := range covers {
		if slices.Contains(c.literals, l.not()) {
			continue
		}
		c.literals = append(slices.Clip(c.literals), l)
		list = append(list, c)
	}
	return list
}

// either splits on whether a branch holds. That anyOf and oneOf themselves hold is demanded
// elsewhere: all combinations are listed, those that are impossible close.
func (w *coverWalk) either(branch *schema.Schema, covers []cover) []cover {
	holds := w.visit(branch, true, w.under(branch, false, covers))
	return append(holds, w.under(branch, true, covers)...)
}

func (w *coverWalk) conditional(s *schema.Schema, covers []cover) []cover {
	holds := w.visit(s.If, true, w.under(s.If, false, covers))
	if s.Then != nil {
		holds = w.visit(s.Then, true, w.under(s.Then, false, holds))
	}
	fails := w.under(s.If, true, covers)
	if s.Else != nil {
		fails = w.visit(s.Else, true, w.under(s.Else, false, fails))
	}
	return append(holds, fails...)
}

func (w *coverWalk) dependent(d *schema.Property, covers []cover) []cover {
	if w.b.kind != kindObject {
		return covers
	}
	var present, missing []cover
	for _, c := range covers {
		with, without := c, c
		with.present = append(slices.Clip(c.present), d.Name)
		without.missing = append(slices.Clip(c.missing), d.Name)
		present, missing = append(present, with), append(missing, without)
	}
	return append(w.visit(d.Schema, true, w.under(d.Schema, false, present)), missing...)
}
