package constflow

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// fieldIn follows a field of a struct value.
func (e *eval) fieldIn(v ssa.Value, field *types.Var, f *frame) Set {
	switch v := v.(type) {
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return e.fieldAt(v.X, field, f)
		}
	case *ssa.Const:
		if val := zero(field.Type()); val != nil {
			return Set{e.known(val)}
		}
	case *ssa.Call:
		if fn := v.Call.StaticCallee(); fn != nil {
			return e.fieldOfResults(v, returned(fn, 0), field, f)
		}
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok && call.Call.StaticCallee() != nil {
			return e.fieldOfResults(call, returned(call.Call.StaticCallee(), v.Index), field, f)
		}
	}
	return unknown(Field, field.Pos())
}

func (e *eval) fieldOfResults(call *ssa.Call, results []ssa.Value, field *types.Var, f *frame) Set {
	if len(results) == 0 {
		return unknown(Result, call.Pos())
	}
	in := &frame{fn: origin(call.Call.StaticCallee()), call: call, outer: f}
	if f != nil {
		in.depth = f.depth + 1
	}
	if in.depth >= maxFrames {
		return unknown(Result, call.Pos())
	}
	var set Set
	for _, r := range results {
		set = append(set, e.fieldIn(r, field, in)...)
	}
	return distinct(set)
}

// fieldAt follows a field of the struct that a pointer refers to: what the
// package stores in it, for those objects that the pointer may refer to.
func (e *eval) fieldAt(base ssa.Value, field *types.Var, f *frame) Set {
	objs, complete := e.t.Objects(base)
	var set Set
	if !complete {
		set = append(set, Value{Source: Field, Pos: field.Pos()})
	}
	if len(objs) == 0 {
		if e.t.setElsewhere(field) {
			return set
		}
		// An unexported field of whatever object: all that the package stores.
		for _, st := range e.fieldStores(field) {
			set = append(set, e.values(st.Val, f.of(st.Parent()))...)
		}
		return distinct(set)
	}
	for _, obj := range objs {
		set = append(set, e.fieldOfObject(obj, field, f)...)
	}
	return distinct(set)
}

func (e *eval) fieldStores(field *types.Var) (stores []*ssa.Store) {
	for _, fa := range e.t.index().fields[field] {
		for _, r := range *fa.Referrers() {
			if st, ok := r.(*ssa.Store); ok && st.Addr == fa {
				stores = append(stores, st)
			}
		}
	}
	return stores
}

func (e *eval) fieldOfObject(obj Object, field *types.Var, f *frame) Set {
	defer func(at ssa.Instruction) { e.at = at }(e.at)
	uses, overwritten := e.t.FieldUses(obj, field.Name())
	var set Set
	for _, u := range uses {
		if u.Store != nil {
			e.at = u.Store
			set = append(set, e.values(u.Store.Val, f.of(u.Store.Parent()))...)
			continue
		}
		set = append(set, e.addressTaken(u.Addr, f)...)
	}
	if overwritten || e.decoded(obj) {
		set = append(set, Value{Source: Field, Pos: field.Pos()})
	}
	if len(set) == 0 {
		if val := zero(field.Type()); val != nil {
			v := whole(val)
			v.Pos = obj.Pos()
			return Set{v}
		}
	}
	return set
}

// addressTaken says what may be set through the address of a field.
func (e *eval) addressTaken(addr *ssa.FieldAddr, f *frame) (set Set) {
	for _, r := range *addr.Referrers() {
		switch r := r.(type) {
		case *ssa.Store, *ssa.UnOp, *ssa.DebugRef, *ssa.FieldAddr, *ssa.IndexAddr:
		default:
			set = append(set, e.stored(use{r, addr}, f)...)
		}
	}
	return set
}

// decoded reports whether an object is handed to code out of sight that may
// fill it in, as decoders and configuration loaders do. Structs of other
// packages are not filled in by those who merely use them.
func (e *eval) decoded(obj Object) bool {
	named, ok := types.Unalias(obj.typ()).(*types.Named)
	if ok && (e.t.pkg == nil || named.Obj().Pkg() != e.t.pkg.Pkg) {
		return false
	}
	return slices.ContainsFunc(e.t.objectUses(obj), func(u use) bool {
		switch instr := u.Instruction.(type) {
		case *ssa.MakeInterface:
			return true
		case ssa.CallInstruction:
			fn := instr.Common().StaticCallee()
			return fn == nil || len(origin(fn).Blocks) == 0
		}
		return false
	})
}
