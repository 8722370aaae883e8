package subschema

import (
	"math/big"
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

// A check compares one part of b, keyword by keyword, with all of a. A keyword that a's view
// implies is done; what lies deeper becomes an edge; the rest is asked of the solver.
type check struct {
	m      *comparer
	p      *pair
	b      *schema.Schema
	view   *view
	hidden []string
	// expand says that a keyword is not implied by what a says outside of its unions, so that
	// each branch of one of them has to be looked at.
	expand bool
}

func (k *check) run() {
	if k.view.types == 0 {
		return // a has no instances
	}
	if k.view.finite {
		k.finite()
		return
	}
	k.keywords()
	if k.expand {
		k.branches()
	}
}

func (k *check) keywords() {
	b, v := k.b, k.view
	if b.Always != nil && !*b.Always {
		k.ask("", "", b)
		return
	}
	if b.Unresolved != "" {
		k.ask("", "", &schema.Schema{Unresolved: b.Unresolved})
	}
	k.values()
	if v.may(schema.Number | schema.Integer) {
		k.numbers()
	}
	if v.may(schema.String) {
		k.strings()
	}
	if v.may(schema.Array) {
		k.arrays()
	}
	if v.may(schema.Object) {
		k.objects()
	}
	k.logic()
}

// ask puts one keyword to the solver: restricted is b with this keyword alone. If a has a union
// left, its branches are compared first.
func (k *check) ask(keyword, name string, restricted *schema.Schema) {
	if k.union() != nil {
		k.expand = true
		return
	}
	k.m.ask(k.p, k.b, keyword, name, restricted)
}

// sameIn says whether some part of a has the same restriction: then it is implied.
func (k *check) sameIn(keyword string, restrict func(*schema.Schema) *schema.Schema) bool {
	restricted := func(s *schema.Schema) class {
		key := restrictedKey{s, keyword}
		id, known := k.m.restricted[key]
		if !known {
			id = k.m.c.classes.get(restrict(s))
			k.m.restricted[key] = id
		}
		return id
	}
	want := restricted(k.b)
	return slices.ContainsFunc(k.p.a.parts, func(s *schema.Schema) bool { return restricted(s) == want })
}

// finite evaluates a's values. The keyword at fault is looked for one by one.
func (k *check) finite() {
	allowed, part := true, k.partOf(k.b)
	for _, v := range k.view.values {
		if k.m.c.evaluate(v, part, k.p.dir, receiver) != yes {
			allowed = false
		}
	}
	if allowed {
		return
	}
	if k.b.Enum != nil {
		k.m.ask(k.p, k.b, "enum", "", &schema.Schema{Enum: k.b.Enum})
	}
	if k.b.Const != nil {
		k.m.ask(k.p, k.b, "const", "", &schema.Schema{Const: k.b.Const})
	}
	if k.b.Types != 0 {
		k.m.ask(k.p, k.b, "type", "", &schema.Schema{Types: k.b.Types})
	}
	rest := *part
	rest.Enum, rest.Const, rest.Types = nil, nil, 0
	if !acceptsAll(&rest) {
		k.m.ask(k.p, k.b, k.firstKeyword(), "", &rest)
	}
}

// partOf is a schema without $ref and allOf, which are compared on their own; only the
// unevaluated… keywords need to see them.
func (k *check) partOf(s *schema.Schema) *schema.Schema {
	if s.Ref == nil && len(s.AllOf) == 0 || s.UnevaluatedItems != nil || s.UnevaluatedProperties != nil {
		return s
	}
	part := *s
	part.Ref, part.AllOf = nil, nil
	return &part
}

// firstKeyword names the keyword of b that a value most likely fails at.
func (k *check) firstKeyword() string {
	b := k.b
	for _, candidate := range [...]struct {
		keyword string
		present bool
	}{
		{"anyOf", b.AnyOf != nil}, {"oneOf", b.OneOf != nil}, {"not", b.Not != nil}, {"pattern", b.Pattern != nil},
		{"maxLength", b.MaxLength != nil}, {"minLength", b.MinLength != nil}, {"minimum", b.Minimum != nil},
		{"maximum", b.Maximum != nil}, {"multipleOf", b.MultipleOf != nil}, {"format", b.Format != ""},
		{"required", b.Required != nil}, {"properties", b.Properties != nil}, {"if", b.If != nil},
	} {
		if candidate.present {
			return candidate.keyword
		}
	}
	return ""
}

func (k *check) values() {
	b, v := k.b, k.view
	if types := effectiveTypes(b); types != 0 && v.types&^types != 0 {
		k.ask("type", "", &schema.Schema{Types: b.Types})
	}
	if b.Enum != nil {
		k.ask("enum", "", &schema.Schema{Enum: b.Enum})
	}
	if b.Const != nil {
		k.ask("const", "", &schema.Schema{Const: b.Const})
	}
}

func (k *check) numbers() {
	b, v := k.b, &k.view.bounds
	if b.Minimum == nil && b.Maximum == nil && b.ExclusiveMinimum == nil && b.ExclusiveMaximum == nil &&
		b.MultipleOf == nil && b.Format == "" {
		return
	}
	inside := func(bound *schema.Schema) bool { // is the interval of a within the bound?
		if bound.Minimum != nil && (v.low == nil || v.low.Cmp(bound.Minimum) < 0) {
			return false
		}
		if bound.ExclusiveMinimum != nil {
			if v.low == nil {
				return false
			}
			order := v.low.Cmp(bound.ExclusiveMinimum)
			return order > 0 || order == 0 && v.openLow
		}
		if bound.Maximum != nil && (v.high == nil || v.high.Cmp(bound.Maximum) > 0) {
			return false
		}
		if bound.ExclusiveMaximum != nil {
			if v.high == nil {
				return false
			}
			order := v.high.Cmp(bound.ExclusiveMaximum)
			return order < 0 || order == 0 && v.openHigh
		}
		return true
	}
	for _, bound := range [...]struct {
		keyword string
		present bool
		s       schema.Schema
	}{
		{"minimum", b.Minimum != nil, schema.Schema{Minimum: b.Minimum}},
		{"exclusiveMinimum", b.ExclusiveMinimum != nil, schema.Schema{ExclusiveMinimum: b.ExclusiveMinimum}},
		{"maximum", b.Maximum != nil, schema.Schema{Maximum: b.Maximum}},
		{"exclusiveMaximum", b.ExclusiveMaximum != nil, schema.Schema{ExclusiveMaximum: b.ExclusiveMaximum}},
	} {
		if bound.present && !inside(&bound.s) {
			k.ask(bound.keyword, "", &bound.s)
		}
	}
	if b.MultipleOf != nil && !slices.ContainsFunc(k.view.multiples, func(r *big.Rat) bool { return isMultiple(r, b.MultipleOf) }) {
		k.ask("multipleOf", "", &schema.Schema{MultipleOf: b.MultipleOf})
	}
	if low, high, ranged := k.m.c.formatRange(b.Format); ranged {
		if !inside(&schema.Schema{Minimum: low}) || !inside(&schema.Schema{Maximum: high}) {
			k.ask("format", "", &schema.Schema{Format: b.Format})
		}
	}
}

func (k *check) strings() {
	b, v := k.b, k.view
	if b.MinLength != nil && *b.MinLength > 0 && (v.low == nil || *v.low < *b.MinLength) {
		k.ask("minLength", "", &schema.Schema{MinLength: b.MinLength})
	}
	if b.MaxLength != nil && (v.high == nil || *v.high > *b.MaxLength) {
		k.ask("maxLength", "", &schema.Schema{MaxLength: b.MaxLength})
	}
	if b.Pattern != nil && !slices.ContainsFunc(k.p.a.parts, func(s *schema.Schema) bool {
		return s.Pattern != nil && *s.Pattern == *b.Pattern
	}) {
		k.ask("pattern", "", &schema.Schema{Pattern: b.Pattern})
	}
	format := k.m.c.stringFormat(b.Format)
	if format != "" && !slices.ContainsFunc(k.p.a.parts, func(s *schema.Schema) bool { return s.Format == format }) {
		k.ask("format", "", &schema.Schema{Format: format})
	}
}
