package effects

import (
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/callgraph"
)

// args describes what a call passes that may matter to its callee: functions and
// numbers, also in the fields of structs. first is the index of the callee's
// parameter that Args[0] is passed for.
func (f *body) args(call ssa.CallInstruction, first int) []callgraph.Arg {
	var args []callgraph.Arg
	for i, v := range call.Common().Args {
		args = append(args, f.arg(callgraph.Param{Index: first + i}, v, 0)...)
	}
	return args
}

// arg describes one value passed for a parameter.
func (f *body) arg(to callgraph.Param, v ssa.Value, depth int) []callgraph.Arg {
	switch t := v.Type().Underlying().(type) {
	case *types.Signature:
		if a, ok := f.functionArg(v); ok {
			a.To = to
			return []callgraph.Arg{a}
		}
	case *types.Basic:
		if t.Info()&types.IsInteger != 0 && !isNamedType(v.Type()) {
			amount := f.retries.Amount(v)
			return []callgraph.Arg{{To: to, Amount: &amount}}
		}
	case *types.Struct:
		return f.structArgs(to, v, t, depth)
	case *types.Pointer:
		if s, ok := t.Elem().Underlying().(*types.Struct); ok {
			return f.structArgs(to, v, s, depth)
		}
	}
	return nil
}

// isNamedType reports whether an integer type has a name, as time.Duration has:
// those are no counts.
func isNamedType(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.Named)
	return ok
}

// maxFields limits the structs that are looked into: those with options are small.
const maxFields = 24

