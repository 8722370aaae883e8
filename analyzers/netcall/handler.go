package netcall

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/typequery"
)

// An OpenHandler is a handler of incoming requests that makes remote calls
// which only the incoming request's context could bound.
type OpenHandler struct {
	Fn    *ssa.Function
	Needs []Need
}

// OpenHandlers returns the handlers of the package whose remote calls have no
// bound but the incoming request's, in source order. Whether that request is
// bounded is not known to a package alone.
func (res *Result) OpenHandlers() []OpenHandler {
	var found []OpenHandler
	for _, fn := range res.Funcs {
		index, ok := incoming(fn)
		if !ok {
			continue
		}
		var open []Need
		for _, need := range res.pkg.summarize(fn).Needs {
			if need.restsOn(fn, index) {
				open = append(open, need)
			}
		}
		if len(open) > 0 {
			found = append(found, OpenHandler{fn, open})
		}
	}
	return found
}

// restsOn reports whether what bounds the need is the parameter of fn, and
// nothing else that a caller could bound.
func (n Need) restsOn(fn *ssa.Function, index int) bool {
	found := false
	for _, v := range n.AnyOf {
		if v.Kind != Param {
			continue
		}
		if v.root != any(fn) || v.Index != index {
			return false
		}
		found = true
	}
	return found
}

// incoming returns the index of the parameter that carries an incoming request
// or its context, if fn has the form of a handler: an HTTP handler, or a method
// of a gRPC or Connect service.
func incoming(fn *ssa.Function) (int, bool) {
	sig := fn.Signature
	first := 0
	if sig.Recv() != nil {
		first = 1
	}
	params := sig.Params()
	if params.Len() == 2 && sig.Results().Len() == 0 &&
		qualifiedType(params.At(0).Type()) == "net/http.ResponseWriter" &&
		qualifiedType(params.At(1).Type()) == "net/http.Request" {
		return first + 1, true
	}
	if sig.Recv() != nil && params.Len() == 2 && sig.Results().Len() == 2 &&
		typequery.IsContext(params.At(0).Type()) && implementsService(fn) {
		return first, true
	}
	return 0, false
}

// implementsService reports whether a method belongs to a service that an
// imported package declares the way protoc-gen-go-grpc (XServer, RegisterXServer)
// or protoc-gen-connect-go (XHandler, NewXHandler) does.
func implementsService(fn *ssa.Function) bool {
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return false
	}
	recv := fn.Signature.Recv().Type()
	for _, imp := range fn.Pkg.Pkg.Imports() {
		for _, name := range imp.Scope().Names() {
			if !isServiceName(imp.Scope(), name) {
				continue
			}
			iface, ok := imp.Scope().Lookup(name).Type().Underlying().(*types.Interface)
			if ok && hasMethod(iface, obj.Name()) && types.Implements(recv, iface) {
				return true
			}
		}
	}
	return false
}

func isServiceName(scope *types.Scope, name string) bool {
	return strings.HasSuffix(name, "Server") && scope.Lookup("Register"+name) != nil ||
		strings.HasSuffix(name, "Handler") && scope.Lookup("New"+name) != nil
}

func hasMethod(iface *types.Interface, name string) bool {
	for m := range iface.Methods() {
		if m.Name() == name {
			return true
		}
	}
	return false
}
