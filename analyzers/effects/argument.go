package effects

import (
	"go/constant"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ssa"

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
		if t.Info()&types.IsString != 0 && depth == 0 {
			if text := f.text(v); text != "" {
				return []callgraph.Arg{{To: to, Text: text}}
			}
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
					args = append(args, callgraph.Arg{To: at, Amount: numberOf(n)})
				}
			}
			if t.Info()&types.IsString != 0 {
				if val := f.soleField(v, field.Name()); val != nil {
					if text := f.text(val); text != "" {
						args = append(args, callgraph.Arg{To: at, Text: text})
					}
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

// numberOf is a known number, also where it is 0.
func numberOf(n int) *callgraph.Amount {
	if n == 0 {
		return &callgraph.Amount{Var: "0"}
	}
	return &callgraph.Amount{N: n}
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
			if t.Info()&types.IsInteger != 0 && !isNamedType(field.Type()) || t.Info()&types.IsString != 0 {
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
		if slot := retry.FieldSlot(addr); slot != "" {
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
	if p := captured(v, 0); p != nil {
		return callgraph.Arg{From: p}, true
	}
	if len(origins) == 1 && origins[0] != ssa.Value(v) {
		return f.functionArg(origins[0])
	}
	return callgraph.Arg{}, false
}

// captured returns the parameter of a function around a literal that a variable
// of the literal is, in the form of callgraph.Param.
func captured(v *ssa.FreeVar, depth int) *callgraph.Param {
	lit := v.Parent()
	refs := lit.Referrers()
	if refs == nil || len(*refs) != 1 {
		return nil
	}
	mc, ok := (*refs)[0].(*ssa.MakeClosure)
	if !ok {
		return nil
	}
	for i, fv := range lit.FreeVars {
		if fv != v {
			continue
		}
		bound := mc.Bindings[i]
		if outer, ok := bound.(*ssa.FreeVar); ok {
			return captured(outer, depth+1)
		}
		p := parameterIn(bound)
		if p == nil {
			return nil
		}
		return &callgraph.Param{Index: -1 - p.Index - 100*depth, Path: p.Path}
	}
	return nil
}

// parameterIn returns the parameter that a variable holds which a literal
// captures: SSA form keeps it in a cell, stored to once.
func parameterIn(bound ssa.Value) *callgraph.Param {
	if cell, ok := bound.(*ssa.Alloc); ok {
		var sole *ssa.Store
		for _, r := range *cell.Referrers() {
			if st, ok := r.(*ssa.Store); ok && st.Addr == bound {
				if sole != nil {
					return nil
				}
				sole = st
			}
		}
		if sole == nil {
			return nil
		}
		bound = sole.Val
	}
	return retry.ParamBelow(bound)
}

// passNumbers notes the numbers that a call passes, for fields that they end up
// in.
func (f *body) passNumbers(c *callgraph.Call) {
	for _, a := range c.Args {
		if a.Amount != nil && a.To.Path == "" {
			f.pkg.Numbers = append(f.pkg.Numbers, callgraph.Stored{Slot: parameterSlot(c.Func, a.To.Index), Amount: f.global(*a.Amount)})
		}
	}
}

// parameterSlot names a parameter, whoever calls.
func parameterSlot(id string, index int) string { return id + "#" + strconv.Itoa(index) }

// global says an amount in terms that hold outside of the function.
func (f *body) global(a callgraph.Amount) callgraph.Amount {
	if a.Param == nil {
		return a
	}
	if a.Param.Slot == "" {
		slot := "?"
		if a.Param.Path == "" && f.fn != nil {
			slot = parameterSlot(f.idOf(f.fn), a.Param.Index)
		}
		p := *a.Param
		p.Slot = slot
		a.Param = &p
	}
	return a
}
