package retrypolicy

import (
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
)

// textOf writes a value about as its source does, "" if it has no name.
func textOf(v ssa.Value) string {
	switch v := v.(type) {
	case *length:
		return "len(" + textOf(v.Value) + ")"
	case *ssa.Parameter:
		return v.Name()
	case *ssa.FreeVar:
		return v.Name()
	case *ssa.Global:
		return v.Name()
	case *ssa.Alloc:
		return variableName(v.Comment)
	case *ssa.Phi:
		return variableName(v.Comment)
	case *ssa.Convert:
		return textOf(v.X)
	case *ssa.ChangeType:
		return textOf(v.X)
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return textOf(v.X)
		}
	case *ssa.FieldAddr:
		return selector(textOf(v.X), netcall.FieldName(v))
	case *ssa.Field:
		return selector(textOf(v.X), fieldName(v))
	case *ssa.Call:
		return callText(v)
	case *ssa.Extract:
		return textOf(v.Tuple)
	}
	return ""
}

// variableName returns the comment of an instruction if it is the name of a
// variable: allocations of literals have comments such as "complit".
func variableName(comment string) string {
	if strings.Contains(comment, " ") || slices.Contains([]string{"complit", "varargs", "slicelit", "makeslice", "new"}, comment) {
		return ""
	}
	return comment
}

func selector(base, name string) string {
	if base == "" {
		return name
	}
	return base + "." + name
}

func callText(call *ssa.Call) string {
	if b, ok := call.Call.Value.(*ssa.Builtin); ok {
		if len(call.Call.Args) == 1 {
			return b.Name() + "(" + textOf(call.Call.Args[0]) + ")"
		}
		return ""
	}
	fn := netcall.Callee(call)
	if fn == nil {
		return ""
	}
	if call.Call.IsInvoke() {
		return selector(textOf(call.Call.Value), fn.Name()) + "()"
	}
	if fn.Signature().Recv() != nil && len(call.Call.Args) > 0 {
		return selector(textOf(call.Call.Args[0]), fn.Name()) + "()"
	}
	if fn.Pkg() != nil && (call.Parent() == nil || call.Parent().Pkg == nil || fn.Pkg() != call.Parent().Pkg.Pkg) {
		return fn.Pkg().Name() + "." + fn.Name() + "()"
	}
	return fn.Name() + "()"
}

// paramOf returns the parameter of a function that v is, or that v is read from
// through fields; nil if it is neither.
func paramOf(v ssa.Value, in *ssa.Function) *callgraph.Param {
	var path []string
	for {
		switch w := v.(type) {
		case *ssa.Parameter:
			if w.Parent() != in {
				return nil
			}
			slices.Reverse(path)
			return &callgraph.Param{Index: slices.Index(in.Params, w), Path: strings.Join(path, ".")}
		case *ssa.Convert:
			v = w.X
		case *ssa.ChangeType:
			v = w.X
		case *ssa.FieldAddr:
			path = append(path, netcall.FieldName(w))
			v = w.X
		case *ssa.Field:
			path = append(path, fieldName(w))
			v = w.X
		case *ssa.UnOp:
			if w.Op != token.MUL {
				return nil
			}
			v = w.X
		case *ssa.Alloc:
			if v = spilled(w); v == nil {
				return nil
			}
		default:
			return nil
		}
	}
}

// spilled returns the parameter that a variable holds and nothing else, as one
// whose address is taken; nil if it is no such variable.
func spilled(a *ssa.Alloc) ssa.Value {
	var param ssa.Value
	for _, use := range *a.Referrers() {
		st, ok := use.(*ssa.Store)
		if !ok || st.Addr != a {
			continue
		}
		p, ok := st.Val.(*ssa.Parameter)
		if !ok || param != nil {
			return nil
		}
		param = p
	}
	return param
}
