package netcall

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// evalAlloc describes a struct made in this function, or the variable cell
// that holds a captured or addressed local.
func (prog *program) evalAlloc(v *ssa.Alloc) Value {
	elem := v.Type().Underlying().(*types.Pointer).Elem()
	whole := Value{Kind: pending}
	for _, r := range *v.Referrers() {
		if st, ok := r.(*ssa.Store); ok && st.Addr == v {
			whole = join(whole, prog.eval(st.Val))
		}
	}
	for _, cell := range prog.captured(v) {
		for _, r := range *cell.Referrers() {
			if st, ok := r.(*ssa.Store); ok && st.Addr == cell {
				whole = join(whole, prog.eval(st.Val))
			}
		}
	}
	if _, ok := elem.Underlying().(*types.Struct); !ok {
		return whole
	}
	if whole.Kind == pending || whole.Kind == Zero {
		whole = Value{Kind: Object, Type: qualifiedType(elem), At: posn(prog.pass.Fset, v.Pos())}
	}
	if whole.Kind == Param && setBelow(v) {
		return Value{} // a copy that was changed, as by withDefaults
	}
	if whole.Kind == Object && prog.loose[whole.Type] && leaves(v) {
		whole = whole.opened()
	}
	return prog.refine(v, whole)
}

// leaves reports whether something else than this variable comes to hold the
// address of an object: it is stored, captured or passed on.
func leaves(v ssa.Value) bool {
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			if r.Val == v {
				return true
			}
		case *ssa.MakeClosure, *ssa.MakeInterface, *ssa.MapUpdate, *ssa.Phi, *ssa.Send:
			return true
		case ssa.CallInstruction:
			if ModelOf(r) == nil {
				return true
			}
		}
	}
	return false
}

// setBelow reports whether a field of a struct is stored to, here or by what
// its address is passed to.
func setBelow(v ssa.Value) bool {
	for _, r := range *v.Referrers() {
		if call, ok := r.(ssa.CallInstruction); ok && ModelOf(call) == nil {
			return true
		}
		addr, ok := r.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		for _, rr := range *addr.Referrers() {
			if st, ok := rr.(*ssa.Store); ok && st.Addr == addr {
				return true
			}
		}
	}
	return false
}

// captured returns the free variables that stand for a captured local.
func (prog *program) captured(v ssa.Value) []*ssa.FreeVar {
	var cells []*ssa.FreeVar
	for _, r := range *v.Referrers() {
		mc, ok := r.(*ssa.MakeClosure)
		if !ok {
			continue
		}
		for i, b := range mc.Bindings {
			if b == v {
				cells = append(cells, mc.Fn.(*ssa.Function).FreeVars[i])
			}
		}
	}
	return cells
}

// refineLoads applies what is done to the other loads of the same variable,
// which point to the same object.
func (prog *program) refineLoads(cell *ssa.Alloc, val Value) Value {
	for _, r := range *cell.Referrers() {
		if load, ok := r.(*ssa.UnOp); ok && load.Op == token.MUL {
			val = prog.refine(load, val)
		}
	}
	return val
}

// escapes reports whether an object is handed to code that may set its fields.
func escapes(v ssa.Value) bool {
	if v.Referrers() == nil {
		return true
	}
	for _, r := range *v.Referrers() {
		switch r.(type) {
		case ssa.CallInstruction, *ssa.MakeInterface, *ssa.MakeClosure, *ssa.Store:
			return true
		}
	}
	return false
}
