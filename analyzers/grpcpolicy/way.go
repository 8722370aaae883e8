package grpcpolicy

import (
	"go/constant"
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
)

// A way is one list that a slice may hold: some options are added on some paths
// only. A nil value stands for elements that are out of sight, and the result of
// a function out of sight, or a parameter, for all elements of the slice that it
// is.
type way []ssa.Value

// maxWays limits how many ways are told apart. More of them than this count as
// one whose elements are unknown.
const maxWays = 24

// A wayWalk finds the ways of a slice.
type wayWalk struct {
	r *Result
	// busy holds what is known so far of the slices being followed: a loop adds
	// to what its slice held before.
	busy map[ssa.Value][]way
}

func (r *Result) ways(slice ssa.Value) []way {
	w := &wayWalk{r: r, busy: make(map[ssa.Value][]way)}
	return w.of(slice)
}

func (w *wayWalk) of(v ssa.Value) []way {
	if known, ok := w.busy[v]; ok {
		return known
	}
	w.busy[v] = nil
	defer delete(w.busy, v)
	if w.r.ownParam(v) > 0 {
		return []way{{v}}
	}
	switch v := v.(type) {
	case *ssa.Const:
		return []way{{}}
	case *ssa.MakeSlice:
		if n, ok := v.Len.(*ssa.Const); ok && n.Value != nil && constant.Sign(n.Value) == 0 {
			return []way{{}}
		}
		return []way{{nil}}
	case *ssa.Slice:
		if array, ok := v.X.(*ssa.Alloc); ok {
			return []way{elements(array)}
		}
		return w.of(v.X)
	case *ssa.Call:
		if b, ok := v.Call.Value.(*ssa.Builtin); ok && b.Name() == "append" {
			return cross(w.of(v.Call.Args[0]), w.of(v.Call.Args[1]))
		}
		if lists, ok := w.joined(v); ok {
			return lists
		}
	}
	return w.before(v)
}

func (w *wayWalk) before(v ssa.Value) []way {
	from, complete := w.r.tracer.Before(v)
	switch v.(type) {
	case *ssa.Call, *ssa.Extract:
		if !complete {
			return []way{{v}}
		}
	}
	if !complete {
		w.busy[v] = []way{{nil}}
	}
	for _, f := range from {
		w.busy[v] = distinct(append(w.busy[v], w.of(f)...))
	}
	return w.busy[v]
}

// joined follows the functions of package slices that make slices of slices.
func (w *wayWalk) joined(call *ssa.Call) ([]way, bool) {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "slices" {
		return nil, false
	}
	switch fn.Name() {
	case "Clone", "Clip", "Grow":
		return w.of(call.Call.Args[0]), true
	case "Concat":
		all := []way{{}}
		for _, parts := range w.of(call.Call.Args[0]) {
			for _, part := range parts {
				if part == nil {
					return []way{{nil}}, true
				}
				all = cross(all, w.of(part))
			}
		}
		return all, true
	}
	return nil, false
}

// elements lists what is stored in an array, by index.
func elements(array *ssa.Alloc) way {
	type element struct {
		index int64
		val   ssa.Value
	}
	var found []element
	for _, ref := range *array.Referrers() {
		at, ok := ref.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		for _, ref := range *at.Referrers() {
			st, ok := ref.(*ssa.Store)
			if !ok || st.Addr != at {
				continue
			}
			index, known := at.Index.(*ssa.Const)
			if !known {
				return way{nil}
			}
			found = append(found, element{index.Int64(), st.Val})
		}
	}
	slices.SortStableFunc(found, func(a, b element) int { return int(a.index - b.index) })
	list := make(way, len(found))
	for i, e := range found {
		list[i] = e.val
	}
	return list
}

// cross appends each way of b to each way of a.
func cross(a, b []way) (all []way) {
	for _, first := range a {
		for _, second := range b {
			all = append(all, slices.Concat(first, second))
		}
	}
	return distinct(all)
}

func distinct(ways []way) (out []way) {
	for _, l := range ways {
		if !slices.ContainsFunc(out, func(o way) bool { return slices.Equal(o, l) }) {
			out = append(out, l)
		}
	}
	if len(out) > maxWays {
		return []way{{nil}}
	}
	return out
}

// stringOrigins returns the values that a string or its bytes may come from.
func (r *Result) stringOrigins(v ssa.Value) (found []ssa.Value) {
	seen := make(map[ssa.Value]bool)
	var walk func(ssa.Value)
	walk = func(v ssa.Value) {
		if seen[v] {
			return
		}
		seen[v] = true
		if c, ok := v.(*ssa.Convert); ok {
			walk(c.X)
			return
		}
		if load, ok := v.(*ssa.UnOp); ok && load.Op == token.MUL && r.embedded(load.X) != "" {
			found = append(found, v)
			return
		}
		from, complete := r.tracer.Before(v)
		if !complete {
			found = append(found, v)
		}
		for _, f := range from {
			walk(f)
		}
	}
	walk(v)
	return found
}
