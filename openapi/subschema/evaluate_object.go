package subschema

import (
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

func (e *evaluation) object(v map[string]any, s *schema.Schema, sc scope) truth {
	if s.MinProperties != nil && len(v) < *s.MinProperties || s.MaxProperties != nil && len(v) > *s.MaxProperties {
		return no
	}
	for _, name := range s.Required {
		if _, present := v[name]; !present && !containsSorted(sc.hidden, name) {
			return no
		}
	}
	result := e.dependents(v, s, sc)
	if s.Properties == nil && s.PatternProperties == nil && s.AdditionalProperties == nil && s.PropertyNames == nil &&
		s.UnevaluatedProperties == nil {
		return result
	}
	names := sortedKeys(v)
	for _, name := range names {
		if result == no {
			return no
		}
		if len(sc.hidden) > 0 && containsSorted(sc.hidden, name) {
			if sc.role == sender {
				return no
			}
			continue
		}
		result = result.and(e.member(name, v[name], s, sc))
	}
	if s.UnevaluatedProperties != nil && result != no {
		result = result.and(e.unevaluatedProperties(v, names, s, sc))
	}
	return result
}

// member evaluates one property.
func (e *evaluation) member(name string, v any, s *schema.Schema, sc scope) truth {
	result := yes
	listed := no
	if p := e.c.property(s, name); p != nil {
		listed = yes
		result = e.valid(v, p, sc.role)
	}
	for i := range s.PatternProperties {
		p := &s.PatternProperties[i]
		matched := e.c.matches(p.Name, name)
		listed = listed.or(matched)
		if matched != no && result != no {
			result = result.and(matched.not().or(e.valid(v, p.Schema, sc.role)))
		}
	}
	if s.AdditionalProperties != nil && listed != yes && result != no {
		result = result.and(listed.or(e.valid(v, s.AdditionalProperties, sc.role)))
	}
	if s.PropertyNames != nil && result != no {
		result = result.and(e.valid(name, s.PropertyNames, sc.role))
	}
	return result
}

func (e *evaluation) dependents(v map[string]any, s *schema.Schema, sc scope) truth {
	for _, d := range s.DependentRequired {
		if _, present := v[d.Name]; !present {
			continue
		}
		for _, name := range d.Required {
			if _, present := v[name]; !present && !containsSorted(sc.hidden, name) {
				return no
			}
		}
	}
	result := yes
	for i := range s.DependentSchemas {
		d := &s.DependentSchemas[i]
		if _, present := v[d.Name]; present && result != no {
			result = result.and(e.apply(v, d.Schema, sc))
		}
	}
	return result
}

func (e *evaluation) unevaluatedProperties(v map[string]any, names []string, s *schema.Schema, sc scope) truth {
	result := yes
	for _, name := range names {
		if containsSorted(sc.hidden, name) {
			continue
		}
		covered := e.coversName(v, name, s, sc, false)
		if covered == yes {
			continue
		}
		result = result.and(covered.or(e.valid(v[name], s.UnevaluatedProperties, sc.role)))
		if result == no {
			return no
		}
	}
	return result
}

// coversName is coversItem for properties.
func (e *evaluation) coversName(v map[string]any, name string, s *schema.Schema, sc scope, nested bool) truth {
	if s.AdditionalProperties != nil || nested && s.UnevaluatedProperties != nil || e.c.property(s, name) != nil {
		return yes
	}
	result := no
	for i := range s.PatternProperties {
		result = result.or(e.c.matches(s.PatternProperties[i].Name, name))
	}
	if result == yes {
		return yes
	}
	return result.or(e.coversBelow(v, s, sc, func(within *schema.Schema) truth {
		return e.coversName(v, name, within, sc, true)
	}))
}

// manyProperties is from how many properties on an index pays.
const manyProperties = 16

// property is Schema.Property, indexed for large objects.
func (c *Checker) property(s *schema.Schema, name string) *schema.Schema {
	if len(s.Properties) < manyProperties {
		return s.Property(name)
	}
	index, ok := c.indexes[s]
	if !ok {
		index = make(map[string]*schema.Schema, len(s.Properties))
		for _, p := range slices.Backward(s.Properties) {
			index[p.Name] = p.Schema
		}
		c.indexes[s] = index
	}
	return index[name]
}
