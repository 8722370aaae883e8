package subschema

import "github.com/commslint/commslint/openapi/schema"

func (e *evaluation) array(v []any, s *schema.Schema, sc scope) truth {
	if s.MinItems != nil && len(v) < *s.MinItems || s.MaxItems != nil && len(v) > *s.MaxItems {
		return no
	}
	if s.UniqueItems && !unique(v) {
		return no
	}
	result := yes
	for i, item := range v {
		if result == no {
			return no
		}
		switch {
		case i < len(s.PrefixItems):
			result = result.and(e.valid(item, s.PrefixItems[i], sc.role))
		case s.Items != nil:
			result = result.and(e.valid(item, s.Items, sc.role))
		}
	}
	if s.Contains != nil && result != no {
		result = result.and(e.contains(v, s, sc))
	}
	if s.UnevaluatedItems != nil && result != no {
		result = result.and(e.unevaluatedItems(v, s, sc))
	}
	return result
}

func unique(v []any) bool {
	seen := make(map[string]bool, len(v))
	for _, item := range v {
		text := canonical(item)
		if seen[text] {
			return false
		}
		seen[text] = true
	}
	return true
}

func (e *evaluation) contains(v []any, s *schema.Schema, sc scope) truth {
	sure, unsure := 0, 0
	for _, item := range v {
		switch e.valid(item, s.Contains, sc.role) {
		case yes:
			sure++
		case maybe:
			unsure++
		}
	}
	low := minContains(s)
	switch {
	case sure+unsure < low || s.MaxContains != nil && sure > *s.MaxContains:
		return no
	case sure < low || s.MaxContains != nil && sure+unsure > *s.MaxContains:
		return maybe
	}
	return yes
}

func minContains(s *schema.Schema) int {
	if s.MinContains != nil {
		return *s.MinContains
	}
	return 1
}

func (e *evaluation) unevaluatedItems(v []any, s *schema.Schema, sc scope) truth {
	result := yes
	for i := range v {
		covered := e.coversItem(v, i, s, sc, false)
		if covered == yes {
			continue
		}
		result = result.and(covered.or(e.valid(v[i], s.UnevaluatedItems, sc.role)))
		if result == no {
			return no
		}
	}
	return result
}

// coversItem says whether a schema evaluates the item, given that the instance is valid against
// it. Own unevaluatedItems count for schemas within (nested), not for the one that asks.
func (e *evaluation) coversItem(v []any, i int, s *schema.Schema, sc scope, nested bool) truth {
	if i < len(s.PrefixItems) || s.Items != nil || nested && s.UnevaluatedItems != nil {
		return yes
	}
	result := no
	if s.Contains != nil {
		result = e.valid(v[i], s.Contains, sc.role)
	}
	return result.or(e.coversBelow(v, s, sc, func(within *schema.Schema) truth {
		return e.coversItem(v, i, within, sc, true)
	}))
}

// coversBelow asks the schemas applied in place, those that are valid, whether they cover.
func (e *evaluation) coversBelow(v any, s *schema.Schema, sc scope, covers func(*schema.Schema) truth) truth {
	e.steps--
	if e.steps < 0 {
		return maybe
	}
	result := no
	if s.Ref != nil {
		result = covers(s.Ref)
	}
	for _, part := range s.AllOf {
		result = result.or(covers(part))
	}
	for _, branches := range [...][]*schema.Schema{s.AnyOf, s.OneOf} {
		for _, branch := range branches {
			if result == yes {
				return yes
			}
			if covered := covers(branch); covered != no {
				result = result.or(covered.and(e.apply(v, branch, sc)))
			}
		}
	}
	if s.If != nil && result != yes {
		result = result.or(e.conditionCovers(v, s, sc, covers))
	}
	object, isObject := v.(map[string]any)
	for i := range s.DependentSchemas {
		d := &s.DependentSchemas[i]
		if _, present := object[d.Name]; isObject && present {
			result = result.or(covers(d.Schema))
		}
	}
	return result
}

func (e *evaluation) conditionCovers(v any, s *schema.Schema, sc scope, covers func(*schema.Schema) truth) truth {
	holds := e.apply(v, s.If, sc)
	result := covers(s.If).and(holds)
	if s.Then != nil {
		result = result.or(covers(s.Then).and(holds))
	}
	if s.Else != nil {
		result = result.or(covers(s.Else).and(holds.not()))
	}
	return result
}
