package netcall

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/rules/clients"
)

// callResult describes the i-th result of a call.
func (prog *program) callResult(call *ssa.Call, i int) Value {
	t := resultType(call, i)
	if t == nil || !carriesBound(t) {
		return Value{}
	}
	if m := prog.modelAt(call); m != nil {
		return prog.modelledResult(call, m, i, t)
	}
	sum, root := prog.summaryOf(call)
	if sum != nil && i < len(sum.Results) && sum.Results[i].Kind != Unknown {
		return sum.Results[i].substitute(root, prog.arguments(call))
	}
	if sum == nil && typequery.IsContext(t) {
		return prog.derivedContext(call)
	}
	return Value{}
}

func resultType(call *ssa.Call, i int) types.Type {
	res := call.Common().Signature().Results()
	if i >= res.Len() {
		return nil
	}
	return res.At(i).Type()
}

// modelledResult applies a library model: a result that several expressions
// speak of is bounded if any of them is.
func (prog *program) modelledResult(call *ssa.Call, m *clients.Func, i int, t types.Type) Value {
	out, found := Value{}, false
	for _, r := range m.Result {
		if r.Index != i {
			continue
		}
		val := prog.boundExpr(call, r.Bound, t)
		if m.Call != nil {
			val = prog.sentOver(call, m, val)
		}
		if !found || val.outranks(out) {
			out, found = val, true
		}
	}
	if found {
		return prog.cancelled(call, i, t, out)
	}
	if fn := Callee(call); fn != nil && fn.Pkg() != nil {
		if lib := clients.LookupLibrary(fn.Pkg().Path()); lib != nil && lib.Transparent {
			return prog.passedThrough(call, t)
		}
	}
	return Value{}
}

// outranks reports whether v says more than w of a value that both of them may
// bound: one bound is enough, and what is not known may be one.
func (v Value) outranks(w Value) bool {
	rank := func(v Value) int {
		return slices.Index([]Kind{Unbounded, Param, Unknown, Bounded}, v.bound().Kind)
	}
	return rank(v) > rank(w)
}

// sentOver takes into account what seldom bounds a call for the value that the
// call returns: a transaction is bounded by its database's own time limit.
func (prog *program) sentOver(call *ssa.Call, m *clients.Func, val Value) Value {
	for _, op := range m.Call.Rarely {
		switch prog.operandBound(call, op).Kind {
		case Bounded:
			return bounded(0)
		case Unbounded:
		default:
			val = val.weakened()
		}
	}
	return val
}

// cancelled weakens a context made by WithCancel whose cancel function is
// handed to a timer or another function: that may well be its time limit.
func (prog *program) cancelled(call *ssa.Call, i int, t types.Type, val Value) Value {
	if i != 0 || val.Kind != Unbounded || !typequery.IsContext(t) {
		return val
	}
	for _, r := range *call.Referrers() {
		part, ok := r.(*ssa.Extract)
		switch {
		case !ok:
		case part.Index == 1 && handedOn(part), part.Index == 0 && runsBeside(part):
			return Value{}
		case part.Index == 1 && kept(part):
			val = val.weakened()
		}
	}
	return val
}

// kept reports whether a function value is stored in a field: who calls it, and
// when, is out of sight.
func kept(fn ssa.Value) bool {
	for _, use := range *fn.Referrers() {
		if st, ok := use.(*ssa.Store); ok && st.Val == fn {
			if _, local := st.Addr.(*ssa.Alloc); !local {
				return true
			}
		}
	}
	return false
}

// runsBeside reports whether a context is captured by a function literal, as by
// a goroutine whose caller waits for it beside a timer and then cancels.
func runsBeside(ctx ssa.Value) bool {
	for _, use := range *ctx.Referrers() {
		switch use := use.(type) {
		case *ssa.MakeClosure:
			return true
		case *ssa.Store:
			if cell, ok := use.Addr.(*ssa.Alloc); ok && captures(cell) {
				return true
			}
		}
	}
	return false
}

// handedOn reports whether a function value is captured or passed to a call.
func handedOn(fn ssa.Value) bool {
	for _, use := range *fn.Referrers() {
		switch use := use.(type) {
		case *ssa.MakeClosure:
			return true
		case *ssa.Return:
			return true
		case *ssa.Store:
			// A captured variable lives in a cell.
			if cell, ok := use.Addr.(*ssa.Alloc); ok && use.Val == fn && captures(cell) {
				return true
			}
		case *ssa.ChangeType:
			if handedOn(use) {
				return true
			}
		case ssa.CallInstruction:
			if slices.Contains(use.Common().Args, fn) {
				return true
			}
		}
	}
	return false
}

