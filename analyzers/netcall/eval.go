package netcall

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
	"time"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/rules/clients"
)

// Limits on the work: the length of a chain of definitions, the number of
// definitions looked at for one value, and for one package. What would take
// more is Unknown.
const (
	maxEval  = 60
	maxSteps = 2000
	maxTotal = 500_000
)

// eval returns what is known of v. Parameters in the result are those of v's
// function, or of a function around it if v is in a literal.
func (prog *program) eval(v ssa.Value) Value {
	if !mayMatter(v.Type()) {
		return Value{}
	}
	if val, ok := prog.values[v]; ok {
		if val.Kind == pending {
			prog.sawCycle = true
		}
		return val
	}
	if prog.depth == 0 {
		prog.steps = 0
	}
	prog.steps++
	prog.total++
	if prog.depth >= maxEval || prog.steps > maxSteps || prog.total > maxTotal {
		return Value{}
	}
	outerCycle := prog.sawCycle
	prog.sawCycle = false
	prog.depth++
	prog.values[v] = Value{Kind: pending}
	val := prog.evalUncached(v)
	prog.depth--
	if prog.sawCycle && prog.depth > 0 && val.Kind != Unknown {
		// Computed while something above it was pending, so perhaps not final.
		// Unknown is: no other alternative can make it better known.
		delete(prog.values, v)
	} else {
		if val.Kind == pending {
			val = Value{}
		}
		prog.values[v] = val
		prog.sawCycle = false
	}
	prog.sawCycle = prog.sawCycle || outerCycle
	return val
}

// mayMatter reports whether values of a type can carry a bound, a client, an
// option or a duration; most values of a program cannot.
func mayMatter(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Struct, *types.Signature, *types.Interface, *types.Slice, *types.Tuple:
		return true
	case *types.Basic:
		return u.Kind() == types.Int64 || u.Info()&types.IsUntyped != 0
	}
	return false
}

func (prog *program) evalUncached(v ssa.Value) Value {
	switch v := v.(type) {
	case *ssa.Const:
		return evalConst(v)
	case *ssa.Parameter:
		return prog.refine(v, paramValue(v))
	case *ssa.FreeVar:
		return prog.evalFreeVar(v)
	case *ssa.Alloc:
		return prog.evalAlloc(v)
	case *ssa.Phi:
		out := Value{Kind: pending}
		for _, e := range v.Edges {
			out = join(out, prog.eval(e))
		}
		return out
	case *ssa.Call:
		return prog.refine(v, prog.callResult(v, 0))
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok {
			return prog.refine(v, prog.callResult(call, v.Index))
		}
		if lookup, ok := v.Tuple.(*ssa.TypeAssert); ok && v.Index == 0 {
			return prog.eval(lookup.X)
		}
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return prog.evalLoad(v)
		}
	case *ssa.Field:
		return prog.eval(v.X).field(fieldName(v.X.Type(), v.Field))
	case *ssa.MakeInterface:
		return prog.eval(v.X)
	case *ssa.ChangeInterface:
		return prog.eval(v.X)
	case *ssa.ChangeType:
		return prog.eval(v.X)
	case *ssa.TypeAssert:
		return prog.eval(v.X)
	case *ssa.Convert:
		return prog.eval(v.X)
	case *ssa.Slice:
		return prog.evalSlice(v)
	case *ssa.BinOp:
		return prog.evalArithmetic(v)
	case *ssa.MakeClosure:
		return prog.functionValue(v.Fn.(*ssa.Function))
	case *ssa.Function:
		return prog.functionValue(v)
	case *ssa.FieldAddr:
		// A nested struct used by address: &c.http
		return prog.refine(v, prog.loadField(v))
	}
	return Value{}
}

func evalConst(c *ssa.Const) Value {
	if c.Value == nil {
		return Value{Kind: Zero}
	}
	if c.Value.Kind() != constant.Int {
		return Value{}
	}
	n, ok := constant.Int64Val(c.Value)
	switch {
	case !ok:
		return Value{}
	case n == 0:
		return Value{Kind: Zero}
	case n < 0:
		return unbounded("a negative duration", Posn{})
	}
	return bounded(time.Duration(n))
}

func paramValue(p *ssa.Parameter) Value {
	fn := p.Parent()
	for i, q := range fn.Params {
		if q == p {
			return Value{Kind: Param, Index: i, root: fn}
		}
	}
	return Value{}
}

