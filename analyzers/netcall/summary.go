package netcall

import (
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/typequery"
)

// A Summary is the fact about a function or interface method: what its callers
// need to know to judge their own calls.
type Summary struct {
	Results []Value // what is known of each result, in terms of the parameters
	Needs   []Need  // what callers must bound
	Sets    []Set   // what it sets below its parameters
	Remote  []Leaf  // some of the requests that it sends
}

// A Need is a request that only the function's callers can bound.
type Need struct {
	AnyOf  []Value // one of these must be bounded
	Rarely []Value // one of these may bound it too, but seldom does
	Leaf   Leaf
}

// Stored is the fact about a struct field or package variable: what is known
// of everything that its own package stores there.
type Stored struct{ Value Value }

func (*Summary) AFact() {}
func (*Stored) AFact()  {}

func (s *Summary) String() string {
	var parts []string
	for _, n := range s.Needs {
		var keys []string
		for _, v := range n.AnyOf {
			keys = append(keys, v.key())
		}
		parts = append(parts, fmt.Sprintf("needs %s for %s", strings.Join(keys, "|"), n.Leaf.Callee))
	}
	if len(parts) == 0 {
		return "summary"
	}
	return strings.Join(parts, "; ")
}

func (s *Stored) String() string { return "stored " + s.Value.key() }

const (
	maxNeeds  = 16 // in one function's summary
	maxRemote = 4
	maxVia    = 6
)

// summaryOf returns the summary of what a call calls and the root of its
// parameters, or nil if nothing is known of the callee.
func (prog *program) summaryOf(call ssa.CallInstruction) (*Summary, any) {
	common := call.Common()
	if common.IsInvoke() {
		if impl := prog.soleImplementation(common.Method); impl != nil {
			return prog.summarize(impl), impl
		}
		return prog.importedSummary(common.Method.Origin())
	}
	fn := common.StaticCallee()
	if fn == nil || isBound(fn) {
		return nil, nil
	}
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	if fn.Pkg == prog.res.Pkg && fn.Blocks != nil {
		return prog.summarize(fn), fn
	}
	if obj := Callee(call); obj != nil {
		return prog.importedSummary(obj)
	}
	return nil, nil
}

func (prog *program) importedSummary(obj *types.Func) (*Summary, any) {
	if obj.Pkg() == nil || obj.Pkg() == prog.pass.Pkg {
		return nil, nil
	}
	fact := new(Summary)
	if !prog.pass.ImportObjectFact(obj, fact) {
		return nil, nil
	}
	return fact, nil
}

// soleImplementation returns the method of the one concrete type of this
// package that is ever converted to an interface of this package, as with the
// client stubs that protoc-gen-go-grpc generates.
func (prog *program) soleImplementation(m *types.Func) *ssa.Function {
	if m.Pkg() != prog.pass.Pkg {
		return nil
	}
	return prog.implementations()[m]
}

// summarize computes the summary of a function of this package, once. Within
// a cycle of calls the inner one is taken to set anything.
func (prog *program) summarize(fn *ssa.Function) *Summary {
	if sum, ok := prog.summaries[fn]; ok {
		return sum
	}
	sum := &Summary{}
	if fn.Blocks == nil {
		prog.summaries[fn] = sum
		return sum
	}
	prog.summaries[fn] = setsAnything(fn)
	defer func() { prog.summaries[fn] = sum }()
	// A summary must not depend on where it was first asked for, so it gets
	// the whole allowance of work.
	depth, steps := prog.depth, prog.steps
	prog.depth, prog.steps = 0, 0
	defer func() { prog.depth, prog.steps = depth, steps }()

	// Parameters first: everything else refers to them.
	sum.Sets = prog.setsIn(fn)
	sum.Results = prog.resultsOf(fn)
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			if call, ok := instr.(ssa.CallInstruction); ok {
				prog.summarizeCall(fn, sum, call)
			}
		}
	}
	for _, lit := range fn.AnonFuncs {
		prog.inheritNeeds(sum, lit)
	}
	return sum
}

// setsAnything is the summary of a function that is not known yet.
func setsAnything(fn *ssa.Function) *Summary {
	sum := &Summary{}
	for i, p := range fn.Params {
		if _, ok := p.Type().Underlying().(*types.Pointer); ok {
			sum.Sets = append(sum.Sets, Set{Param: i, Path: []string{anyField}})
		}
	}
	return sum
}

