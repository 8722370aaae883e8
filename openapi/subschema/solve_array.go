package subschema

import (
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

// maxItems bounds the arrays that are built.
const maxItems = 1000

// solveArray tries lengths from the shortest on. A solution longer than the fixed positions and
// the items that lower bounds of counts need can be shortened: an item behind the fixed
// positions that no lower bound needs can be removed without disturbing anything else. So only
// lengths up to that sum have to be tried, two more if two items shall be equal.
func (b *branch) solveArray() solution {
	a := &b.array
	if a.unique && a.repeated {
		return none
	}
	longest := 0
	for _, shape := range a.shapes {
		longest = max(longest, len(shape.first))
	}
	needed := 0
	for _, p := range a.pinned {
		longest = max(longest, p.index+1)
	}
	for _, c := range a.counted {
		longest = max(longest, c.from)
		needed += c.low
	}
	if a.repeated {
		needed += 2
	}
	last := max(a.low, longest+needed)
	if a.bounded {
		last = min(last, a.high)
	}
	if a.low > maxItems {
		return unknown("the shortest witness has more than 1,000 items")
	}
	result := none
	for n := a.low; n <= min(last, maxItems); n++ {
		result = result.or(b.arrayOf(n))
		if result.status == satisfiable {
			return result
		}
		if b.sv.steps <= 0 {
			return exhausted
		}
	}
	if last > maxItems {
		return result.or(unknown("the shortest witness may have more than 1,000 items"))
	}
	return result
}

// arraySearch fills the positions of an array of one length.
type arraySearch struct {
	b     *branch
	items [][]literal // what each position must fulfil
	count []int       // by counted: how many positions were chosen to fulfil it
	first int         // the two positions that are equal; -1 if none
	other int
}

func (b *branch) arrayOf(n int) solution {
	s := &arraySearch{b: b, items: make([][]literal, n), count: make([]int, len(b.array.counted)), first: -1}
	for i := range s.items {
		s.items[i] = b.itemLiterals(i)
	}
	if !b.array.repeated {
		return s.place(0)
	}
	result := none
	for i := range n {
		for j := i + 1; j < n; j++ {
			s.first, s.other = i, j
			result = result.or(s.place(0))
			if result.status == satisfiable || b.sv.steps <= 0 {
				return result
			}
		}
	}
	return result
}

func (b *branch) itemLiterals(i int) []literal {
	var list []literal
	for _, shape := range b.array.shapes {
		switch {
		case i < len(shape.first):
			list = append(list, shape.first[i])
		case shape.has:
			list = append(list, shape.rest)
		}
	}
	for _, p := range b.array.pinned {
		if p.index == i {
			list = append(list, p.literal)
		}
	}
	return list
}

// place decides for position i which counted literals it fulfils, then goes on to the next.
func (s *arraySearch) place(i int) solution {
	if s.b.sv.steps <= 0 {
		return exhausted
	}
	s.b.sv.steps--
	if i == len(s.items) {
		for c, counted := range s.b.array.counted {
			if s.count[c] < counted.low {
				return none
			}
		}
		return s.values()
	}
	return s.decide(i, 0)
}

// decide goes through the counted literals for position i. One without upper bound needs only
// the positions that are chosen for it; one with an upper bound must know of every position.
func (s *arraySearch) decide(i, c int) solution {
	if c == len(s.b.array.counted) {
		at := s.b.sv.solve(s.items[i])
		if at.status == unsatisfiable {
			return at
		}
		return at.andThen(s.place(i + 1))
	}
	counted := s.b.array.counted[c]
	if i < counted.from {
		return s.decide(i, c+1)
	}
	before := s.items[i]
	result := none
	if counted.low-s.count[c] <= len(s.items)-i-1 {
		if counted.bounded {
			s.items[i] = append(slices.Clip(before), counted.literal.not())
		}
		result = s.decide(i, c+1)
		s.items[i] = before
	}
	mayCount := !counted.bounded && s.count[c] < counted.low || counted.bounded && s.count[c] < counted.high
	if result.status != satisfiable && mayCount {
		s.items[i] = append(slices.Clip(before), counted.literal)
		s.count[c]++
		result = result.or(s.decide(i, c+1))
		s.count[c]--
		s.items[i] = before
	}
	return result
}

// andThen is the answer of t, which only holds as far as s does.
func (s solution) andThen(t solution) solution {
	low := min(s.open, t.open)
	if s.status == undecided && t.status == satisfiable {
		t = s
	}
	t.open = low
	return t
}

// values solves all positions.
func (s *arraySearch) values() solution {
	if s.first >= 0 {
		both := append(slices.Clip(s.items[s.first]), s.items[s.other]...)
		if joined := s.b.sv.solve(both); joined.status != satisfiable {
			return joined
		}
	}
	witness := make([]any, len(s.items))
	for i := range s.items {
		goal := s.items[i]
		if i == s.first || i == s.other && s.first >= 0 {
			goal = append(slices.Clip(s.items[s.first]), s.items[s.other]...)
		}
		item := s.b.sv.solve(goal)
		if item.status == satisfiable && s.b.array.unique && i > 0 {
			item = s.distinct(i, witness[:i], item)
		}
		if item.status != satisfiable {
			return item
		}
		witness[i] = item.witness
	}
	return found(witness)
}

// distinct finds a value for position i unlike those before it. Taking the first that comes is
// complete where all positions have the same literals; elsewhere a failure proves nothing.
func (s *arraySearch) distinct(i int, before []any, first solution) solution {
	text := canonical(first.witness)
	if !slices.ContainsFunc(before, func(v any) bool { return canonical(v) == text }) {
		return first
	}
	other := s.b.sv.literal(&schema.Schema{Enum: slices.Clone(before)}, true, neutral)
	item := s.b.sv.solve(append(slices.Clip(s.items[i]), other))
	if item.status == unsatisfiable && slices.ContainsFunc(s.items[:i], func(list []literal) bool {
		return !slices.Equal(list, s.items[i])
	}) {
		return unknown("the items may not be distinct")
	}
	return item
}
