package remotecallinloop

import (
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
)

// A site is the place where a function literal is made.
type site struct {
	block    *ssa.BasicBlock
	bindings []ssa.Value         // of its free variables
	call     ssa.CallInstruction // that runs it on the spot; nil if it is handed on
	started  bool                // as a goroutine, or given to a group of them
}

// indexLiterals notes where the literals of a function are made.
func (f *finder) indexLiterals(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			if mc, ok := instr.(*ssa.MakeClosure); ok {
				s := &site{block: b, bindings: mc.Bindings}
				for _, use := range *mc.Referrers() {
					s.use(use, mc)
				}
				f.sites[mc.Fn.(*ssa.Function)] = s
				continue
			}
			for _, op := range instr.Operands(nil) {
				if lit, ok := (*op).(*ssa.Function); ok && lit.Parent() == fn {
					s := &site{block: b}
					s.use(instr, lit)
					f.sites[lit] = s
				}
			}
		}
	}
}

// use notes what an instruction does with a literal.
func (s *site) use(instr ssa.Instruction, lit ssa.Value) {
	call, ok := instr.(ssa.CallInstruction)
	if !ok {
		return
	}
	if call.Common().Value == lit {
		s.call = call
		_, s.started = call.(*ssa.Go)
		return
	}
	if fn := netcall.Callee(call); fn != nil && slices.Contains([]string{"Go", "TryGo", "Submit", "Invoke", "Queue"}, fn.Name()) {
		s.started = true
	}
}

// given returns what a literal is given for a parameter or captures as a
// variable, nil if that is not seen.
func (f *finder) given(v ssa.Value) ssa.Value {
	s := f.sites[v.Parent()]
	if s == nil {
		return nil
	}
	switch v := v.(type) {
	case *ssa.FreeVar:
		if i := slices.Index(v.Parent().FreeVars, v); i < len(s.bindings) {
			return s.bindings[i]
		}
	case *ssa.Parameter:
		if s.call == nil {
			return nil
		}
		if i := slices.Index(v.Parent().Params, v); i < len(s.call.Common().Args) {
			return s.call.Common().Args[i]
		}
	}
	return nil
}
