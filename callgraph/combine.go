package callgraph

import (
	"math/bits"
	"slices"
	"strings"
)

// A table is a Value that is being put together, by the key of the target.
type table map[string]Row

func (t table) value() Value {
	v := Value{Rows: make([]Row, 0, len(t))}
	for _, r := range t {
		v.Rows = append(v.Rows, r)
	}
	sortRows(v.Rows)
	return v
}

func sortRows(rows []Row) {
	slices.SortFunc(rows, func(a, b Row) int { return strings.Compare(a.identity(), b.identity()) })
}

// sequence is what all of parts send, one after the other or concurrently.
func sequence(parts []Value) Value {
	parts = slices.DeleteFunc(slices.Clone(parts), func(v Value) bool { return len(v.Rows) == 0 })
	if len(parts) == 1 {
		return parts[0]
	}
	all := table{}
	around := failuresAround(parts)
	for i, part := range parts {
		for _, r := range part.Rows {
			r.Others |= around(i, r.identity())
			all.merge(r, inSequence)
		}
	}
	return all.value()
}

// A source is a target in a part that passes up a failure.
type source struct {
	part int
	key  string
}

// failuresAround tells for a part and a target in it which failures of other
// targets the other parts pass up.
func failuresAround(parts []Value) func(part int, key string) ModeSet {
	var byMode [32][]source
	for i, part := range parts {
		for j := range part.Rows {
			r := &part.Rows[j]
			if !r.Target.failsOthers() {
				continue
			}
			s := source{i, r.identity()}
			r.passes().each(func(m ModeSet) {
				bit := bits.TrailingZeros32(uint32(m))
				byMode[bit] = s.addTo(byMode[bit])
			})
		}
	}
	return func(part int, key string) ModeSet {
		var seen ModeSet
		for bit, sources := range byMode {
			if slices.ContainsFunc(sources, func(s source) bool { return s.part != part && s.key != key }) {
				seen |= 1 << bit
			}
		}
		return seen
	}
}

// failsOthers reports whether failures of the target count for its neighbours.
// Of what is out of sight it is not assumed that it sends anything, except for
// parameters, whose value the callers know.
func (t *Target) failsOthers() bool {
	return t.Kind == Operation || t.Kind == OpenParam
}

// addTo keeps of all sources those that are enough to tell, for any part and
// target, whether one has another part and another target. Two of the same part
// or target are enough of it; five, of which no three share one, hold three that
// differ in both (Kőnig), and a question rules out two of those at most.
func (s source) addTo(list []source) []source {
	samePart, sameKey := 0, 0
	for _, have := range list {
		if have == s {
			return list
		}
		if have.part == s.part {
			samePart++
		}
		if have.key == s.key {
			sameKey++
		}
	}
	if samePart >= 2 || sameKey >= 2 || len(list) >= 5 {
		return list
	}
	return append(list, s)
}

// sum adds up values whose rows know already what happens around them.
func sum(parts []Value) Value {
	all := table{}
	for _, part := range parts {
		for _, r := range part.Rows {
			all.merge(r, inSequence)
		}
	}
	return all.value()
}

// alternative is what one of parts sends, whichever sends most.
func alternative(parts []Value) Value {
	if len(parts) == 1 {
		return parts[0]
	}
	all := table{}
	for _, part := range parts {
		for _, r := range part.Rows {
			all.merge(r, inAlternative)
		}
	}
	return all.value()
}

// A way of combining two rows of one target.
type combination struct {
	figure func(f, g Figure) Figure
	wall   func(w, v Wall) Wall
	wide   func(m, n Count) Count
}

var (
	inSequence    = combination{Figure.Add, Wall.plus, Count.plus}
	inAlternative = combination{Figure.Max, Wall.max, func(m, n Count) Count { return max(m, n) }}
)

func (t table) merge(r Row, how combination) {
	have, ok := t[r.identity()]
	if !ok {
		t[r.identity()] = r
		return
	}
	have.Base = how.figure(have.Base, r.Base)
	have.Bystander = how.figure(have.Bystander, r.Bystander)
	have.Others |= r.Others
	have.Wall = how.wall(have.Wall, r.Wall)
	have.Target.Resolved = have.Target.Resolved || r.Target.Resolved
	have.Cases = combineCases(have.Cases, r.Cases, how)
	t[r.identity()] = have
}

// combineCases combines cases of the same ways of failing.
func combineCases(a, b []Case, how combination) []Case {
	var all []Case
	for i := range a {
		for j := range b {
			if m := a[i].Modes & b[j].Modes; m != 0 {
				all = append(all, combineCase(&a[i], &b[j], m, how))
			}
		}
	}
	all = append(all, casesOutside(a, b)...)
	all = append(all, casesOutside(b, a)...)
	return mergeCases(all)
}

func combineCase(a, b *Case, modes ModeSet, how combination) Case {
	c := Case{Modes: modes, Same: a.Same || b.Same, Also: a.Also | b.Also, Path: a.Path}
	c.Hard = how.figure(a.Hard, b.Hard)
	c.setSteady(how.figure(a.steady(), b.steady()))
	if modes&hangs != 0 {
		c.Wide, c.Every = how.wide(max(a.Wide, 1), max(b.Wide, 1)), min(a.Every, b.Every)
		if c.Every == 0 {
			c.Every = a.Every + b.Every // one of them has no end
		}
	}
	if b.Hard.At(1) > a.Hard.At(1) {
		c.Path = b.Path
	}
	return c
}

// casesOutside is what cases say of failures that others do not cover.
func casesOutside(cases, others []Case) []Case {
	var covered ModeSet
	for _, c := range others {
		covered |= c.Modes
	}
	var rest []Case
	for _, c := range cases {
		if c.Modes &^= covered; c.Modes != 0 {
			rest = append(rest, c)
		}
	}
	return rest
}
