package callsheet

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
)

// registrations are the functions that take a pattern and a handler.
var registrations = []string{
	"net/http.Handle", "net/http.HandleFunc",
	"(*net/http.ServeMux).Handle", "(*net/http.ServeMux).HandleFunc",
}

// route notes a handler that a call registers. A handler inside others, which
// log, limit or check, is taken to be called by them once.
func (r *reader) route(call ssa.CallInstruction) {
	fn := netcall.Callee(call)
	if fn == nil || !slices.Contains(registrations, fn.FullName()) {
		return
	}
	pattern := r.text(netcall.Operand(call, "arg0"))
	handler := netcall.Operand(call, "arg1")
	if pattern == "" || handler == nil {
		return
	}
	ids := handlersIn(handler, 0)
	if len(ids) == 0 {
		return
	}
	slices.Sort(ids)
	r.sheet.Routes = append(r.sheet.Routes, Route{Pattern: pattern, Funcs: slices.Compact(ids), At: r.at(call.Pos())})
}

const maxWrappers = 8 // handlers in handlers

// handlersIn lists the functions that a handler is or is made of.
func handlersIn(v ssa.Value, depth int) []string {
	if depth > maxWrappers {
		return nil
	}
	switch v := v.(type) {
	case *ssa.Function:
		return []string{idOf(v)}
	case *ssa.MakeClosure:
		return []string{idOf(v.Fn.(*ssa.Function))}
	case *ssa.ChangeType:
		return handlersIn(v.X, depth+1)
	case *ssa.MakeInterface:
		if method := serveHTTP(v.X.Type()); method != "" && !isHandlerFunc(v.X.Type()) {
			return []string{method}
		}
		return handlersIn(v.X, depth+1)
	case *ssa.Call:
		var ids []string
		for _, arg := range v.Call.Args {
			if isHandlerType(arg.Type()) {
				ids = append(ids, handlersIn(arg, depth+1)...)
			}
		}
		return ids
	}
	return nil
}

func isHandlerFunc(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// isHandlerType reports whether values of a type answer requests: functions as
// http.HandlerFunc, and what has a method ServeHTTP.
func isHandlerType(t types.Type) bool {
	if sig, ok := t.Underlying().(*types.Signature); ok {
		return sig.Params().Len() == 2 && types.TypeString(sig.Params().At(0).Type(), nil) == "net/http.ResponseWriter"
	}
	return serveHTTP(t) != ""
}

// serveHTTP is the id of the method by which values of a type answer requests.
func serveHTTP(t types.Type) string {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "ServeHTTP")
	if fn, ok := obj.(*types.Func); ok {
		return fn.Origin().FullName()
	}
	return ""
}