// inheritNeeds passes on what a function literal needs of the variables of the
// functions around it: whoever runs the literal, they must be bounded.
func (prog *program) inheritNeeds(sum *Summary, lit *ssa.Function) {
	for _, need := range prog.summarize(lit).Needs {
		own := slices.ContainsFunc(need.AnyOf, func(v Value) bool { return v.Kind == Param && v.root == any(lit) })
		if !own {
			sum.addNeed(need)
		}
	}
}

func (prog *program) resultsOf(fn *ssa.Function) []Value {
	results := fn.Signature.Results()
	out := make([]Value, results.Len())
	for i := range out {
		out[i] = Value{Kind: pending}
	}
	for _, b := range fn.Blocks {
		ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok {
			continue
		}
		for i, r := range ret.Results {
			if carriesBound(results.At(i).Type()) {
				out[i] = join(out[i], prog.eval(r))
			}
		}
	}
	for i := range out {
		if out[i].Kind == pending {
			out[i] = Value{}
		}
	}
	return out
}

// carriesBound reports whether values of a type can say anything about time.
func carriesBound(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		_, ok := u.Elem().Underlying().(*types.Struct)
		return ok
	case *types.Struct, *types.Signature:
		return true
	case *types.Interface:
		return !types.Identical(t, types.Universe.Lookup("error").Type())
	case *types.Slice:
		return carriesBound(u.Elem())
	}
	return qualifiedType(t) == "time.Duration"
}

// setsIn finds what a function stores below its parameters.
func (prog *program) setsIn(fn *ssa.Function) []Set {
	var sets []Set
	add := func(p Value, path []string, val Value) {
		switch {
		case p.Kind != Param || p.root != any(fn):
		case len(sets) < maxFields:
			sets = append(sets, Set{Param: p.Index, Path: append(slices.Clone(p.Path), path...), Value: val})
		case len(sets) == maxFields:
			sets = append(sets, setsAnything(fn).Sets...)
		}
	}
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			switch instr := instr.(type) {
			case *ssa.Store:
				if !carriesBound(instr.Val.Type()) {
					continue
				}
				switch addr := instr.Addr.(type) {
				case *ssa.FieldAddr, *ssa.Parameter:
					if p := paramPath(addr); p.Kind == Param && p.root == any(fn) {
						add(p, nil, prog.eval(instr.Val))
					}
				}
			case ssa.CallInstruction:
				prog.setsByCall(instr, add)
			}
		}
	}
	return sets
}

// setsByCall finds what a call sets below the parameters of the function
// around it.
func (prog *program) setsByCall(call ssa.CallInstruction, add func(Value, []string, Value)) {
	if m := ModelOf(call); m != nil {
		for _, s := range m.Sets {
			if v := Operand(call, s.Target); v != nil {
				add(paramPath(v), fieldList(s), prog.boundExpr(call, s.Bound, nil))
			}
		}
		return
	}
	sum, root := prog.summaryOf(call)
	if sum == nil && call.Common().StaticCallee() == nil {
		for _, arg := range call.Common().Args {
			// A function value or an interface may set anything.
			if p := paramPath(arg); p.Kind == Param && carriesBound(arg.Type()) {
				add(p, []string{anyField}, Value{})
			}
		}
	}
	if sum == nil || len(sum.Sets) == 0 {
		return
	}
	args := prog.arguments(call)
	for _, s := range sum.Sets {
		if v := operandValue(call, s.Param); v != nil {
			add(paramPath(v), s.Path, s.Value.substitute(root, args))
		}
	}
}

// paramPath returns the parameter and field path that an address or value
// stands for, whatever is known to be stored there; else an Unknown value.
func paramPath(v ssa.Value) Value { return paramPathBelow(v, 0) }

// maxPathSteps limits how far a path is followed: a variable whose only value is
// made of itself, as in n = n.next, has a path without end.
const maxPathSteps = 64

func paramPathBelow(v ssa.Value, steps int) Value {
	if steps++; steps > maxPathSteps {
		return Value{}
	}
	switch v := v.(type) {
	case *ssa.Parameter:
		return paramValue(v)
	case *ssa.FieldAddr:
		return paramPathBelow(v.X, steps).field(fieldName(v.X.Type(), v.Field))
	case *ssa.MakeInterface:
		return paramPathBelow(v.X, steps)
	case *ssa.TypeAssert:
		return paramPathBelow(v.X, steps)
	case *ssa.Extract:
		if assert, ok := v.Tuple.(*ssa.TypeAssert); ok && v.Index == 0 {
			return paramPathBelow(assert.X, steps)
		}
	case *ssa.UnOp:
		if v.Op != token.MUL {
			break
		}
		if cell, ok := v.X.(*ssa.Alloc); ok {
			// A parameter that a literal captures lives in a cell.
			if st := soleStore(cell); st != nil {
				return paramPathBelow(st.Val, steps)
			}
			break
		}
		return paramPathBelow(v.X, steps)
	}
	return Value{}
}

