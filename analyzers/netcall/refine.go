package netcall

import (
	"go/token"

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
	for _, r := range *refs {
		prog.total++
		switch r := r.(type) {
		case *ssa.FieldAddr:
			if r.X == v {
				val = prog.refineField(r, val)
			}
		case ssa.CallInstruction:
			val = prog.refineCall(r, v, val)
		}
	}
	return val
}

// refineField applies the stores through a field address, to the field itself
// or to a field of the struct that it holds or points to.
func (prog *program) refineField(addr *ssa.FieldAddr, val Value) Value {
	if val.Kind != Object {
		return val
	}
	for _, s := range prog.storesBelow(addr, nil, 0) {
		if s.through != nil && val.fieldPath(s.through).Kind == Zero {
			// It points somewhere, so it was set out of sight.
			val = val.with(s.through, Value{})
		}
		val = val.with(s.path, prog.eval(s.val))
	}
	return val
}

type storeBelow struct {
	path    []string
	through []string // the pointer on the path; nil if there is none
	val     ssa.Value
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
	if val.Kind == Object {
		if bound.Kind == Bounded || val.Base == nil {
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
	if passed && (fn.Kind == Function || element || fn.Kind == Param && !call.Common().IsInvoke()) {
		return val.applyOption(fn)
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