// evalFreeVar follows a captured variable to where the literal was made.
func (prog *program) evalFreeVar(v *ssa.FreeVar) Value {
	fn := v.Parent()
	index := -1
	for i, fv := range fn.FreeVars {
		if fv == v {
			index = i
		}
	}
	out := Value{Kind: pending}
	for _, mc := range prog.closures[fn] {
		out = join(out, prog.eval(mc.(*ssa.MakeClosure).Bindings[index]))
	}
	if out.Kind == pending && len(prog.closures[fn]) == 0 {
		return Value{}
	}
	return out
}

// evalLoad reads through a pointer.
func (prog *program) evalLoad(v *ssa.UnOp) Value {
	switch addr := v.X.(type) {
	case *ssa.FieldAddr:
		return prog.refine(v, prog.loadField(addr))
	case *ssa.Global:
		return prog.refine(v, prog.evalGlobal(addr))
	case *ssa.IndexAddr:
		return prog.eval(addr.X).field("[]")
	case *ssa.Alloc:
		return prog.refine(v, prog.refineLoads(addr, prog.eval(addr)))
	}
	return prog.refine(v, prog.eval(v.X))
}

// loadField returns what is known of a struct's field: from the struct itself
// if it is known, else from all that the package stores into that field. A
// field below a parameter stays one: callers know their instance better.
func (prog *program) loadField(addr *ssa.FieldAddr) Value {
	base := prog.eval(addr.X)
	val := base.field(fieldName(addr.X.Type(), addr.Field))
	switch {
	case val.Kind == pending:
		return val
	case val.Kind == Unknown, val.Kind == Zero && base.Kind == Object && escapes(addr.X):
		if stored := prog.storedIn(fieldVar(addr.X.Type(), addr.Field)); stored.definite() {
			return stored
		}
		if val.Kind == Zero {
			return Value{}
		}
	}
	return val
}

// definite reports whether v says by itself whether something is bounded.
func (v Value) definite() bool {
	return v.Kind == Bounded || v.Kind == Unbounded || v.Kind == Object && v.informative()
}

// storedIn joins everything that is stored in a field: by this package, and as
// the declaring package's fact says.
func (prog *program) storedIn(f *types.Var) Value {
	if f == nil {
		return Value{}
	}
	if val, ok := prog.fields[f]; ok {
		if val.Kind == pending {
			prog.sawCycle = true
		}
		return val
	}
	prog.fields[f] = Value{Kind: pending}
	out := Value{Kind: pending}
	if f.Pkg() != nil && f.Pkg() != prog.pass.Pkg {
		var fact Stored
		if prog.pass.ImportObjectFact(f, &fact) {
			out = fact.Value
		}
	}
	for _, st := range prog.fieldStores[f] {
		out = join(out, prog.fromCallers(prog.eval(st.Val)))
	}
	if out.Kind == pending {
		out = Value{}
	}
	// Stores through the field itself are not tied to what it holds.
	out = out.openedAll(prog.mutated)
	if f.Exported() {
		// Other packages may store something else there.
		out = out.weakened()
	}
	prog.fields[f] = out
	return out
}

// maxParameters limits through how many parameters fromCallers follows a value.
const maxParameters = 64

// fromCallers resolves parameters in v where all callers of their function are
// in this package; a parameter that only callers elsewhere know is Unknown.
//
// Each parameter is looked at once, however many calls pass it on: generated code
// has functions that call themselves in hundreds of places.
func (prog *program) fromCallers(v Value) Value {
	out := Value{Kind: pending}
	seen := make(map[string]bool)
	for todo := []Value{v}; len(todo) > 0; {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if v.Kind != Param {
			if out = join(out, v); out.Kind == Unknown {
				return Value{}
			}
			continue
		}
		fn, ok := v.root.(*ssa.Function)
		if !ok {
			return Value{}
		}
		key := fmt.Sprintf("%p %d %s", fn, v.Index, strings.Join(v.Path, "."))
		if seen[key] {
			continue
		}
		seen[key] = true
		calls := prog.knownCallers(fn)
		if len(calls) == 0 || len(seen) > maxParameters {
			return Value{}
		}
		for _, call := range calls {
			arg := operandValue(call, v.Index)
			if arg == nil {
				return Value{}
			}
			todo = append(todo, prog.eval(arg).fieldPath(v.Path))
		}
	}
	if out.Kind == pending {
		return Value{}
	}
	return out
}

