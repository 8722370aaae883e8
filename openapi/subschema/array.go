package subschema

import (
	"math"
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

// array is what a branch knows of an array.
type array struct {
	low      int
	high     int
	bounded  bool
	unique   bool
	repeated bool // two items are equal
	shapes   []itemShape
	counted  []counted
	pinned   []pinned
}

// An itemShape gives a literal to every item: one each for the first ones, one for the rest.
type itemShape struct {
	first []literal
	rest  literal
	has   bool // rest is there
}

// counted says that among the items from an index on, at least low and (if bounded) at most
// high fulfil a literal.
type counted struct {
	from    int
	literal literal
	low     int
	high    int
	bounded bool
}

// pinned says that an item exists and fulfils a literal.
type pinned struct {
	index   int
	literal literal
}

func (a array) clone() array {
	a.shapes = slices.Clip(a.shapes)
	a.counted = slices.Clip(a.counted)
	a.pinned = slices.Clip(a.pinned)
	return a
}

func (a *array) atMost(n int) bool {
	if !a.bounded || n < a.high {
		a.high, a.bounded = n, true
	}
	return a.low <= a.high
}

func (a *array) atLeast(n int) bool {
	a.low = max(a.low, n)
	return !a.bounded || a.low <= a.high
}

func (b *branch) assumeArray(s *schema.Schema, r role) bool {
	a := &b.array
	if s.MinItems != nil && !a.atLeast(*s.MinItems) || s.MaxItems != nil && !a.atMost(*s.MaxItems) {
		return false
	}
	a.unique = a.unique || s.UniqueItems
	if len(s.PrefixItems) > 0 || s.Items != nil {
		shape := itemShape{}
		for _, item := range s.PrefixItems {
			shape.first = append(shape.first, b.sv.literal(item, false, r))
		}
		if s.Items != nil {
			shape.rest, shape.has = b.sv.literal(s.Items, false, r), true
		}
		a.shapes = append(a.shapes, shape)
	}
	if s.Contains != nil {
		c := counted{literal: b.sv.literal(s.Contains, false, r), low: minContains(s)}
		if s.MaxContains != nil {
			c.high, c.bounded = *s.MaxContains, true
		}
		a.counted = append(a.counted, c)
	}
	if s.UnevaluatedItems != nil {
		covers, reason := b.coversItems(s, r)
		return b.requireCovers(covers, reason, func(cover cover) constraint {
			return func(b *branch) bool { return b.restItems(cover, s.UnevaluatedItems, r) }
		})
	}
	return true
}

// restItems applies unevaluatedItems to the items that a cover leaves: those that match no
// contains within it either.
func (b *branch) restItems(c cover, s *schema.Schema, r role) bool {
	if c.all {
		return true
	}
	shape := itemShape{has: true}
	free := b.sv.literal(trueSchema, false, neutral)
	for range c.items {
		shape.first = append(shape.first, free)
	}
	shape.rest = b.sv.literal(&schema.Schema{AnyOf: append(slices.Clone(c.contains), s)}, false, r)
	b.array.shapes = append(b.array.shapes, shape)
	return true
}

func (b *branch) refuteArray(s *schema.Schema, r role) disjunction {
	var d disjunction
	keyword := func(constrain constraint) {
		d = append(d, alternative{constraints: []constraint{constrain}})
	}
	if s.MinItems != nil && *s.MinItems > 0 {
		keyword(func(b *branch) bool { return b.array.atMost(*s.MinItems - 1) })
	}
	if s.MaxItems != nil && *s.MaxItems < math.MaxInt {
		keyword(func(b *branch) bool { return b.array.atLeast(*s.MaxItems + 1) })
	}
	if s.UniqueItems {
		keyword(func(b *branch) bool {
			b.array.repeated = true
			return !b.array.unique && b.array.atLeast(2)
		})
	}
	for i, item := range s.PrefixItems {
		p := pinned{index: i, literal: b.sv.literal(item, true, r)}
		keyword(func(b *branch) bool {
			b.array.pinned = append(b.array.pinned, p)
			return b.array.atLeast(i + 1)
		})
	}
	if s.Items != nil {
		c := counted{from: len(s.PrefixItems), literal: b.sv.literal(s.Items, true, r), low: 1}
		keyword(func(b *branch) bool { return b.count(c) })
	}
	if s.Contains != nil {
		d = append(d, b.refuteContains(s, r)...)
	}
	if s.UnevaluatedItems != nil {
		d = append(d, b.uncoveredItem(s, r)...)
	}
	return d
}

func (b *branch) count(c counted) bool {
	b.array.counted = append(b.array.counted, c)
	return c.low == 0 || b.array.atLeast(c.from+1)
}

func (b *branch) refuteContains(s *schema.Schema, r role) disjunction {
	var d disjunction
	item := b.sv.literal(s.Contains, false, r)
	if low := minContains(s); low > 0 {
		few := counted{literal: item, high: low - 1, bounded: true}
		d = append(d, alternative{constraints: []constraint{func(b *branch) bool { return b.count(few) }}})
	}
	if s.MaxContains != nil && *s.MaxContains < math.MaxInt {
		many := counted{literal: item, low: *s.MaxContains + 1}
		d = append(d, alternative{constraints: []constraint{func(b *branch) bool { return b.count(many) }}})
	}
	return d
}

// uncoveredItem: some item that a cover leaves is not valid against unevaluatedItems.
func (b *branch) uncoveredItem(s *schema.Schema, r role) disjunction {
	covers, reason := b.coversItems(s, r)
	if reason != "" {
		return disjunction{withDoubt(reason)}
	}
	var d disjunction
	for _, c := range covers {
		if c.all {
			continue
		}
		left := &schema.Schema{AnyOf: append(slices.Clone(c.contains), s.UnevaluatedItems)}
		some := counted{from: c.items, literal: b.sv.literal(left, true, r), low: 1}
		d = append(d, c.alternative(func(b *branch) bool { return b.count(some) }))
	}
	return d
}
