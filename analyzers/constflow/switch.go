package constflow

import (
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// Switched returns the conditions among guards that somebody can set without
// changing the code: those that test a flag, an environment variable, a
// parameter, a field of a struct of settings or what a function out of sight
// returns. Tests for nil, for presence and of protocol data are not among them.
func (t *Tracer) Switched(guards []*ssa.If) (switches []*ssa.If) {
	for _, g := range guards {
		if t.isSwitch(g.Cond) {
			switches = append(switches, g)
		}
	}
	return switches
}

func (t *Tracer) isSwitch(cond ssa.Value) bool {
	switch cond := cond.(type) {
	case *ssa.UnOp:
		if cond.Op == token.NOT {
			return t.isSwitch(cond.X)
		}
	case *ssa.BinOp:
		if isNil(cond.X) || isNil(cond.Y) {
			return false
		}
		return t.isSetting(cond.X) || t.isSetting(cond.Y)
	case *ssa.Extract:
		// The second result of a type assertion, look-up or receive.
		if _, call := cond.Tuple.(*ssa.Call); !call {
			return false
		}
	case *ssa.Call:
		if call, ok := cond.Call.Value.(*ssa.Function); ok && call.Pkg != nil {
			if path := call.Pkg.Pkg.Path(); path == "strings" || path == "errors" || path == "slices" || path == "bytes" {
				return t.anySetting(cond.Call.Args)
			}
		}
		return true
	}
	return t.isSetting(cond)
}

func (t *Tracer) anySetting(vs []ssa.Value) bool {
	for _, v := range vs {
		if t.isSetting(v) {
			return true
		}
	}
	return false
}

// isSetting reports whether a value comes from outside of the code.
func (t *Tracer) isSetting(v ssa.Value) bool {
	if load, ok := v.(*ssa.UnOp); ok && load.Op == token.MUL {
		if fa, ok := load.X.(*ssa.FieldAddr); ok && isProtocolData(fieldOf(fa)) {
			return false
		}
	}
	if call, ok := v.(*ssa.Call); ok {
		if b, ok := call.Call.Value.(*ssa.Builtin); ok {
			return b.Name() == "len" && t.anySetting(call.Call.Args)
		}
	}
	return !t.Values(v).Complete()
}

// isProtocolData reports whether a field belongs to a struct of the standard
// library: the scheme of a URL is no setting.
func isProtocolData(field *types.Var) bool {
	if field.Pkg() == nil {
		return false
	}
	first, _, _ := strings.Cut(field.Pkg().Path(), "/")
	return !strings.Contains(first, ".") && (first == "net" || first == "crypto" || first == "os" || first == "runtime")
}

// Names returns the names that a condition is written with, as far as SSA form
// keeps them: those of parameters, package variables, fields, functions and
// methods, and the constant strings that it compares with or looks up.
func Names(cond ssa.Value) []string {
	var names []string
	seen := make(map[ssa.Value]bool)
	var visit func(v ssa.Value)
	visit = func(v ssa.Value) {
		if v == nil || seen[v] {
			return
		}
		seen[v] = true
		switch v := v.(type) {
		case *ssa.Parameter, *ssa.Global, *ssa.FreeVar, *ssa.Function:
			names = append(names, v.Name())
		case *ssa.Const:
			if v.Value != nil && v.Value.Kind() == constant.String {
				names = append(names, constant.StringVal(v.Value))
			}
		case *ssa.FieldAddr:
			names = append(names, fieldOf(v).Name())
		case *ssa.Field:
			names = append(names, structOf(v.X.Type()).Field(v.Field).Name())
		case *ssa.Call:
			if v.Call.IsInvoke() {
				names = append(names, v.Call.Method.Name())
			}
		}
		if instr, ok := v.(ssa.Instruction); ok {
			for _, op := range instr.Operands(nil) {
				visit(*op)
			}
		}
	}
	visit(cond)
	return names
}
