package grpcpolicy

import (
	"cmp"
	"go/ast"
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
)

// registered returns what a call registers with a server, through the
// RegisterXServer function of generated code.
func (r *Result) registered(call ssa.CallInstruction) (served []callgraph.Served) {
	fn, common := netcall.Callee(call), call.Common()
	if fn == nil || fn.Pkg() == nil || fn.Signature().Recv() != nil || len(common.Args) != 2 {
		return nil
	}
	name, ok := strings.CutPrefix(fn.Name(), "Register")
	if !ok || !strings.HasSuffix(name, "Server") {
		return nil
	}
	iface, ok := types.Unalias(fn.Signature().Params().At(1).Type()).(*types.Named)
	if !ok || iface.Obj().Name() != name || !types.IsInterface(iface) {
		return nil
	}
	methods := r.methodsOf(iface.Obj())
	for _, typ := range r.concrete(common.Args[1]) {
		for _, m := range methods {
			if impl := implementation(typ, m.Go); impl != nil {
				served = append(served, callgraph.Served{Operation: m.Operation, Func: impl.FullName(), At: r.posn(call.Pos())})
			}
		}
	}
	return served
}

// methodsOf returns the methods of a service: by the constants of generated
// code, else by what its package says.
func (r *Result) methodsOf(server *types.TypeName) (methods []ServiceMethod) {
	service := strings.TrimSuffix(server.Name(), "Server")
	iface := server.Type().Underlying().(*types.Interface)
	for m := range iface.Methods() {
		if op := methodConstant(server.Pkg(), service, m.Name()); op != "" {
			methods = append(methods, ServiceMethod{Go: m.Name(), Operation: op})
		}
	}
	if len(methods) > 0 {
		return methods
	}
	fact := new(Service)
	r.pass.ImportObjectFact(server, fact)
	return fact.Methods
}

// concrete returns the types that may be behind an interface.
func (r *Result) concrete(v ssa.Value) (found []types.Type) {
	seen := make(map[ssa.Value]bool)
	var walk func(ssa.Value)
	walk = func(v ssa.Value) {
		if seen[v] {
			return
		}
		seen[v] = true
		if !types.IsInterface(v.Type()) {
			found = append(found, v.Type())
			return
		}
		from, _ := r.tracer.Before(v)
		for _, f := range from {
			walk(f)
		}
	}
	walk(v)
	return found
}

// implementation returns the method that serves an operation, nil if it is the
// generated one that says that there is none.
func implementation(typ types.Type, method string) *types.Func {
	obj, _, _ := types.LookupFieldOrMethod(typ, true, nil, method)
	fn, ok := obj.(*types.Func)
	if !ok || fn.Signature().Recv() == nil || types.IsInterface(fn.Signature().Recv().Type()) || strings.HasPrefix(receiverName(fn), "Unimplemented") {
		return nil
	}
	return fn.Origin()
}

// exportServices exports the methods of the services that generated code of the
// package describes, where no constants name them.
func (r *Result) exportServices() {
	for _, file := range r.pass.Files {
		for _, decl := range file.Decls {
			decl, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range decl.Specs {
				if spec, ok := spec.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
					r.exportService(spec.Values[0])
				}
			}
		}
	}
}

func (r *Result) exportService(value ast.Expr) {
	lit, ok := value.(*ast.CompositeLit)
	if !ok || typequery.Name(r.pass.TypesInfo.TypeOf(lit)) != grpcPath+".ServiceDesc" {
		return
	}
	fields := fieldsOf(lit)
	name := r.stringOf(fields["ServiceName"])
	server := r.serverOf(fields["HandlerType"])
	if name == "" || server == nil {
		return
	}
	fact := new(Service)
	handlers := "_" + strings.TrimSuffix(server.Name(), "Server") + "_"
	for _, key := range []string{"Methods", "Streams"} {
		list, ok := fields[key].(*ast.CompositeLit)
		if !ok {
			continue
		}
		for _, elem := range list.Elts {
			if elem, ok := elem.(*ast.CompositeLit); ok {
				if m, ok := r.serviceMethod(name, handlers, fieldsOf(elem)); ok {
					fact.Methods = append(fact.Methods, m)
				}
			}
		}
	}
	if len(fact.Methods) > 0 {
		r.pass.ExportObjectFact(server, fact)
	}
}

// serviceMethod reads one MethodDesc or StreamDesc. The name of its handler
// (_Payments_GetCharge_Handler) tells that of the method in Go.
func (r *Result) serviceMethod(service, handlers string, fields map[string]ast.Expr) (ServiceMethod, bool) {
	name := cmp.Or(r.stringOf(fields["MethodName"]), r.stringOf(fields["StreamName"]))
	handler, ok := fields["Handler"].(*ast.Ident)
	if name == "" || !ok || !strings.HasPrefix(handler.Name, handlers) {
		return ServiceMethod{}, false
	}
	method := strings.TrimSuffix(strings.TrimPrefix(handler.Name, handlers), "_Handler")
	return ServiceMethod{Go: method, Operation: "/" + service + "/" + name}, true
}

func fieldsOf(lit *ast.CompositeLit) map[string]ast.Expr {
	fields := make(map[string]ast.Expr)
	for _, elem := range lit.Elts {
		if kv, ok := elem.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok {
				fields[key.Name] = kv.Value
			}
		}
	}
	return fields
}

func (r *Result) stringOf(expr ast.Expr) string {
	if expr == nil {
		return ""
	}
	if v := r.pass.TypesInfo.Types[expr].Value; v != nil && v.Kind() == constant.String {
		return constant.StringVal(v)
	}
	return ""
}

// serverOf returns the interface of a HandlerType: (*PaymentsServer)(nil).
func (r *Result) serverOf(expr ast.Expr) *types.TypeName {
	if expr == nil {
		return nil
	}
	p, ok := types.Unalias(r.pass.TypesInfo.TypeOf(expr)).(*types.Pointer)
	if !ok {
		return nil
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	if !ok || n.Obj().Pkg() != r.pass.Pkg || !types.IsInterface(n) {
		return nil
	}
	return n.Obj()
}
