package netcall

import (
	"time"

	"golang.org/x/tools/go/ssa"
)

// A Limit says what bounds a remote call in time, as far as its own package and
// the facts of others tell.
type Limit struct {
	// Kind is Bounded, Unbounded, Param (only the function's callers bound it),
	// or Unknown.
	Kind Kind
	// Dur is how long a Bounded call may take; 0 if that is not known.
	Dur time.Duration
	// What names what leaves an Unbounded call without limit.
	What string
	// Stream says that the call stays open on purpose.
	Stream bool
}

// LimitOf returns what bounds a remote call of the package.
func (res *Result) LimitOf(call ssa.CallInstruction) Limit {
	if res.pkg == nil {
		return Limit{}
	}
	return res.pkg.limitOf(call)
}

func (prog *program) limitOf(call ssa.CallInstruction) Limit {
	if m := prog.modelAt(call); m != nil {
		if m.Call == nil {
			return Limit{}
		}
		if m.Call.Stream {
			return Limit{Stream: true}
		}
		if d, err := time.ParseDuration(m.Call.Default); err == nil {
			return Limit{Kind: Bounded, Dur: d}
		}
		need := prog.directNeed(call, m, prog.leaf(call, m))
		if need == nil {
			return Limit{}
		}
		return prog.limit(need.AnyOf, need.Rarely)
	}
	sum, root := prog.summaryOf(call)
	if sum == nil || len(sum.Needs) == 0 {
		return Limit{} // perhaps bounded below, perhaps out of sight
	}
	args := prog.arguments(call)
	lift := func(values []Value) []Value {
		lifted := make([]Value, 0, len(values))
		for _, v := range values {
			lifted = append(lifted, v.substitute(root, args).bound())
		}
		return lifted
	}
	worst := prog.limit(lift(sum.Needs[0].AnyOf), lift(sum.Needs[0].Rarely))
	for _, need := range sum.Needs[1:] {
		worst = worst.looser(prog.limit(lift(need.AnyOf), lift(need.Rarely)))
	}
	return worst
}

// limit is what bounds a request that any of some values may bound: the tightest
// of those that do.
func (prog *program) limit(anyOf, rarely []Value) Limit {
	var bound, open, none *Value
	unknown := false
	for i, v := range append(anyOf[:len(anyOf):len(anyOf)], rarely...) {
		if v.Kind == Param {
			v = prog.settle(v)
		}
		switch v.Kind {
		case Bounded:
			if bound == nil || bound.Dur == 0 || v.Dur != 0 && v.Dur < bound.Dur {
				bound = &v
			}
		case Param:
			open = &v
		case Unbounded:
			if none == nil {
				none = &v
			}
		default:
			unknown = unknown || i < len(anyOf)
		}
	}
	switch {
	case bound != nil:
		return Limit{Kind: Bounded, Dur: bound.Dur}
	case unknown:
		return Limit{}
	case open != nil:
		return Limit{Kind: Param}
	case none != nil:
		return Limit{Kind: Unbounded, What: none.What}
	}
	return Limit{}
}

// looser is the limit of two requests of which either may be meant.
func (l Limit) looser(m Limit) Limit {
	rank := func(l Limit) int {
		switch l.Kind {
		case Bounded:
			return 0
		case Param:
			return 1
		case Unbounded:
			return 3
		}
		return 2
	}
	switch {
	case rank(l) > rank(m):
		return l
	case rank(l) < rank(m):
		return m
	case l.Kind == Bounded && (l.Dur == 0 || m.Dur == 0):
		return Limit{Kind: Bounded}
	case l.Dur < m.Dur:
		return m
	}
	return l
}
