package netcall

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/rules/clients"
)

// A Call is a call instruction that puts requests on the wire, itself or
// through the functions it calls.
type Call struct {
	ssa.CallInstruction
	Callee *types.Func // the function or interface method called; never nil
	// Model describes the callee if it is a modelled library function that
	// sends a request itself; nil if the request is further down.
	Model *clients.Func
	// Leaf is the request that is sent: this call's own, or one of those
	// below it.
	Leaf Leaf
}

// A Leaf is a place where a request goes on the wire, as seen from a call that
// leads there.
type Leaf struct {
	Protocol string // as in clients.Call
	Callee   string // full name of the library function: "(*net/http.Client).Do"
	Op       string // operation as far as it is known: "GET", "/pay.v1.Payments/Charge"
	At       Posn   // of the library call
	Via      []Step // the calls between, outermost first; empty for a direct call
	Stream   bool
}

// A Step is one call on the way to a Leaf.
type Step struct {
	Func string // the function called
	At   Posn   // where it calls on
}

// A Posn is a source position that survives export in a fact.
type Posn struct {
	File      string
	Line, Col int
}

// Operand returns the value that an operand of a library model names at a call:
// nil if the call has no such value. For "args2" it is the whole variadic slice
// or the first of the remaining arguments.
func Operand(call ssa.CallInstruction, op clients.Operand) ssa.Value {
	common := call.Common()
	args := common.Args
	if common.IsInvoke() {
		if op == "recv" {
			return common.Value
		}
	} else if common.Signature().Recv() != nil {
		if len(args) == 0 {
			return nil
		}
		if op == "recv" {
			return args[0]
		}
		args = args[1:]
	}
	if i, ok := operandIndex(op); ok && i < len(args) {
		return args[i]
	}
	return nil
}

func operandIndex(op clients.Operand) (int, bool) {
	s := string(op)
	for _, prefix := range []string{"args", "arg"} {
		if len(s) == len(prefix)+1 && s[:len(prefix)] == prefix && '0' <= s[len(prefix)] && s[len(prefix)] <= '9' {
			return int(s[len(prefix)] - '0'), true
		}
	}
	return 0, false
}

// Callee returns the function or interface method that a call names, nil for
// calls of function values and builtins.
func Callee(call ssa.CallInstruction) *types.Func {
	common := call.Common()
	if common.IsInvoke() {
		return common.Method.Origin()
	}
	if fn := common.StaticCallee(); fn != nil && !isBound(fn) {
		if obj, ok := fn.Object().(*types.Func); ok {
			return obj.Origin()
		}
		if origin := fn.Origin(); origin != nil {
			if obj, ok := origin.Object().(*types.Func); ok {
				return obj
			}
		}
	}
	return nil
}

// isBound reports whether a function is the wrapper of a method value ("f :=
// c.Do"), whose calls do not show the receiver among their arguments.
func isBound(fn *ssa.Function) bool {
	return strings.HasPrefix(fn.Synthetic, "bound method wrapper")
}

// ModelOf returns the library model of the function that a call names, or nil.
func ModelOf(call ssa.CallInstruction) *clients.Func {
	fn := Callee(call)
	if fn == nil {
		return nil
	}
	// A value's own type goes before the one that declares the method: what
	// a Redis client sends, a pipeline only queues.
	if common := call.Common(); common.IsInvoke() {
		if n, ok := types.Unalias(common.Value.Type()).(*types.Named); ok && n.Obj().Pkg() != nil {
			if m := clients.LookupFunc(n.Obj().Pkg().Path(), n.Obj().Name(), fn.Name()); m != nil {
				return m
			}
		}
	}
	return Model(fn)
}

// Model returns the library model of a function or method, or nil.
func Model(fn *types.Func) *clients.Func {
	if fn.Pkg() == nil {
		return nil
	}
	recv := ""
	if r := fn.Signature().Recv(); r != nil {
		recv = typeName(r.Type())
	}
	return clients.LookupFunc(fn.Pkg().Path(), recv, fn.Name())
}

// typeName returns the name of a named type or of what it points to, or "".
func typeName(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// HasRole reports whether a model marks its function with a role; false for nil.
func HasRole(model *clients.Func, role clients.Role) bool {
	if model == nil {
		return false
	}
	for _, r := range model.Roles {
		if r == role {
			return true
		}
	}
	return false
}
