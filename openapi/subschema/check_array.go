package subschema

import (
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

func (k *check) arrays() {
	b, v := k.b, k.view
	if b.MinItems != nil && *b.MinItems > 0 && (v.items[0] == nil || *v.items[0] < *b.MinItems) {
		k.ask("minItems", "", &schema.Schema{MinItems: b.MinItems})
	}
	if b.MaxItems != nil && (v.items[1] == nil || *v.items[1] > *b.MaxItems) {
		k.ask("maxItems", "", &schema.Schema{MaxItems: b.MaxItems})
	}
	if b.UniqueItems && !slices.ContainsFunc(k.p.a.parts, func(s *schema.Schema) bool { return s.UniqueItems }) {
		k.ask("uniqueItems", "", &schema.Schema{UniqueItems: true})
	}
	for i, item := range b.PrefixItems {
		k.item(i, item, &schema.Schema{PrefixItems: append(anything(i), item)})
	}
	if b.Items != nil && !acceptsAll(b.Items) {
		k.rest()
	}
	if b.Contains != nil {
		k.unlessSame("contains", func(s *schema.Schema) *schema.Schema {
			return &schema.Schema{Contains: s.Contains, MinContains: s.MinContains, MaxContains: s.MaxContains}
		})
	}
	if b.UnevaluatedItems != nil && !acceptsAll(b.UnevaluatedItems) {
		restricted := &schema.Schema{
			PrefixItems: anything(len(b.PrefixItems)), Contains: b.Contains, UnevaluatedItems: b.UnevaluatedItems,
		}
		if b.Contains != nil {
			zero := 0
			restricted.MinContains = &zero
		}
		if b.Items != nil {
			restricted.Items = trueSchema
		}
		k.ask("unevaluatedItems", "", k.evaluating(restricted))
	}
}

func anything(n int) []*schema.Schema {
	return slices.Repeat([]*schema.Schema{trueSchema}, n)
}

// rest compares the items behind b's prefix: those that a treats one by one, then the others.
func (k *check) rest() {
	b := k.b
	first := len(b.PrefixItems)
	last := max(first, k.view.prefix())
	for i := first; i < last; i++ {
		k.item(i, b.Items, &schema.Schema{PrefixItems: append(anything(i), b.Items)})
	}
	k.item(last, b.Items, &schema.Schema{PrefixItems: anything(last), Items: b.Items})
}

// item compares what a says of an item with what b says. For the items behind every prefix, one
// stands for all.
func (k *check) item(i int, b *schema.Schema, restricted *schema.Schema) {
	if acceptsAll(b) || k.view.items[1] != nil && *k.view.items[1] <= i {
		return
	}
	list := k.view.itemSchemas(i)
	if slices.ContainsFunc(list, acceptsNone) {
		return
	}
	if a := k.m.conjoin(list...); len(a.roots) > 0 {
		k.m.connect(k.p, edge{kind: edgeItem, index: i}, a, b, false)
		return
	}
	k.ask("items", "", restricted)
}