func soleStore(cell *ssa.Alloc) *ssa.Store {
	var sole *ssa.Store
	for _, r := range *cell.Referrers() {
		if st, ok := r.(*ssa.Store); ok && st.Addr == cell {
			if sole != nil {
				return nil
			}
			sole = st
		}
	}
	return sole
}

// functionValue describes a function by what it sets below its parameters.
func (prog *program) functionValue(fn *ssa.Function) Value {
	var sets []Set
	if fn.Pkg == prog.res.Pkg && fn.Blocks != nil {
		sets = prog.summarize(fn).Sets
	} else if obj, ok := fn.Object().(*types.Func); ok {
		if sum, _ := prog.importedSummary(obj); sum != nil {
			sets = sum.Sets
		}
	}
	return Value{Kind: Function, Sets: sets}
}

// export publishes the facts of this package.
func (prog *program) export() {
	for _, fn := range prog.res.Funcs {
		obj, ok := fn.Object().(*types.Func)
		if !ok {
			continue
		}
		if sum := prog.summaries[fn].pruned(fn); sum != nil {
			prog.pass.ExportObjectFact(obj, sum)
		}
	}
	// In source order: what is known of one thing may depend on which other
	// was asked for first, and facts must not.
	impls := prog.implementations()
	for _, m := range inSourceOrder(impls) {
		if sum := prog.summarize(impls[m]).pruned(impls[m]); sum != nil {
			prog.pass.ExportObjectFact(m, sum)
		}
	}
	for _, f := range inSourceOrder(prog.fieldStores) {
		if f.Pkg() == prog.pass.Pkg {
			prog.exportStored(f, prog.storedIn(f))
		}
	}
	for _, g := range inSourceOrder(prog.globalStores) {
		if obj, ok := g.Object().(*types.Var); ok && obj.Pkg() == prog.pass.Pkg && obj.Exported() {
			prog.exportStored(obj, prog.evalGlobal(g))
		}
	}
}

func inSourceOrder[K interface {
	comparable
	Pos() token.Pos
}, V any](m map[K]V) []K {
	return slices.SortedFunc(maps.Keys(m), func(a, b K) int { return int(a.Pos() - b.Pos()) })
}

func (prog *program) exportStored(obj *types.Var, val Value) {
	// That something unknown is stored is knowledge too, where it could bear on
	// time: without the fact, importers would take their own stores for all.
	if val = val.prune(nil, 0); val.informative() || bears(obj.Type()) {
		prog.pass.ExportObjectFact(obj, &Stored{Value: val})
	}
}

// bears reports whether values of a type bear on time by themselves: contexts,
// durations, modelled clients, and interfaces, which may hide one.
func bears(t types.Type) bool {
	name := qualifiedType(t)
	return typequery.IsContext(t) || name == "time.Duration" || isModelledType(name) || types.IsInterface(t)
}

// pruned returns the summary as its callers elsewhere see it, or nil if it
// tells them nothing.
func (s *Summary) pruned(root *ssa.Function) *Summary {
	out := &Summary{Remote: s.Remote}
	useful := len(s.Remote) > 0
	for _, v := range s.Results {
		v = v.prune(root, 0)
		useful = useful || v.informative()
		out.Results = append(out.Results, v)
	}
	for _, n := range s.Needs {
		n.AnyOf = pruneAll(n.AnyOf, root, 0)
		n.Rarely = pruneAll(n.Rarely, root, 0)
		if slices.ContainsFunc(out.Needs, n.alike) {
			continue // for callers elsewhere one example is enough
		}
		if !slices.ContainsFunc(n.AnyOf, func(v Value) bool { return v.Kind == Unknown }) {
			out.Needs = append(out.Needs, n)
			useful = true
		}
	}
	for _, set := range s.Sets {
		set.Value = set.Value.prune(root, 0)
		out.Sets = append(out.Sets, set)
		useful = true
	}
	if !useful {
		return nil
	}
	return out
}
