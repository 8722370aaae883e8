package subschema

import (
	"slices"

	"github.com/commslint/commslint/openapi/schema"
)

// A branch is one way through the disjunctions of a goal, for one JSON type: what has been
// decided so far. Slices grow by append only and are clipped when a branch is copied, so that a
// copy is cheap and nothing is shared that is written.
type branch struct {
	sv     *solver
	goal   []literal
	kind   kind
	hidden [roleCount][]string
	// unlisted are the properties that the receiver declares, if the reading is tolerant; nil
	// once those that are not sent are known.
	unlisted []string

	seen     []int64
	open     []disjunction
	values   []any // if finite
	finite   bool
	excluded []any
	vague    string // a constraint that could not be read was left out, and why

	number number
	text   text
	array  array
	object object
}

// An alternative is one way to fulfil a disjunction. A constraint returns false if it
// contradicts what the branch knows.
type alternative struct {
	literals    []literal
	constraints []constraint
}

type constraint func(*branch) bool

type disjunction []alternative

func (b *branch) clone() *branch {
	c := *b
	c.seen = slices.Clip(b.seen)
	c.open = slices.Clip(b.open)
	c.values = slices.Clip(b.values)
	c.excluded = slices.Clip(b.excluded)
	c.number = b.number.clone()
	c.text = b.text.clone()
	c.array = b.array.clone()
	c.object = b.object.clone()
	return &c
}

// add takes a literal apart; false if the branch has no instances.
func (b *branch) add(l literal) bool {
	switch b.knows(l) {
	case yes:
		return true
	case no:
		return false
	}
	b.sv.steps -= 1 + len(b.seen)/64
	if b.sv.steps < 0 {
		b.doubt(exhausted.reason)
		return true
	}
	b.seen = append(b.seen, l.code())
	s := b.sv.c.classes.member[l.class]
	if b.sv.c.inPlaceCycle(s) {
		b.doubt("a schema applies itself in place")
		return true
	}
	if l.negated {
		return b.refute(s, l.role)
	}
	return b.assume(s, l.role)
}

// knows says whether a literal was added before, or its opposite. Opposites close the branch
// whatever their roles: the same schema on both sides is never a difference.
func (b *branch) knows(l literal) truth {
	code := l.code()
	for _, seen := range b.seen {
		if seen == code {
			return yes
		}
		if seen>>3 == code>>3 && seen&1 != code&1 {
			return no
		}
	}
	return maybe
}

func (b *branch) addAll(schemas []*schema.Schema, negated bool, r role) bool {
	for _, s := range schemas {
		if !b.add(b.sv.literal(s, negated, r)) {
			return false
		}
	}
	return true
}

// enter applies an alternative.
func (b *branch) enter(a alternative) bool {
	for _, constrain := range a.constraints {
		if !constrain(b) {
			return false
		}
	}
	for _, l := range a.literals {
		if !b.add(l) {
			return false
		}
	}
	return true
}

// require adds a disjunction, or what is left of it at once if that is one alternative or none.
func (b *branch) require(d disjunction) bool {
	switch len(d) {
	case 0:
		return false
	case 1:
		return b.enter(d[0])
	}
	b.open = append(b.open, d)
	return true
}

// run decides the open disjunctions: as long as one has a single alternative left, that one is
// taken; then the branch splits on one with the fewest. Alternatives that contradict what is known
// are found by trying them, and struck out for good: what is known only grows.
func (b *branch) run() solution {
	for {
		if b.sv.steps <= 0 {
			return exhausted
		}
		b.sv.steps--
		if b.finite {
			return b.sv.choose(b.values, b.goal)
		}
		if !b.leaveOut() {
			return none
		}
		if len(b.open) == 0 {
			return b.solve()
		}
		at, alone := b.prune()
		switch {
		case at < 0:
			continue
		case len(b.open[at]) == 0:
			return none
		case alone:
			only := b.open[at][0]
			b.open = slices.Delete(slices.Clone(b.open), at, at+1)
			if !b.enter(only) {
				return none
			}
			continue
		}
		return b.split(at)
	}
}

