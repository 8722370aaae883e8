package netcall

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/rules/clients"
)

// refine returns val after what the function around v does to it: fields that
// are stored through it, and calls that limit it ("c.SetTimeout(d)"). The order
// of instructions is not looked at: a client that is bounded somewhere in the
// function that builds it counts as bounded.
func (prog *program) refine(v ssa.Value, val Value) Value {
	refs := v.Referrers()
	if refs == nil || val.Kind == pending || val.Kind == Zero || val.Kind == Slice || val.Kind == Function {
		return val
	}
	var stores []storeBelow
	for _, r := range *refs {
		prog.total++
		switch r := r.(type) {
		case *ssa.FieldAddr:
			if r.X == v && val.Kind == Object {
				stores = append(stores, prog.storesBelow(r, nil, 0)...)
			}
		case *ssa.Store:
			if r.Addr == v && isStructCopy(v, r) {
				val = join(val, prog.eval(r.Val))
			}
		}
	}
	val = prog.applyStores(val, stores)
	for _, r := range *refs {
		switch r := r.(type) {
		case *ssa.MakeInterface:
			val = prog.refine(r, val)
		case ssa.CallInstruction:
			val = prog.refineCall(r, v, val)
		}
	}
	return val
}

// isStructCopy reports whether a store replaces the struct that a pointer from
// elsewhere points to; the cell of a local variable is evalAlloc's concern.
func isStructCopy(v ssa.Value, st *ssa.Store) bool {
	if _, local := v.(*ssa.Alloc); local {
		return false
	}
	_, ok := st.Val.Type().Underlying().(*types.Struct)
	return ok
}

// applyStores applies what is stored below a value. The order of instructions
// is not looked at, so several stores to one field are alternatives.
func (prog *program) applyStores(val Value, stores []storeBelow) Value {
	for i, s := range stores {
		if slices.ContainsFunc(stores[:i], func(t storeBelow) bool { return slices.Equal(s.path, t.path) }) {
			continue
		}
		if s.through != nil && val.fieldPath(s.through).Kind == Zero {
			// It points somewhere, so it was set out of sight.
			val = val.with(s.through, Value{})
		}
		stored := Value{Kind: pending}
		for _, t := range stores[i:] {
			if slices.Equal(s.path, t.path) {
				stored = join(stored, prog.storedValue(t))
			}
		}
		val = val.with(s.path, stored)
	}
	return val
}

func (prog *program) storedValue(s storeBelow) Value {
	if s.val == nil {
		return Value{}
	}
	return prog.eval(s.val)
}

type storeBelow struct {
	path    []string
	through []string  // the pointer on the path; nil if there is none
	val     ssa.Value // nil if code out of sight stores there
}

func (prog *program) storesBelow(addr *ssa.FieldAddr, prefix []string, depth int) []storeBelow {
	path := append(append([]string(nil), prefix...), fieldName(addr.X.Type(), addr.Field))
	var found []storeBelow
	if depth > 2 {
		return nil
	}
	for _, r := range *addr.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			if r.Addr == addr {
				found = append(found, storeBelow{path: path, val: r.Val})
			}
		case *ssa.FieldAddr: // a struct held by value
			found = append(found, prog.storesBelow(r, path, depth+1)...)
		case ssa.CallInstruction: // its address is passed: &c.http
			found = append(found, prog.storesByCall(r, addr, path)...)
		case *ssa.MakeInterface:
			found = append(found, storeBelow{path: append(path, anyField)})
		case *ssa.UnOp: // a struct pointed to
			if r.Op != token.MUL {
				continue
			}
			for _, rr := range *r.Referrers() {
				if fa, ok := rr.(*ssa.FieldAddr); ok && fa.X == r {
					for _, s := range prog.storesBelow(fa, path, depth+1) {
						s.through = path
						found = append(found, s)
					}
				}
			}
		}
	}
	return found
}

