package plaintext

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
)

// defaultClient are the functions that always use http.DefaultClient.
var defaultClient = []string{"net/http.Get", "net/http.Head", "net/http.Post", "net/http.PostForm"}

// redirected reports whether a request may go elsewhere than its URL says: it
// is made by package net/http, with a client of the program's own, and the
// package has a transport with a dialer of its own. Requests and the clients
// that send them often meet only in a struct, so the package is the boundary.
func (c *checker) redirected(call ssa.CallInstruction) bool {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "net/http" {
		return false
	}
	return !slices.Contains(defaultClient, fn.FullName()) && c.dials()
}

// ownDialer reports whether one of some functions sets the dialer of an
// http.Transport to one that does not simply dial the address of the URL.
func ownDialer(tracer *constflow.Tracer, funcs []*ssa.Function) bool {
	for _, fn := range funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				st, ok := instr.(*ssa.Store)
				if ok && isDialField(st.Addr) && slices.ContainsFunc(tracer.Origins(st.Val), goesElsewhere) {
					return true
				}
			}
		}
	}
	return false
}

func isDialField(addr ssa.Value) bool {
	fa, ok := addr.(*ssa.FieldAddr)
	if !ok || types.TypeString(fa.X.Type(), nil) != "*net/http.Transport" {
		return false
	}
	name := fa.X.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Struct).Field(fa.Field).Name()
	return name == "Dial" || name == "DialContext"
}

// goesElsewhere reports whether a dialer may dial something else than the
// address it is given. One that cannot be looked into may.
func goesElsewhere(dialer ssa.Value) bool {
	switch v := dialer.(type) {
	case *ssa.Const: // nil
		return false
	case *ssa.MakeClosure:
		return goesElsewhere(v.Fn)
	case *ssa.ChangeType:
		return goesElsewhere(v.X)
	case *ssa.Function:
		obj, ok := v.Object().(*types.Func)
		if ok && obj.Pkg() != nil && obj.Pkg().Path() == "net" {
			return false
		}
		if ok && v.Prog.FuncValue(obj) != nil {
			v = v.Prog.FuncValue(obj) // v may be the wrapper that a method value stands for
		}
		return !dialsParameter(v)
	}
	return true
}

// dialsParameter reports whether a function hands its last parameter, the
// address, on to a function that dials, and does not dial a unix socket.
func dialsParameter(fn *ssa.Function) bool {
	if len(fn.Params) == 0 {
		return false
	}
	address, handsOn := ssa.Value(fn.Params[len(fn.Params)-1]), false
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok || netcall.Callee(call) == nil || !strings.HasPrefix(netcall.Callee(call).Name(), "Dial") {
				continue
			}
			handsOn = handsOn || slices.Contains(call.Common().Args, address)
			if slices.ContainsFunc(call.Common().Args, isUnix) {
				return false
			}
		}
	}
	return handsOn
}

func isUnix(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.Value != nil && c.Value.ExactString() == `"unix"`
}