// evalGlobal describes a package variable.
func (prog *program) evalGlobal(g *ssa.Global) Value {
	if val, ok := prog.globals[g]; ok {
		if val.Kind == pending {
			prog.sawCycle = true
		}
		return val
	}
	prog.globals[g] = Value{Kind: pending}
	val := prog.evalGlobalUncached(g)
	if obj := g.Object(); obj != nil && obj.Exported() && obj.Pkg() == prog.pass.Pkg {
		val = val.weakened() // importers may bound it or replace it
	}
	if val.Kind == Object && isModelledType(val.Type) {
		// The program may bound a client where it pleases:
		// http.DefaultClient.Timeout = 10 * time.Second.
		for _, load := range prog.globalLoads[g] {
			val = prog.refine(load, val)
		}
	}
	prog.globals[g] = val
	return val
}

func (prog *program) evalGlobalUncached(g *ssa.Global) Value {
	obj, _ := g.Object().(*types.Var)
	if obj == nil {
		return Value{}
	}
	if obj.Pkg() != prog.pass.Pkg && len(prog.globalStores[g]) == 0 {
		return prog.importedGlobal(obj)
	}
	if !mayMatter(obj.Type()) {
		return Value{}
	}
	out := Value{Kind: pending}
	for _, st := range prog.globalStores[g] {
		out = join(out, prog.fromCallers(prog.eval(st.Val)))
	}
	if out.Kind != pending {
		return out
	}
	if _, ok := obj.Type().Underlying().(*types.Struct); ok {
		return prog.refine(g, Value{Kind: Object, Type: qualifiedType(obj.Type()), At: posn(prog.pass.Fset, g.Pos())})
	}
	return Value{}
}

// importedGlobal describes a variable of another package: from a library
// model, which describes a variable like a function without parameters, or
// from a fact.
func (prog *program) importedGlobal(obj *types.Var) Value {
	if m := clients.LookupFunc(obj.Pkg().Path(), "", obj.Name()); m != nil && len(m.Result) > 0 {
		if m.Result[0].Bound == "none" {
			return prog.fresh(obj.Type(), obj.Pkg().Name()+"."+obj.Name(), Posn{})
		}
		return bounded(0)
	}
	var fact Stored
	if prog.pass.ImportObjectFact(obj, &fact) {
		return fact.Value
	}
	return Value{}
}

// fresh is a value that nothing bounds yet: an Object if its type is modelled,
// so that fields set later can bound it.
func (prog *program) fresh(t types.Type, what string, at Posn) Value {
	none := unbounded(what, at)
	if name := qualifiedType(t); isModelledType(name) {
		return Value{Kind: Object, Type: name, At: at, What: what, Base: &none}
	}
	return none
}

func (prog *program) evalSlice(v *ssa.Slice) Value {
	alloc, ok := v.X.(*ssa.Alloc)
	if !ok {
		return prog.eval(v.X)
	}
	arr, ok := alloc.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Array)
	if !ok || arr.Len() > maxElems {
		return Value{}
	}
	out := Value{Kind: Slice, Elems: make([]Value, arr.Len())}
	for _, r := range *alloc.Referrers() {
		addr, ok := r.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		index, ok := addr.Index.(*ssa.Const)
		if !ok {
			return Value{}
		}
		for _, r := range *addr.Referrers() {
			if st, ok := r.(*ssa.Store); ok && st.Addr == addr {
				out.Elems[index.Int64()] = prog.eval(st.Val)
			}
		}
	}
	return out
}

// evalArithmetic describes computed durations: a product or sum with a known
// part is positive as far as anyone knows, its length is not known.
func (prog *program) evalArithmetic(v *ssa.BinOp) Value {
	switch v.Op {
	case token.MUL, token.ADD, token.SUB, token.QUO:
	default:
		return Value{}
	}
	x, y := prog.eval(v.X), prog.eval(v.Y)
	if x.Kind == Bounded || y.Kind == Bounded {
		return bounded(0)
	}
	return Value{}
}

// fieldName returns the name of field i of a struct or of what t points to, ""
// if t is neither (a type parameter with a struct for its core type).
func fieldName(t types.Type, i int) string {
	if f := fieldVar(t, i); f != nil {
		return f.Name()
	}
	return ""
}

// FieldName returns the name of the field that an address selects, "" for a
// struct that is only known by a type parameter.
func FieldName(addr *ssa.FieldAddr) string { return fieldName(addr.X.Type(), addr.Field) }