func (b *branch) split(at int) solution {
	live := b.open[at]
	rest := slices.Clip(slices.Delete(slices.Clone(b.open), at, at+1))
	result := none
	for _, a := range live {
		next := b.clone()
		next.open = rest
		if !next.enter(a) {
			continue
		}
		result = result.or(next.run())
		if result.status == satisfiable || b.sv.steps <= 0 {
			break
		}
	}
	if b.sv.steps <= 0 && result.status != satisfiable {
		return exhausted
	}
	return result
}

// prune strikes out disjunctions that hold and alternatives that cannot. It stops at the first
// disjunction with at most one alternative left, which alone says, and else returns one with the
// fewest; -1 if something was struck out that makes another look necessary, or nothing is left.
func (b *branch) prune() (at int, alone bool) {
	open := make([]disjunction, 0, len(b.open))
	best := -1
	for i, d := range b.open {
		live, satisfied := b.alive(d)
		if satisfied {
			continue
		}
		open = append(open, live)
		if len(live) < 2 {
			b.open = append(open, b.open[i+1:]...)
			return len(open) - 1, len(live) == 1
		}
		if best < 0 || len(live) < len(open[best]) {
			best = len(open) - 1
		}
	}
	b.open = open
	return best, false
}

func (b *branch) alive(d disjunction) (live disjunction, satisfied bool) {
	live = make(disjunction, 0, len(d))
	for _, a := range d {
		switch b.foresee(a) {
		case yes:
			return nil, true
		case maybe:
			b.sv.steps--
			if b.sv.steps < 0 || b.clone().enter(a) {
				live = append(live, a)
			}
		}
	}
	return live, false
}

// foresee says whether an alternative holds already or cannot hold, without taking its
// schemas apart.
func (b *branch) foresee(a alternative) truth {
	result := yes
	if len(a.constraints) > 0 {
		result = maybe
	}
	for _, l := range a.literals {
		t := b.knows(l)
		if t == maybe {
			t = b.typeOf(l)
		}
		if result = result.and(t); result == no {
			return no
		}
	}
	return result
}

// typeOf compares the keyword type of a literal's schema with the branch's type.
func (b *branch) typeOf(l literal) truth {
	s := b.sv.c.classes.member[l.class]
	if s.Types != 0 && s.Types&b.kind.types() == 0 {
		return truthOf(l.negated)
	}
	return maybe
}

// solve is the end of a branch: only constraints of one type are left.
func (b *branch) solve() solution {
	var result solution
	switch b.kind {
	case kindNull:
		result = b.pickFrom(nil)
	case kindBoolean:
		result = b.pickFrom(true, false)
	case kindNumber:
		result = b.solveNumber()
	case kindString:
		result = b.solveText()
	case kindArray:
		result = b.solveArray()
	default:
		result = b.solveObject()
	}
	if result.status == satisfiable && b.vague != "" {
		if b.sv.fulfils(result.witness, b.goal) == yes {
			return result
		}
		return solution{status: undecided, reason: b.vague, open: result.open}
	}
	return result
}

func (b *branch) pickFrom(values ...any) solution {
	for _, v := range values {
		if !b.excludes(v) {
			return found(v)
		}
	}
	return none
}

func (b *branch) excludes(v any) bool {
	if len(b.excluded) == 0 {
		return false
	}
	text := canonical(v)
	return slices.ContainsFunc(b.excluded, func(other any) bool { return canonical(other) == text })
}

// restrict leaves only the given values.
func (b *branch) restrict(values []any) {
	if !b.finite || len(values) < len(b.values) {
		b.values, b.finite = values, true
	}
}

// exclude removes values.
func (b *branch) exclude(values []any) bool {
	for _, v := range values {
		if kindOf(v) == b.kind {
			b.excluded = append(b.excluded, v)
		}
	}
	return true
}