// structArgs describes the fields of a struct that is passed on or built in the
// package.
func (f *body) structArgs(to callgraph.Param, v ssa.Value, s *types.Struct, depth int) []callgraph.Arg {
	if p := retry.ParamBelow(v); p != nil {
		return []callgraph.Arg{{To: to, From: p}}
	}
	if s.NumFields() > maxFields || depth > 1 || !matters(s) {
		return nil
	}
	var args []callgraph.Arg
	for field := range s.Fields() {
		at := callgraph.Param{Index: to.Index, Path: joinPath(to.Path, field.Name())}
		switch t := field.Type().Underlying().(type) {
		case *types.Basic:
			if t.Info()&types.IsInteger != 0 && !isNamedType(field.Type()) {
				if n, ok := f.fieldNumber(v, field.Name()); ok {
					args = append(args, callgraph.Arg{To: at, Amount: &callgraph.Amount{N: n}})
				}
			}
		case *types.Signature:
			if val := f.soleField(v, field.Name()); val != nil {
				if a, ok := f.functionArg(val); ok {
					a.To = at
					args = append(args, a)
				}
			}
		}
	}
	return args
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// matters reports whether a struct has a field that may hold a function or count.
func matters(s *types.Struct) bool {
	for field := range s.Fields() {
		switch t := field.Type().Underlying().(type) {
		case *types.Signature:
			return true
		case *types.Basic:
			if t.Info()&types.IsInteger != 0 && !isNamedType(field.Type()) {
				return true
			}
		}
	}
	return false
}

// fieldNumber returns the only number that a field of a struct can hold; the
// greatest of several.
func (f *body) fieldNumber(v ssa.Value, name string) (int, bool) {
	set := f.consts.FieldValues(v, name)
	if !set.Complete() {
		return 0, false
	}
	most := 0
	for i, val := range set {
		if val.Const.Kind() != constant.Int {
			return 0, false
		}
		n, exact := constant.Int64Val(val.Const)
		if !exact || n != int64(int32(n)) {
			return 0, false
		}
		if i == 0 || int(n) > most {
			most = int(n)
		}
	}
	return most, true
}

// soleField returns the only value that is stored in a field of the one object
// that v can be.
func (f *body) soleField(v ssa.Value, name string) ssa.Value {
	if u, ok := v.(*ssa.UnOp); ok {
		v = u.X // the struct by value
	}
	objs, complete := f.consts.Objects(v)
	if !complete || len(objs) != 1 {
		return nil
	}
	uses, overwritten := f.consts.FieldUses(objs[0], name)
	if overwritten || len(uses) != 1 || uses[0].Store == nil {
		return nil
	}
	return uses[0].Store.Val
}

// functionArg tells what function a value is.
func (f *body) functionArg(v ssa.Value) (callgraph.Arg, bool) {
	switch v := v.(type) {
	case *ssa.Function:
		return callgraph.Arg{Func: f.functionID(v)}, true
	case *ssa.MakeClosure:
		return callgraph.Arg{Func: f.functionID(v.Fn.(*ssa.Function))}, true
	case *ssa.ChangeType:
		return f.functionArg(v.X)
	case *ssa.MakeInterface:
		return f.functionArg(v.X)
	case *ssa.Parameter:
		return callgraph.Arg{From: retry.ParamBelow(v)}, true
	case *ssa.FreeVar:
		return f.capturedFunction(v)
	case *ssa.UnOp:
		return f.loadedFunction(v)
	case *ssa.Field:
		if p := retry.ParamBelow(v); p != nil {
			return callgraph.Arg{From: p}, true
		}
	case *ssa.Phi, *ssa.Call, *ssa.Extract:
		origins, complete := f.consts.AllOrigins(v)
		if complete && len(origins) == 1 && origins[0] != v {
			return f.functionArg(origins[0])
		}
	}
	return callgraph.Arg{}, false
}

// functionID returns the id of a function used as a value; that of the method
// for a method value.
func (f *body) functionID(fn *ssa.Function) string {
	if obj, ok := fn.Object().(*types.Func); ok {
		f.importFact(obj.Origin())
		return obj.Origin().FullName()
	}
	return f.idOf(fn)
}

// loadedFunction is a function loaded from a variable or field.
func (f *body) loadedFunction(load *ssa.UnOp) (callgraph.Arg, bool) {
	switch addr := load.X.(type) {
	case *ssa.FieldAddr:
		if p := retry.ParamBelow(load); p != nil && !isReceiver(f.fn, p) {
			return callgraph.Arg{From: p}, true
		}
		if slot := fieldSlot(addr); slot != "" {
			return callgraph.Arg{Slot: slot}, true
		}
	case *ssa.Global:
		return callgraph.Arg{Slot: addr.RelString(nil)}, true
	case *ssa.FreeVar:
		return f.capturedFunction(addr)
	case *ssa.Alloc:
		origins, complete := f.consts.AllOrigins(load)
		if complete && len(origins) == 1 && origins[0] != ssa.Value(load) {
			return f.functionArg(origins[0])
		}
		if p := retry.ParamBelow(load); p != nil {
			return callgraph.Arg{From: p}, true
		}
	}
	return callgraph.Arg{}, false
}

func isReceiver(fn *ssa.Function, p *callgraph.Param) bool {
	return p.Index == 0 && fn.Signature.Recv() != nil
}

// capturedFunction is a function in a variable of the function around a literal.
func (f *body) capturedFunction(v *ssa.FreeVar) (callgraph.Arg, bool) {
	origins, _ := f.consts.AllOrigins(v)
	for _, o := range origins {
		if p, ok := o.(*ssa.Parameter); ok && p.Parent() != f.fn {
			return callgraph.Arg{Slot: parameterSlot(f.idOf(p.Parent()), retry.ParamBelow(p).Index)}, true
		}
	}
	if len(origins) == 1 && origins[0] != ssa.Value(v) {
		return f.functionArg(origins[0])
	}
	return callgraph.Arg{}, false
}

// parameterSlot names a parameter that a literal captures: whatever any caller
// passes may be in it.
func parameterSlot(id string, index int) string {
	return id + "#" + string(rune('0'+index))
}

// assignParameters notes what a call passes in function parameters, for the
// literals that capture them.
func (f *body) assignParameters(c *callgraph.Call) {
	for _, a := range c.Args {
		if a.Func != "" && a.To.Path == "" && a.To.Index < 10 {
			f.pkg.Assignments = append(f.pkg.Assignments, callgraph.Assignment{Slot: parameterSlot(c.Func, a.To.Index), Func: a.Func})
		}
	}
}

// fieldSlot names a field that holds functions: "example.com/shop.Server.next".
func fieldSlot(addr *ssa.FieldAddr) string {
	t := addr.X.Type()
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return ""
	}
	return strings.Join([]string{n.Obj().Pkg().Path() + "." + n.Obj().Name(), netcall.FieldName(addr)}, ".")
}