// storesByCall is what a call does to a field whose address it gets.
func (prog *program) storesByCall(call ssa.CallInstruction, addr *ssa.FieldAddr, path []string) []storeBelow {
	if ModelOf(call) != nil {
		return nil
	}
	sum, _ := prog.summaryOf(call)
	if sum == nil && call.Common().StaticCallee() != nil && mayMatter(addr.Type()) {
		if _, isStruct := addr.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Struct); isStruct {
			return nil // a method of a library that is known to do nothing
		}
	}
	var found []storeBelow
	if sum == nil {
		return []storeBelow{{path: path}}
	}
	for _, s := range sum.Sets {
		if operandValue(call, s.Param) == addr {
			found = append(found, storeBelow{path: append(slices.Clip(path), s.Path...)})
		}
	}
	return found
}

// refineCall applies what a call does to its operand v.
func (prog *program) refineCall(call ssa.CallInstruction, v ssa.Value, val Value) Value {
	if m := ModelOf(call); m != nil {
		for _, s := range m.Sets {
			if Operand(call, s.Target) == v {
				val = prog.applySet(val, fieldList(s), prog.boundExpr(call, s.Bound, nil))
			}
		}
		return val
	}
	if val.Kind != Object || val.Type == "" && val.At == (Posn{}) {
		return val
	}
	if sum, root := prog.summaryOf(call); sum != nil {
		for _, s := range sum.Sets {
			if operandValue(call, s.Param) == v {
				val = prog.applySet(val, s.Path, s.Value.substitute(root, prog.arguments(call)))
			}
		}
	}
	if fn := prog.eval(call.Common().Value); call.Common().StaticCallee() == nil && len(call.Common().Args) > 0 {
		val = prog.applyDynamic(call, v, val, fn)
	}
	return val
}

// applySet records that the part of val at path became so bounded.
func (prog *program) applySet(val Value, path []string, bound Value) Value {
	if len(path) > 0 {
		return val.with(path, bound)
	}
	bound = bound.bound()
	if val.Kind == Object {
		if bound.Kind == Bounded || bound.Kind == Unknown || val.Base == nil {
			val.Base = &bound
		}
		return val
	}
	if bound.Kind == Bounded || val.Kind == Unbounded && bound.Kind == Unknown {
		return bound
	}
	return val
}

// applyDynamic applies the call of a function value, or of a method on an
// interface, to its argument v: a functional option.
func (prog *program) applyDynamic(call ssa.CallInstruction, v ssa.Value, val, fn Value) Value {
	passed := false
	for _, a := range call.Common().Args {
		passed = passed || a == v
	}
	element := fn.Kind == Param && len(fn.Path) > 0 && fn.Path[len(fn.Path)-1] == "[]"
	switch {
	case !passed:
	case fn.Kind == Function || element || fn.Kind == Param && !call.Common().IsInvoke():
		return val.applyOption(fn)
	case !call.Common().IsInvoke():
		return val.applyOption(Value{}) // an option of which nothing is known
	case CanBound(val.Type):
		return val.opened() // whatever is called may bound it
	}
	return val
}

// arguments evaluates the arguments of a call, the receiver first.
func (prog *program) arguments(call ssa.CallInstruction) []Value {
	var args []Value
	common := call.Common()
	if common.IsInvoke() {
		args = append(args, prog.eval(common.Value))
	}
	for _, a := range common.Args {
		args = append(args, prog.eval(a))
	}
	return args
}

// operandValue returns the i-th argument of a call, the receiver being the 0th.
func operandValue(call ssa.CallInstruction, i int) ssa.Value {
	common := call.Common()
	if common.IsInvoke() {
		if i == 0 {
			return common.Value
		}
		i--
	}
	if i < len(common.Args) {
		return common.Args[i]
	}
	return nil
}

func fieldList(s clients.Set) []string {
	var path []string
	start := 0
	for i := 0; i <= len(s.Field); i++ {
		if i == len(s.Field) || s.Field[i] == '.' {
			if i > start {
				path = append(path, s.Field[start:i])
			}
			start = i + 1
		}
	}
	return path
}
