package subschema

import (
	"math/big"
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

// A view is what the keywords of a conjunction say together, as far as it can be read off
// without solving anything: bounds on the instances, never too narrow.
type view struct {
	types  schema.Types // what may be; AnyType if nothing is said
	values []any        // if finite: one of these
	finite bool

	bounds      number
	multiples   []*big.Rat
	low, high   *int // length
	items       [2]*int
	members     [2]*int
	required    []string // sorted
	unions      []*schema.Schema
	objectParts []*schema.Schema // parts with properties, patternProperties or additionalProperties
	arrayParts  []*schema.Schema
}

func (m *comparer) viewOf(a *conjunction) *view {
	v := &view{types: schema.AnyType}
	for _, s := range a.parts {
		v.add(m.c, s)
	}
	v.required = sortedSet(v.required)
	return v
}

func (v *view) add(c *Checker, s *schema.Schema) {
	if s.Always != nil && !*s.Always {
		v.types = 0
	}
	if types := effectiveTypes(s); types != 0 {
		v.types &= types
	}
	if values, finite := finiteValues(s); finite && (!v.finite || len(values) < len(v.values)) {
		v.values, v.finite = values, true
	}
	v.bounds.atLeast(s.Minimum, false)
	v.bounds.atLeast(s.ExclusiveMinimum, true)
	v.bounds.atMost(s.Maximum, false)
	v.bounds.atMost(s.ExclusiveMaximum, true)
	if low, high, ranged := c.formatRange(s.Format); ranged {
		v.bounds.atLeast(low, false)
		v.bounds.atMost(high, false)
	}
	if s.MultipleOf != nil {
		v.multiples = append(v.multiples, s.MultipleOf)
	}
	raise(&v.low, s.MinLength)
	lower(&v.high, s.MaxLength)
	raise(&v.items[0], s.MinItems)
	lower(&v.items[1], s.MaxItems)
	raise(&v.members[0], s.MinProperties)
	lower(&v.members[1], s.MaxProperties)
	v.required = append(v.required, s.Required...)
	if len(s.AnyOf) > 0 || len(s.OneOf) > 0 {
		v.unions = append(v.unions, s)
	}
	if s.Properties != nil || s.PatternProperties != nil || s.AdditionalProperties != nil {
		v.objectParts = append(v.objectParts, s)
	}
	if s.Items != nil || s.PrefixItems != nil {
		v.arrayParts = append(v.arrayParts, s)
	}
}

func raise(bound **int, n *int) {
	if n != nil && (*bound == nil || *n > **bound) {
		*bound = n
	}
}

func lower(bound **int, n *int) {
	if n != nil && (*bound == nil || *n < **bound) {
		*bound = n
	}
}

func (v *view) may(types schema.Types) bool { return v.types&types != 0 }

// propertySchemas collects what a conjunction says of one property: the schemas that apply to
// its value. Known says that one of the parts lists it or meets it by a pattern.
func (m *comparer) propertySchemas(v *view, name string) (list []*schema.Schema, known bool) {
	for _, s := range v.objectParts {
		listed := false
		if p := m.c.property(s, name); p != nil {
			list, listed = append(list, p), true
		}
		for i := range s.PatternProperties {
			switch m.c.matches(s.PatternProperties[i].Name, name) {
			case yes:
				list, listed = append(list, s.PatternProperties[i].Schema), true
			case maybe:
				listed = true // then nothing is known of it here, which is never too narrow
			}
		}
		if !listed && s.AdditionalProperties != nil {
			list = append(list, s.AdditionalProperties)
		}
		known = known || listed
	}
	return list, known
}

// itemSchemas collects what a conjunction says of one item.
func (v *view) itemSchemas(i int) []*schema.Schema {
	var list []*schema.Schema
	for _, s := range v.arrayParts {
		switch {
		case i < len(s.PrefixItems):
			list = append(list, s.PrefixItems[i])
		case s.Items != nil:
			list = append(list, s.Items)
		}
	}
	return list
}

// prefix is the number of items that some part treats one by one.
func (v *view) prefix() int {
	n := 0
	for _, s := range v.arrayParts {
		n = max(n, len(s.PrefixItems))
	}
	return n
}

// declares lists the properties that the parts list, sorted.
func (v *view) declares() []string {
	var names []string
	for _, s := range v.objectParts {
		for i := range s.Properties {
			names = append(names, s.Properties[i].Name)
		}
	}
	return sortedSet(names)
}

func (v *view) requires(name string) bool {
	_, found := slices.BinarySearch(v.required, name)
	return found
}
