package constflow

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// Origins returns the values that v may be before it was passed around in the
// package: calls of functions out of sight, literals, constants, parameters
// that others pass. Unlike [Tracer.Values] it is for values that are no
// constants, such as options.
func (t *Tracer) Origins(v ssa.Value) []ssa.Value {
	w := &originWalk{t: t, seen: make(map[ssa.Value]bool)}
	w.value(v)
	return w.found
}

// Before returns the values that v may have been one step before: what is
// stored where it is loaded from, what is passed for a parameter, what a
// function of the package returns. There are none where a value begins. The
// second result reports whether it can have been no others.
func (t *Tracer) Before(v ssa.Value) (from []ssa.Value, complete bool) {
	w := &originWalk{t: t}
	from = w.before(v)
	return from, len(from) > 0 && len(w.found) == 0
}

// AllOrigins is Origins, and reports whether v can have no others: whether no
// variable or field on the way may be set by code out of sight.
func (t *Tracer) AllOrigins(v ssa.Value) (origins []ssa.Value, complete bool) {
	w := &originWalk{t: t, seen: make(map[ssa.Value]bool)}
	w.value(v)
	return w.found, !w.open
}

// Elements returns the origins of the elements of a slice, such as a variadic
// parameter, that is built in the package, and whether it has no others.
func (t *Tracer) Elements(slice ssa.Value) (elems []ssa.Value, complete bool) {
	w := &originWalk{t: t, seen: make(map[ssa.Value]bool)}
	complete = w.slice(slice)
	return w.found, complete
}

type originWalk struct {
	t     *Tracer
	seen  map[ssa.Value]bool
	found []ssa.Value
	open  bool // something on the way may be set by code out of sight
}

func (w *originWalk) values(vs []ssa.Value) {
	for _, v := range vs {
		w.value(v)
	}
}

func (w *originWalk) value(v ssa.Value) {
	if w.seen[v] {
		return
	}
	w.seen[v] = true
	if from := w.before(v); len(from) > 0 {
		w.values(from)
		return
	}
	w.found = append(w.found, v)
}

// before returns what a value was one step earlier; nothing if it begins here.
func (w *originWalk) before(v ssa.Value) []ssa.Value {
	switch v := v.(type) {
	case *ssa.Phi:
		return v.Edges
	case *ssa.MakeInterface:
		return []ssa.Value{v.X}
	case *ssa.ChangeInterface:
		return []ssa.Value{v.X}
	case *ssa.ChangeType:
		return []ssa.Value{v.X}
	case *ssa.TypeAssert:
		return []ssa.Value{v.X}
	case *ssa.Parameter:
		args, complete := w.t.arguments(v)
		if !complete {
			w.found = append(w.found, v)
		}
		return args
	case *ssa.FreeVar:
		return w.t.captured(v)
	case *ssa.Call:
		if fn := v.Call.StaticCallee(); fn != nil {
			return returned(fn, 0)
		}
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok && call.Call.StaticCallee() != nil {
			return returned(call.Call.StaticCallee(), v.Index)
		}
	case *ssa.UnOp:
		if v.Op == token.MUL {
			w.open = w.open || w.t.settable(v.X)
			return w.t.storedAt(v.X)
		}
	}
	return nil
}

// settable reports whether code out of sight may store at an address.
func (t *Tracer) settable(addr ssa.Value) bool {
	switch addr := addr.(type) {
	case *ssa.Global:
		return t.pkg == nil || addr.Pkg != t.pkg || token.IsExported(addr.Name()) && !t.isMain()
	case *ssa.FieldAddr:
		return t.setElsewhere(fieldOf(addr))
	}
	return false
}

// storedAt returns what the package stores at an address.
func (t *Tracer) storedAt(addr ssa.Value) (vals []ssa.Value) {
	switch addr := addr.(type) {
	case *ssa.Alloc, *ssa.Global:
		for _, u := range t.uses(addr) {
			if st, ok := u.Instruction.(*ssa.Store); ok && st.Addr == u.addr {
				vals = append(vals, st.Val)
			}
		}
	case *ssa.FreeVar:
		for _, b := range t.captured(addr) {
			vals = append(vals, t.storedAt(b)...)
		}
	case *ssa.FieldAddr:
		for _, fa := range t.index().fields[fieldOf(addr)] {
			for _, r := range *fa.Referrers() {
				if st, ok := r.(*ssa.Store); ok && st.Addr == fa {
					vals = append(vals, st.Val)
				}
			}
		}
	}
	return vals
}

// slice adds the elements of a slice and reports whether these are all.
func (w *originWalk) slice(v ssa.Value) bool {
	if w.seen[v] {
		return true
	}
	w.seen[v] = true
	switch v := v.(type) {
	case *ssa.Const: // nil
		return true
	case *ssa.Slice:
		if array, ok := v.X.(*ssa.Alloc); ok {
			w.values(elements(array))
			return true
		}
		return w.slice(v.X)
	case *ssa.MakeSlice:
		return true
	case *ssa.Call:
		if b, ok := v.Call.Value.(*ssa.Builtin); ok && b.Name() == "append" {
			return w.slice(v.Call.Args[0]) && w.slice(v.Call.Args[1])
		}
	case *ssa.Parameter:
		args, complete := w.t.arguments(v)
		return w.slices(args) && complete
	}
	from := w.before(v)
	return w.slices(from) && len(from) > 0
}

func (w *originWalk) slices(vs []ssa.Value) bool {
	all := true
	for _, v := range vs {
		all = w.slice(v) && all
	}
	return all
}

// PassedOut returns a call that passes an object to code that may change it: to
// a function value, or to a function out of sight that harmless does not
// accept. It returns nil if there is none.
func (t *Tracer) PassedOut(obj Object, harmless func(ssa.CallInstruction) bool) ssa.CallInstruction {
	for _, call := range t.index().outside {
		if harmless(call) {
			continue
		}
		for _, arg := range call.Common().Args {
			if arg.Type() == nil || structOf(arg.Type()) != obj.structType() {
				continue
			}
			if objs, _ := t.Objects(arg); slices.Contains(objs, obj) {
				return call
			}
		}
	}
	return nil
}