func captures(cell *ssa.Alloc) bool {
	for _, use := range *cell.Referrers() {
		if _, ok := use.(*ssa.MakeClosure); ok {
			return true
		}
	}
	return false
}

// passedThrough is the value of the operand that has the result's type.
func (prog *program) passedThrough(call *ssa.Call, t types.Type) Value {
	for _, a := range call.Common().Args {
		if types.Identical(a.Type(), t) {
			return prog.eval(a)
		}
	}
	return Value{}
}

// derivedContext describes a context made by a function of which nothing is
// known: contexts are derived from contexts, so it is bounded if its parent
// is. If the parent is not, the function may have set a deadline itself.
func (prog *program) derivedContext(call *ssa.Call) Value {
	args := call.Common().Args
	for _, a := range args {
		if typequery.IsContext(a.Type()) {
			val := prog.eval(a)
			if val.Kind == Unbounded {
				val.Weak = true
			}
			return val
		}
	}
	return Value{}
}

// implementations maps the methods of this package's interfaces to those of
// the only concrete type of this package that is converted to the interface.
func (prog *program) implementations() map[*types.Func]*ssa.Function {
	if prog.impls != nil {
		return prog.impls
	}
	prog.impls = make(map[*types.Func]*ssa.Function)
	concrete := make(map[*types.Named]types.Type)
	mixed := prog.mixedByFields()
	for _, fn := range prog.res.Funcs {
		prog.mixedByParams(fn, mixed)
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				switch instr := instr.(type) {
				case *ssa.ChangeInterface, *ssa.TypeAssert:
					// It may hold a type of another package.
					if iface, ok := types.Unalias(instr.(ssa.Value).Type()).(*types.Named); ok {
						mixed[iface] = true
					}
				}
				mi, ok := instr.(*ssa.MakeInterface)
				if !ok {
					continue
				}
				iface, ok := types.Unalias(mi.Type()).(*types.Named)
				if !ok || iface.Obj().Pkg() != prog.pass.Pkg {
					continue
				}
				if t, ok := concrete[iface]; ok && !types.Identical(t, mi.X.Type()) {
					mixed[iface] = true
				}
				concrete[iface] = mi.X.Type()
			}
		}
	}
	for iface, t := range concrete {
		if !mixed[iface] {
			prog.implement(iface, t)
		}
	}
	return prog.impls
}

// mixedByFields returns the interfaces of exported fields, in which callers
// elsewhere may store implementations of their own.
func (prog *program) mixedByFields() map[*types.Named]bool {
	mixed := make(map[*types.Named]bool)
	scope := prog.pass.Pkg.Scope()
	for _, name := range scope.Names() {
		s, ok := scope.Lookup(name).Type().Underlying().(*types.Struct)
		if !ok {
			continue
		}
		for f := range s.Fields() {
			if iface, ok := types.Unalias(f.Type()).(*types.Named); ok && f.Exported() && types.IsInterface(iface) {
				mixed[iface] = true
			}
		}
	}
	return mixed
}

// mixedByParams marks the interfaces of which callers elsewhere may pass
// implementations of their own.
func (prog *program) mixedByParams(fn *ssa.Function, mixed map[*types.Named]bool) {
	obj := fn.Object()
	if obj == nil || !obj.Exported() {
		return
	}
	for p := range fn.Signature.Params().Variables() {
		if iface, ok := types.Unalias(p.Type()).(*types.Named); ok && types.IsInterface(iface) {
			mixed[iface] = true
		}
	}
}

func (prog *program) implement(iface *types.Named, t types.Type) {
	set := types.NewMethodSet(t)
	for m := range iface.Underlying().(*types.Interface).Methods() {
		sel := set.Lookup(m.Pkg(), m.Name())
		if sel == nil {
			continue
		}
		fn, ok := sel.Obj().(*types.Func)
		if !ok || fn.Pkg() != prog.pass.Pkg || m.Pkg() != prog.pass.Pkg {
			continue
		}
		if impl := prog.res.Pkg.Prog.FuncValue(fn.Origin()); impl != nil && impl.Blocks != nil {
			prog.impls[m] = impl
		}
	}
}
