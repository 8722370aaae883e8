package netcall

import (
	"go/types"
	"strings"
	"time"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/rules/clients"
)

// modelOfType returns the library model of a type named "path.Name", or nil.
func modelOfType(name string) *clients.Type {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return nil
	}
	return clients.LookupType(name[:i], name[i+1:])
}

func isModelledType(name string) bool { return modelOfType(name) != nil }

// CanBound reports whether values of the named type have a field that bounds
// the calls made through them: an http.Client has, an http.Request has not.
func CanBound(typ string) bool {
	m := modelOfType(typ)
	return m != nil && len(m.Fields) > 0
}

// bound reduces a value to what it says about time: Bounded, Unbounded, Param
// or Unknown.
func (v Value) bound() Value {
	switch v.Kind {
	case Bounded, Unbounded, Param:
		return v
	case Object:
		b := v.objectBound()
		b.Weak = b.Weak || v.Weak
		return b
	}
	return Value{}
}

// objectBound decides by the fields that the model of the object's type names.
func (v Value) objectBound() Value {
	model := modelOfType(v.Type)
	if model == nil {
		if v.Base != nil {
			return v.Base.bound()
		}
		return Value{}
	}
	fallback, open, weak := v.fallback(model), false, false
	var param *Value
	for _, f := range model.Fields {
		val, ok := v.lookup(f.Name)
		if !ok {
			continue
		}
		switch got := fieldBound(f.Kind, val); {
		case got.Kind == Bounded:
			return got
		case got.Kind == Param:
			param = &got
		case got.Kind == Unknown && f.Kind == "rarely":
			weak = true
		case got.Kind == Unknown:
			open = true
		case got.Kind == Unbounded && f.Kind == "disables":
			fallback = got
		}
	}
	switch {
	case fallback.Kind == Bounded:
		return fallback
	case open || len(v.Apply) > 0:
		return Value{}
	case param != nil:
		return *param
	}
	fallback.Weak = fallback.Weak || weak
	return fallback
}

// fallback is what limits the object if none of its fields does.
func (v Value) fallback(model *clients.Type) Value {
	if v.Base != nil {
		base := v.Base.bound()
		base.Type = v.Type
		return base
	}
	if d, err := time.ParseDuration(string(model.Default)); err == nil {
		return bounded(d)
	}
	if model.Default == "bounded" {
		return bounded(0)
	}
	what := v.What
	if what == "" {
		what = shortType(v.Type) + " without " + timeoutField(model)
	}
	none := unbounded(what, v.At)
	none.Type = v.Type
	return none
}

func timeoutField(model *clients.Type) string {
	for _, f := range model.Fields {
		if f.Kind == "duration" {
			return f.Name
		}
	}
	return "a timeout"
}

// shortType turns "net/http.Client" into "http.Client".
func shortType(name string) string {
	return name[strings.LastIndexByte(name, '/')+1:]
}

// fieldBound says what a field's value means for the object that holds it.
func fieldBound(kind string, val Value) Value {
	switch kind {
	case "duration", "time":
		switch val.Kind {
		case Zero:
			return unbounded("zero", Posn{})
		case Unbounded:
			return val
		case Bounded:
			return val
		}
		// A duration from configuration or a parameter: someone thought of it.
		return bounded(0)
	case "disables":
		return val
	}
	switch val.Kind {
	case Zero:
		return unbounded("nil", Posn{})
	}
	return val.bound()
}

// boundExpr evaluates an expression of a library model at a call. The value
// describes a result of type t (nil: only its bound matters).
func (prog *program) boundExpr(call ssa.CallInstruction, expr clients.Bound, t types.Type) Value {
	s := string(expr)
	switch {
	case s == "none":
		return prog.fresh(orInvalid(t), calleeText(call), posn(prog.pass.Fset, call.Pos()))
	case s == "seldom":
		return prog.fresh(orInvalid(t), calleeText(call), posn(prog.pass.Fset, call.Pos())).weakened()
	case s == "bounded":
		return bounded(0)
	case strings.HasPrefix(s, "duration("):
		op := clients.Operand(strings.TrimSuffix(strings.TrimPrefix(s, "duration("), ")"))
		if t != nil && typequery.IsContext(t) {
			// A deadline, even one that has passed: 0 is no time, not no limit.
			return bounded(prog.durationOperand(call, op).Dur)
		}
		return prog.durationOperand(call, op)
	case strings.HasPrefix(s, "any("):
		op := clients.Operand(strings.TrimSuffix(strings.TrimPrefix(s, "any("), ")"))
		return prog.anyOperand(call, op, t)
	case s != "" && '0' <= s[0] && s[0] <= '9':
		d, err := time.ParseDuration(s)
		if err != nil {
			return Value{}
		}
		return bounded(d)
	}
	v := Operand(call, clients.Operand(s))
	if v == nil {
		return Value{}
	}
	val := prog.eval(v)
	if val.Kind != Object || t == nil || val.Type == qualifiedType(t) {
		return val
	}
	b := val.bound()
	if name := qualifiedType(t); b.Kind == Unbounded && isModelledType(name) {
		// A client made of another one, which fields may yet bound.
		return Value{Kind: Object, Type: name, At: b.At, What: b.What, Weak: b.Weak, Base: &b}
	}
	return b
}

func orInvalid(t types.Type) types.Type {
	if t == nil {
		return types.Typ[types.Invalid]
	}
	return t
}

func (prog *program) durationOperand(call ssa.CallInstruction, op clients.Operand) Value {
	v := Operand(call, op)
	if v == nil {
		return Value{}
	}
	switch val := prog.eval(v); val.Kind {
	case Zero:
		return unbounded(calleeText(call)+" with 0", posn(prog.pass.Fset, call.Pos()))
	case Bounded, Unbounded:
		return val
	}
	return bounded(0)
}

// anyOperand is bounded if any element of a variadic operand is.
func (prog *program) anyOperand(call ssa.CallInstruction, op clients.Operand, t types.Type) Value {
	none := prog.fresh(orInvalid(t), calleeText(call), posn(prog.pass.Fset, call.Pos()))
	v := Operand(call, op)
	if v == nil {
		return none
	}
	val := prog.eval(v)
	if val.Kind == Zero {
		return none
	}
	if val.Kind != Slice {
		return val.bound()
	}
	out := none
	for _, e := range val.Elems {
		switch b := e.bound(); b.Kind {
		case Bounded:
			return b
		case Unknown, Param:
			out = Value{}
		}
	}
	return out
}

// calleeText names what a call calls, as a reader would write it:
// "context.Background()", "http.NewRequest()".
func calleeText(call ssa.CallInstruction) string {
	fn := Callee(call)
	if fn == nil {
		return "a function value"
	}
	return FuncText(fn) + "()"
}

// FuncText names a function as it is written at a call: "http.Get" for a
// function, "(*http.Client).Do" for a method.
func FuncText(fn *types.Func) string {
	qualifier := func(p *types.Package) string { return p.Name() }
	if recv := fn.Signature().Recv(); recv != nil {
		t := types.TypeString(recv.Type(), qualifier)
		if i := strings.IndexByte(t, '['); i > 0 {
			t = t[:i]
		}
		if strings.HasPrefix(t, "*") {
			t = "(" + t + ")"
		}
		return t + "." + fn.Name()
	}
	if fn.Pkg() == nil {
		return fn.Name()
	}
	return fn.Pkg().Name() + "." + fn.Name()
}
