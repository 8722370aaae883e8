package constflow

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// An index finds the uses of what has no referrers of its own in SSA form.
type index struct {
	callers  map[*ssa.Function][]ssa.CallInstruction
	escaped  map[*ssa.Function]bool // used other than in a static call
	invoked  map[string]bool        // names of interface methods called
	globals  map[*ssa.Global][]ssa.Instruction
	fields   map[*types.Var][]*ssa.FieldAddr
	closures map[*ssa.Function][]*ssa.MakeClosure
	outside  []ssa.CallInstruction // calls of function values and of functions without a body
}

func newIndex(funcs []*ssa.Function) *index {
	ix := &index{
		callers:  make(map[*ssa.Function][]ssa.CallInstruction),
		escaped:  make(map[*ssa.Function]bool),
		invoked:  make(map[string]bool),
		globals:  make(map[*ssa.Global][]ssa.Instruction),
		fields:   make(map[*types.Var][]*ssa.FieldAddr),
		closures: make(map[*ssa.Function][]*ssa.MakeClosure),
	}
	for _, fn := range funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				ix.add(instr)
			}
		}
	}
	return ix
}

func (ix *index) add(instr ssa.Instruction) {
	var called ssa.Value
	switch instr := instr.(type) {
	case ssa.CallInstruction:
		if fn := instr.Common().StaticCallee(); fn != nil {
			fn = origin(fn)
			ix.callers[fn] = append(ix.callers[fn], instr)
		} else if instr.Common().IsInvoke() {
			ix.invoked[instr.Common().Method.Name()] = true
		}
		called = instr.Common().Value
		if outside(instr) {
			ix.outside = append(ix.outside, instr)
		}
	case *ssa.FieldAddr:
		f := fieldOf(instr)
		ix.fields[f] = append(ix.fields[f], instr)
	case *ssa.MakeClosure:
		fn := instr.Fn.(*ssa.Function)
		ix.closures[fn] = append(ix.closures[fn], instr)
		if onlyCalled(instr) {
			called = instr.Fn
		}
	}
	var space [8]*ssa.Value
	for _, op := range instr.Operands(space[:0]) {
		switch v := (*op).(type) {
		case *ssa.Function:
			if v != called {
				ix.escaped[origin(v)] = true
			}
		case *ssa.Global:
			ix.globals[v] = append(ix.globals[v], instr)
		}
	}
}

func outside(call ssa.CallInstruction) bool {
	if _, builtin := call.Common().Value.(*ssa.Builtin); builtin {
		return false
	}
	fn := call.Common().StaticCallee()
	return fn == nil || len(origin(fn).Blocks) == 0
}

// onlyCalled reports whether all that happens to a closure is that it is called.
func onlyCalled(c *ssa.MakeClosure) bool {
	for _, r := range *c.Referrers() {
		call, ok := r.(ssa.CallInstruction)
		if !ok || call.Common().Value != c || slices.Contains(call.Common().Args, ssa.Value(c)) {
			return false
		}
	}
	return true
}

func origin(fn *ssa.Function) *ssa.Function {
	if o := fn.Origin(); o != nil {
		return o
	}
	return fn
}

// fieldOf returns the struct field whose address an instruction takes.
func fieldOf(a *ssa.FieldAddr) *types.Var {
	return structOf(a.X.Type()).Field(a.Field).Origin()
}

// structOf returns the struct type that t is or points to; nil if neither. The
// types that a type parameter stands for may share one.
func structOf(t types.Type) *types.Struct {
	if p, ok := core(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	s, _ := core(t).(*types.Struct)
	return s
}

// core returns the type that lies beneath t, or beneath all that t stands for if
// it is a type parameter.
func core(t types.Type) types.Type {
	constraint, ok := t.Underlying().(*types.Interface)
	if !ok {
		return t.Underlying()
	}
	for embedded := range constraint.EmbeddedTypes() {
		switch e := types.Unalias(embedded).(type) {
		case *types.Union:
			if e.Len() > 0 {
				return core(e.Term(0).Type())
			}
		default:
			if under := core(e); under != nil && !types.IsInterface(under) {
				return under
			}
		}
	}
	return constraint
}

// arguments returns what is passed for a parameter by the calls in the package,
// and whether there can be no others.
func (t *Tracer) arguments(p *ssa.Parameter) (args []ssa.Value, complete bool) {
	fn := p.Parent()
	i := slices.Index(fn.Params, p)
	for _, call := range t.index().callers[origin(fn)] {
		if all := call.Common().Args; i < len(all) {
			args = append(args, all[i])
		}
	}
	return args, len(args) > 0 && !t.calledElsewhere(fn)
}

// Callers returns the static calls of a function in its package, and whether
// there can be no others.
func (t *Tracer) Callers(fn *ssa.Function) (calls []ssa.CallInstruction, complete bool) {
	calls = t.index().callers[origin(fn)]
	return calls, len(calls) > 0 && !t.calledElsewhere(fn)
}

func (t *Tracer) calledElsewhere(fn *ssa.Function) bool {
	ix := t.index()
	if ix.escaped[origin(fn)] {
		return true
	}
	if fn.Parent() != nil { // a literal
		return false
	}
	if fn.Signature.Recv() != nil && ix.invoked[fn.Name()] {
		return true
	}
	return token.IsExported(fn.Name()) && !t.isMain()
}

// isMain reports whether nothing can import the package.
func (t *Tracer) isMain() bool { return t.pkg != nil && t.pkg.Pkg.Name() == "main" }

// uses returns the instructions that use the memory at an address that is an
// *ssa.Alloc, *ssa.FreeVar or *ssa.Global, function literals included, each
// with the name the address has there.
func (t *Tracer) uses(addr ssa.Value) (found []use) {
	var referrers []ssa.Instruction
	if g, ok := addr.(*ssa.Global); ok {
		referrers = t.index().globals[g]
	} else if r := addr.Referrers(); r != nil {
		referrers = *r
	}
	for _, instr := range referrers {
		if c, ok := instr.(*ssa.MakeClosure); ok {
			fn := c.Fn.(*ssa.Function)
			for i, b := range c.Bindings {
				if b == addr {
					found = append(found, t.uses(fn.FreeVars[i])...)
				}
			}
			continue
		}
		found = append(found, use{instr, addr})
	}
	return found
}

type use struct {
	ssa.Instruction
	addr ssa.Value
}

// captured returns what a function literal's free variable is bound to.
func (t *Tracer) captured(v *ssa.FreeVar) (bound []ssa.Value) {
	fn := v.Parent()
	i := slices.Index(fn.FreeVars, v)
	for _, c := range t.index().closures[fn] {
		bound = append(bound, c.Bindings[i])
	}
	return bound
}
