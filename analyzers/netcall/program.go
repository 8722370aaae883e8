package netcall

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

// A program is the working state for one package.
type program struct {
	pass *analysis.Pass
	res  *Result

	fieldStores  map[*types.Var][]*ssa.Store   // stores to struct fields, by field
	globalStores map[*ssa.Global][]*ssa.Store  // stores to package variables
	globalLoads  map[*ssa.Global][]ssa.Value   // loads of package variables, own and imported
	closures     map[*ssa.Function][]ssa.Value // values that bind the free variables of a literal
	callers      map[*ssa.Function][]ssa.CallInstruction
	escaping     map[*ssa.Function]bool // used as a value, so not all callers are seen

	// Types of which a bounding field (http.Client.Timeout) is stored to other
	// than where the object is built: at all, or through something that is not a
	// parameter either, so that no caller can tell to which object it belongs.
	mutated, loose map[string]bool

	values    map[ssa.Value]Value
	depth     int
	steps     int // since the outermost value
	total     int
	sawCycle  bool
	fields    map[*types.Var]Value
	globals   map[*ssa.Global]Value
	summaries map[*ssa.Function]*Summary
	impls     map[*types.Func]*ssa.Function
	positions map[Posn]token.Pos
}

func newProgram(pass *analysis.Pass, res *Result) *program {
	return &program{
		pass: pass, res: res,
		fieldStores:  make(map[*types.Var][]*ssa.Store),
		globalStores: make(map[*ssa.Global][]*ssa.Store),
		globalLoads:  make(map[*ssa.Global][]ssa.Value),
		closures:     make(map[*ssa.Function][]ssa.Value),
		callers:      make(map[*ssa.Function][]ssa.CallInstruction),
		escaping:     make(map[*ssa.Function]bool),
		mutated:      make(map[string]bool),
		loose:        make(map[string]bool),
		values:       make(map[ssa.Value]Value),
		fields:       make(map[*types.Var]Value),
		globals:      make(map[*ssa.Global]Value),
		summaries:    make(map[*ssa.Function]*Summary),
		positions:    make(map[Posn]token.Pos),
	}
}

// analyze indexes the package, summarises its functions and exports facts.
func (prog *program) analyze() {
	for _, fn := range prog.res.Funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				prog.index(instr)
			}
		}
	}
	for _, fn := range prog.res.Funcs {
		prog.summarize(fn)
	}
	prog.collectCalls()
	prog.export()
}

func (prog *program) index(instr ssa.Instruction) {
	switch instr := instr.(type) {
	case *ssa.Store:
		switch addr := instr.Addr.(type) {
		case *ssa.FieldAddr:
			if f := fieldVar(addr.X.Type(), addr.Field); f != nil {
				prog.fieldStores[f] = append(prog.fieldStores[f], instr)
				prog.indexMutation(addr, f)
			}
		case *ssa.Global:
			prog.globalStores[addr] = append(prog.globalStores[addr], instr)
		}
	case *ssa.UnOp:
		if g, ok := instr.X.(*ssa.Global); ok && instr.Op == token.MUL {
			prog.globalLoads[g] = append(prog.globalLoads[g], instr)
		}
	case *ssa.MakeClosure:
		fn := instr.Fn.(*ssa.Function)
		prog.closures[fn] = append(prog.closures[fn], instr)
	}
	if call, ok := instr.(ssa.CallInstruction); ok {
		if fn := call.Common().StaticCallee(); fn != nil {
			prog.callers[fn] = append(prog.callers[fn], call)
		}
	}
	prog.indexEscapes(instr)
}

// indexMutation notes a store to a bounding field of a modelled type.
func (prog *program) indexMutation(addr *ssa.FieldAddr, f *types.Var) {
	name := qualifiedType(addr.X.Type())
	if !(Value{Type: name}).modelled(f.Name()) {
		return
	}
	switch addr.X.(type) {
	case *ssa.Alloc, *ssa.Call, *ssa.Extract:
		return // the object itself, where it is made
	}
	prog.mutated[name] = true
	if paramPath(addr.X).Kind != Param {
		prog.loose[name] = true
	}
}

// indexEscapes notes the functions that instr uses other than by calling them.
func (prog *program) indexEscapes(instr ssa.Instruction) {
	var callee ssa.Value
	if call, ok := instr.(ssa.CallInstruction); ok {
		callee = call.Common().Value
	}
	for _, op := range instr.Operands(nil) {
		if fn, ok := (*op).(*ssa.Function); ok && *op != callee {
			if mc, ok := instr.(*ssa.MakeClosure); ok && mc.Fn == *op && onlyCalled(mc) {
				continue
			}
			prog.escaping[fn] = true
		}
	}
}

// onlyCalled reports whether a closure value is only ever called.
func onlyCalled(v ssa.Value) bool {
	for _, r := range *v.Referrers() {
		call, ok := r.(ssa.CallInstruction)
		if !ok || call.Common().Value != v || slices.Contains(call.Common().Args, v) {
			return false
		}
	}
	return true
}

// knownCallers returns the calls of fn if the package shows all of them: fn is
// not exported (or the package is a command), not used as a value, and no
// method that an interface could reach.
func (prog *program) knownCallers(fn *ssa.Function) []ssa.CallInstruction {
	if prog.escaping[fn] || fn.Parent() == nil && fn.Signature.Recv() != nil {
		return nil
	}
	if obj := fn.Object(); obj != nil && obj.Exported() && prog.pass.Pkg.Name() != "main" {
		return nil
	}
	return prog.callers[fn]
}

// fieldVar returns the declared field that index i of a struct, or of what t
// points to, selects; generic types give the field of their origin.
func fieldVar(t types.Type, i int) *types.Var {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if s, ok := t.Underlying().(*types.Struct); ok && i < s.NumFields() {
		return s.Field(i).Origin()
	}
	return nil
}

// qualifiedType returns "path.Name" for a named type or a pointer to one.
func qualifiedType(t types.Type) string {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok && n.Obj().Pkg() != nil {
		return n.Obj().Pkg().Path() + "." + n.Obj().Name()
	}
	return ""
}
