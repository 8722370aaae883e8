package grpcpolicy

import (
	"go/constant"
	"go/types"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
)

// Operation returns the full method name ("/pay.v1.Payments/Charge") that a
// method of a generated stub or of its interface asks for. It reports false for
// other functions.
func (r *Result) Operation(fn *types.Func) (string, bool) {
	if fn == nil || fn.Pkg() == nil || fn.Signature().Recv() == nil {
		return "", false
	}
	fn = fn.Origin()
	if name := fullMethodName(fn); name != "" {
		return name, true
	}
	fact := new(Operation)
	if r.pass.ImportObjectFact(fn, fact) {
		return fact.Name, true
	}
	return "", false
}

// OperationOf returns the full method name that a call asks for: a call of a
// stub's method, or one of Invoke or NewStream with a constant name. It reports
// false for other calls.
func (r *Result) OperationOf(call ssa.CallInstruction) (string, bool) {
	fn := netcall.Callee(call)
	if fn == nil || r.net.Pkg == nil {
		return "", false
	}
	if arg := methodOperand(call, fn); arg != nil {
		set := r.tracer.Values(arg)
		if len(set) == 1 && set.Complete() && set[0].Const.Kind() == constant.String {
			return constant.StringVal(set[0].Const), true
		}
		return "", false
	}
	return r.Operation(fn)
}

// methodOperand returns the full method name that a call of Invoke or NewStream
// is given, nil for other calls.
func methodOperand(call ssa.CallInstruction, fn *types.Func) ssa.Value {
	if fn.Pkg() == nil || fn.Pkg().Path() != grpcPath {
		return nil
	}
	if model := netcall.Model(fn); model != nil && model.Call != nil && model.Call.URL != "" {
		return netcall.Operand(call, model.Call.URL)
	}
	return nil
}

// fullMethodName returns the name by the constants that protoc-gen-go-grpc
// writes since v1.3 (Payments_Charge_FullMethodName), "" if there is none.
func fullMethodName(fn *types.Func) string {
	service, ok := strings.CutSuffix(receiverName(fn), "Client")
	if !ok {
		return ""
	}
	return methodConstant(fn.Pkg(), exported(service), fn.Name())
}

func methodConstant(pkg *types.Package, service, method string) string {
	c, ok := pkg.Scope().Lookup(service + "_" + method + "_FullMethodName").(*types.Const)
	if !ok || c.Val().Kind() != constant.String {
		return ""
	}
	return constant.StringVal(c.Val())
}

func receiverName(fn *types.Func) string {
	t := fn.Signature().Recv().Type()
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

func exported(name string) string {
	r, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(r)) + name[size:]
}

// exportOperations exports what the methods of stubs ask for where no constant
// says it: older generated code.
func (r *Result) exportOperations() {
	for _, fn := range r.net.Funcs {
		obj, ok := fn.Object().(*types.Func)
		if !ok || !isStub(fn.Signature.Recv()) || fullMethodName(obj) != "" {
			continue
		}
		name := r.asked(fn)
		if name == "" {
			continue
		}
		fact := &Operation{Name: name}
		r.pass.ExportObjectFact(obj, fact)
		for _, m := range r.declared(obj) {
			r.pass.ExportObjectFact(m, fact)
		}
	}
}

// isStub reports whether a receiver is a stub: a struct of a connection and
// nothing else.
func isStub(recv *types.Var) bool {
	if recv == nil {
		return false
	}
	p, ok := types.Unalias(recv.Type()).(*types.Pointer)
	if !ok {
		return false
	}
	s, ok := p.Elem().Underlying().(*types.Struct)
	return ok && s.NumFields() == 1 && isChannel(s.Field(0).Type())
}

// asked returns the one full method name that a function asks for.
func (r *Result) asked(fn *ssa.Function) (name string) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok || netcall.Callee(call) == nil {
				continue
			}
			arg, ok := methodOperand(call, netcall.Callee(call)).(*ssa.Const)
			if !ok || arg.Value == nil || arg.Value.Kind() != constant.String {
				continue
			}
			if name != "" && name != constant.StringVal(arg.Value) {
				return ""
			}
			name = constant.StringVal(arg.Value)
		}
	}
	return name
}

// declared returns the methods of the package's interfaces that a stub's method
// implements: those of XClient for the stub xClient.
func (r *Result) declared(method *types.Func) (found []*types.Func) {
	obj, ok := r.pass.Pkg.Scope().Lookup(exported(receiverName(method))).(*types.TypeName)
	if !ok {
		return nil
	}
	iface, ok := obj.Type().Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	for m := range iface.Methods() {
		if m.Name() == method.Name() && m.Pkg() == r.pass.Pkg {
			found = append(found, m)
		}
	}
	return found
}
