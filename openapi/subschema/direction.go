package subschema

import (
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

// A Direction says which way instances travel, and so which properties exist in them.
type Direction uint8

const (
	Plain    Direction = iota // JSON Schema as such: readOnly and writeOnly are annotations
	Request                   // properties that are readOnly do not exist
	Response                  // properties that are writeOnly do not exist
)

// A role is the side of an inclusion that a constraint comes from. Who sends (the smaller set,
// a) never writes a hidden property; who receives (the larger set, b) neither asks for one nor
// looks at it. Constraints made during the search are neutral.
type role uint8

const (
	receiver role = iota
	sender
	neutral
	roleCount
)

// A surface is what a schema shows of the objects at one place, through references and all
// branches: which properties it knows of.
type surface struct {
	hidden   [3][]string // by Direction; sorted
	declared []string    // sorted
	patterns []string
	// typed says that undeclared properties are given a schema of their own:
	// whoever sends may then send any name.
	typed bool
}

// surfaceOf is memoised by class.
func (c *Checker) surfaceOf(s *schema.Schema) *surface {
	id := c.classes.get(s)
	if found, ok := c.surfaces[id]; ok {
		return found
	}
	w := &surfaceWalk{seen: map[*schema.Schema]bool{}, surface: &surface{}}
	w.visit(transparent(s))
	for d := range w.surface.hidden {
		w.surface.hidden[d] = sortedSet(w.surface.hidden[d])
	}
	w.surface.declared = sortedSet(w.surface.declared)
	c.surfaces[id] = w.surface
	return w.surface
}

type surfaceWalk struct {
	seen    map[*schema.Schema]bool
	surface *surface
}

func (w *surfaceWalk) visit(s *schema.Schema) {
	if s == nil || w.seen[s] {
		return
	}
	w.seen[s] = true
	for i := range s.Properties {
		p := &s.Properties[i]
		w.surface.declared = append(w.surface.declared, p.Name)
		readOnly, writeOnly := access(p.Schema, 0)
		if readOnly {
			w.surface.hidden[Request] = append(w.surface.hidden[Request], p.Name)
		}
		if writeOnly {
			w.surface.hidden[Response] = append(w.surface.hidden[Response], p.Name)
		}
	}
	for i := range s.PatternProperties {
		w.surface.patterns = append(w.surface.patterns, s.PatternProperties[i].Name)
	}
	for _, rest := range [...]*schema.Schema{s.AdditionalProperties, s.UnevaluatedProperties} {
		if rest != nil && !acceptsAll(rest) && !acceptsNone(rest) {
			w.surface.typed = true
		}
	}
	w.visit(s.Ref)
	for _, list := range [...][]*schema.Schema{s.AllOf, s.AnyOf, s.OneOf, {s.If, s.Then, s.Else}} {
		for _, branch := range list {
			w.visit(branch)
		}
	}
	for i := range s.DependentSchemas {
		w.visit(s.DependentSchemas[i].Schema)
	}
}

// access reads readOnly and writeOnly of a property's schema, through references and allOf as
// far as people write them.
func access(s *schema.Schema, depth int) (readOnly, writeOnly bool) {
	if s == nil || depth > 8 {
		return false, false
	}
	readOnly, writeOnly = s.ReadOnly, s.WriteOnly
	join := func(part *schema.Schema) {
		r, w := access(part, depth+1)
		readOnly, writeOnly = readOnly || r, writeOnly || w
	}
	join(s.Ref)
	for _, part := range s.AllOf {
		join(part)
	}
	return readOnly, writeOnly
}

func acceptsAll(s *schema.Schema) bool {
	s = transparent(s)
	return s.Always != nil && *s.Always ||
		s.Ref == nil && len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) == 0 && onlyApplies(s)
}

func acceptsNone(s *schema.Schema) bool {
	s = transparent(s)
	return s.Always != nil && !*s.Always
}

func containsSorted(list []string, name string) bool {
	_, found := slices.BinarySearch(list, name)
	return found
}
