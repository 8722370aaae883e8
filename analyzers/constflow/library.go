package constflow

import (
	"go/constant"
	"go/token"
	"go/types"
	"strings"
	"time"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
)

// library follows the result of a function of the standard library that makes
// strings of strings. It reports false for other functions.
func (e *eval) library(call *ssa.Call, i int, f *frame) (Set, bool) {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil || i != 0 {
		return nil, false
	}
	args := call.Call.Args
	switch fn.FullName() {
	case "os.Getenv", "os.LookupEnv":
		return unknown(Environment, call.Pos()), true
	case "fmt.Sprintf":
		return e.sprintf(call, f), true
	case "net.JoinHostPort":
		return concat(call.Pos(), concat(call.Pos(), e.values(args[0], f), text(":")), e.values(args[1], f)), true
	case "strings.TrimSpace", "strings.TrimSuffix", "strings.TrimRight", "strings.ToLower", "strings.Clone",
		"net/url.Parse", "net/url.ParseRequestURI", "(*net/url.URL).Parse":
		// What they change is of no weight for where an address leads.
		return e.values(args[0], f), true
	case "net/url.JoinPath", "(*net/url.URL).JoinPath":
		return e.joinPath(call, f), true
	case "os.ExpandEnv", "os.Expand":
		return e.opening(call, f), true
	case "(*net/url.URL).String":
		return e.urlString(call, f), true
	case "cmp.Or":
		if list := variadic(args[0]); list != nil {
			return e.all(list, f), true
		}
	}
	return nil, false
}

func text(s string) Set {
	return Set{whole(constant.MakeString(s))}
}

// concat joins every string on the left with every one on the right.
func concat(pos token.Pos, left, right Set) Set {
	if len(left) == 0 || len(right) == 0 || len(left)*len(right) > maxValues {
		return unknown(Elsewhere, pos)
	}
	var set Set
	for _, l := range left {
		for _, r := range right {
			set = append(set, join(pos, l, r))
		}
	}
	return set
}

func join(pos token.Pos, l, r Value) Value {
	v := Value{Pos: pos, Parts: merge(pieces(l), pieces(r))}
	for _, s := range []Value{l, r} {
		if v.Expr == nil && s.Expr != nil {
			v.Expr, v.Pos = s.Expr, s.Pos
		}
		if v.Source == "" {
			v.Source = s.Source
		}
	}
	if s, whole := v.Text(); whole {
		v.Const = constant.MakeString(s)
	}
	return v
}

func pieces(v Value) []Part {
	if v.Parts == nil {
		return []Part{{Unknown: true}}
	}
	return v.Parts
}

// merge joins two strings so that no two neighbouring parts are of one kind.
func merge(a, b []Part) []Part {
	parts := append([]Part(nil), a...)
	for _, p := range b {
		if last := len(parts) - 1; last >= 0 && parts[last].Unknown == p.Unknown {
			parts[last].Text += p.Text
			continue
		}
		parts = append(parts, p)
	}
	return parts
}

// sprintf follows fmt.Sprintf with a constant format.
func (e *eval) sprintf(call *ssa.Call, f *frame) Set {
	var set Set
	for _, format := range e.values(call.Call.Args[0], f) {
		if !format.Known() || format.Const.Kind() != constant.String {
			set = append(set, Value{Source: format.Source, Pos: format.Pos})
			continue
		}
		set = append(set, e.formatted(call, format, f)...)
	}
	return distinct(set)
}

// formatted fills in the verbs of a format: %s, %v and %d without flags as far
// as their operands are known; any other verb is an unknown part.
func (e *eval) formatted(call *ssa.Call, format Value, f *frame) Set {
	args := variadic(call.Call.Args[1])
	rest := constant.StringVal(format.Const)
	acc := Set{{Const: constant.MakeString(""), Parts: []Part{{}}, Expr: format.Expr, Pos: format.Pos}}
	for next := 0; ; {
		lit, verb, ok := strings.Cut(rest, "%")
		acc = concat(format.Pos, acc, text(lit))
		if !ok {
			return acc
		}
		switch {
		case strings.HasPrefix(verb, "%"):
			acc, rest = concat(format.Pos, acc, text("%")), verb[1:]
			continue
		case verb != "" && strings.Contains("svd", verb[:1]) && next < len(args):
			acc, rest = concat(format.Pos, acc, asText(e.printed(verb[:1], args[next], f))), verb[1:]
		default:
			end := strings.IndexFunc(verb, func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' })
			if end < 0 {
				return concat(format.Pos, acc, unknown(Elsewhere, call.Pos()))
			}
			acc, rest = concat(format.Pos, acc, unknown(Elsewhere, call.Pos())), verb[end+1:]
		}
		next++
	}
}

// printed returns what reaches an operand of a verb. What a number prints by a
// method of its own is known of durations only.
func (e *eval) printed(verb string, v ssa.Value, f *frame) Set {
	set := e.values(v, f)
	if made, ok := v.(*ssa.MakeInterface); ok {
		v = made.X
	}
	basic, ok := v.Type().Underlying().(*types.Basic)
	if !ok || basic.Info()&types.IsInteger == 0 || verb == "d" || types.NewMethodSet(v.Type()).Lookup(nil, "String") == nil {
		return set
	}
	out := make(Set, len(set))
	for i, val := range set {
		out[i] = Value{Source: Elsewhere, Pos: val.Pos}
		if n, exact := durationOf(val); exact && types.TypeString(v.Type(), nil) == "time.Duration" {
			out[i] = text(n.String())[0]
		}
	}
	return out
}

func durationOf(v Value) (time.Duration, bool) {
	if !v.Known() || v.Const.Kind() != constant.Int {
		return 0, false
	}
	n, exact := constant.Int64Val(v.Const)
	return time.Duration(n), exact
}

// asText turns known numbers into what %v prints for them.
func asText(set Set) Set {
	out := make(Set, len(set))
	for i, v := range set {
		if v.Known() && v.Const.Kind() == constant.Int {
			v = text(v.Const.ExactString())[0]
		} else if v.Known() && v.Const.Kind() != constant.String {
			v = Value{Source: Elsewhere, Pos: v.Pos}
		}
		out[i] = v
	}
	return out
}

// variadic lists the elements of the slice that a variadic call passes; nil if
// it is not made at the call.
func variadic(v ssa.Value) []ssa.Value {
	s, ok := v.(*ssa.Slice)
	if !ok {
		return nil
	}
	array, ok := s.X.(*ssa.Alloc)
	if !ok {
		return nil
	}
	return elements(array)
}

// joinPath follows url.JoinPath: a slash always follows the URL.
func (e *eval) joinPath(call *ssa.Call, f *frame) Set {
	var set Set
	for _, v := range e.values(call.Call.Args[0], f) {
		if s, whole := v.Text(); whole {
			slash := text(strings.TrimRight(s, "/") + "/")[0]
			slash.Expr, slash.Pos = v.Expr, v.Pos
			v = slash
		}
		set = append(set, v)
	}
	return concat(call.Pos(), set, unknown(Elsewhere, call.Pos()))
}

// opening keeps the beginning of the first operand: up to what is expanded.
func (e *eval) opening(call *ssa.Call, f *frame) Set {
	var set Set
	for _, v := range e.values(call.Call.Args[0], f) {
		if s, _ := v.Text(); v.Parts != nil {
			s, _, _ = strings.Cut(s, "$")
			v = Value{Parts: []Part{{Text: s}, {Unknown: true}}, Source: Environment, Expr: v.Expr, Pos: v.Pos}
		}
		set = append(set, v)
	}
	return set
}

// urlString follows the scheme and host of a URL that is a literal, or the
// string that it was parsed from.
func (e *eval) urlString(call *ssa.Call, f *frame) Set {
	recv := call.Call.Args[0]
	objs, _ := e.t.Objects(recv)
	if len(objs) == 0 {
		return e.values(recv, f)
	}
	st := structOf(recv.Type())
	scheme := e.fieldAt(recv, fieldNamed(st, "Scheme"), f)
	host := e.fieldAt(recv, fieldNamed(st, "Host"), f)
	url := concat(call.Pos(), concat(call.Pos(), scheme, text("://")), host)
	return concat(call.Pos(), url, unknown(Elsewhere, call.Pos()))
}

// flagPointer follows the pointer that flag.String and its kin return.
func (e *eval) flagPointer(call *ssa.Call, f *frame) Set {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil || !isFlagPackage(fn.Pkg().Path()) {
		return unknown(Elsewhere, call.Pos())
	}
	return append(e.flagOperand(call, f), Value{Source: Flag, Pos: call.Pos()})
}

func (e *eval) flagOperand(call *ssa.Call, f *frame) Set {
	args := call.Call.Args
	if len(args) < 3 {
		return nil
	}
	return e.values(args[len(args)-2], f) // (…, default, usage)
}

// flagVariable follows a variable that holds the pointer of a flag.
func (e *eval) flagVariable(ptr *ssa.UnOp, f *frame) Set {
	var set Set
	switch ptr.X.(type) {
	case *ssa.Global, *ssa.Alloc, *ssa.FreeVar:
		for _, u := range e.t.uses(ptr.X) {
			st, ok := u.Instruction.(*ssa.Store)
			if !ok || st.Addr != u.addr {
				continue
			}
			if call, ok := st.Val.(*ssa.Call); ok {
				set = append(set, e.flagPointer(call, f)...)
				continue
			}
			set = append(set, Value{Source: Elsewhere, Pos: st.Pos()})
		}
	}
	if len(set) == 0 {
		return unknown(Elsewhere, ptr.Pos())
	}
	return distinct(set)
}

// flagDefault returns the default of a flag that flag.StringVar and its kin
// bind to a variable; nil if the call is none of them.
func flagDefault(call ssa.CallInstruction) ssa.Value {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil || !isFlagPackage(fn.Pkg().Path()) {
		return nil
	}
	args := call.Common().Args
	if !strings.Contains(fn.Name(), "Var") || len(args) < 4 {
		return nil
	}
	return args[len(args)-2]
}

func isFlagPackage(path string) bool {
	return path == "flag" || path == "github.com/spf13/pflag"
}
