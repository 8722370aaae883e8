package callsheet

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/typequery"
)

// outcomeOf says what becomes of the error of a call, and where. It is unknown for
// calls without an error, and for errors that go where they are lost sight of.
func outcomeOf(call ssa.CallInstruction) (Outcome, token.Pos) {
	value, ok := call.(*ssa.Call)
	if !ok { // go and defer: nobody gets the error
		if errorIndex(call.Common().Signature()) >= 0 {
			return Ignored, call.Pos()
		}
		return OutcomeUnknown, token.NoPos
	}
	err := errorOf(value)
	switch {
	case errorIndex(call.Common().Signature()) < 0:
		return OutcomeUnknown, token.NoPos
	case err == nil || len(uses(err)) == 0:
		return Ignored, call.Pos()
	}
	f := &flow{seen: map[ssa.Value]bool{}}
	f.follow(err)
	if f.returned.IsValid() {
		return Returned, f.returned
	}
	return f.afterFailure()
}

func errorIndex(sig *types.Signature) int {
	for i := range sig.Results().Len() {
		if typequery.IsError(sig.Results().At(i).Type()) {
			return i
		}
	}
	return -1
}

// errorOf is the error that a call returns, nil if nobody takes it.
func errorOf(call *ssa.Call) ssa.Value {
	i := errorIndex(call.Call.Signature())
	if call.Call.Signature().Results().Len() == 1 {
		return call
	}
	for _, ref := range *call.Referrers() {
		if e, ok := ref.(*ssa.Extract); ok && e.Index == i {
			return e
		}
	}
	return nil
}

// uses lists what uses a value, but for debugging.
func uses(v ssa.Value) []ssa.Instruction {
	refs := v.Referrers()
	if refs == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(*refs), func(i ssa.Instruction) bool {
		_, debug := i.(*ssa.DebugRef)
		return debug
	})
}

// A flow follows an error forward.
type flow struct {
	seen     map[ssa.Value]bool
	returned token.Pos
	// failed are the blocks that run after the error was found not to be nil.
	failed []*ssa.BasicBlock
	lost   bool // it is stored or sent where it is not followed
}

func (f *flow) follow(v ssa.Value) {
	if f.seen[v] {
		return
	}
	f.seen[v] = true
	for _, use := range uses(v) {
		f.use(v, use)
	}
}

func (f *flow) use(v ssa.Value, use ssa.Instruction) {
	switch use := use.(type) {
	case *ssa.Return:
		if slices.Contains(use.Results, v) && !f.returned.IsValid() {
			f.returned = use.Pos()
		}
	case *ssa.Phi, *ssa.MakeInterface, *ssa.ChangeInterface, *ssa.ChangeType, *ssa.TypeAssert, *ssa.Extract, *ssa.Slice:
		f.follow(use.(ssa.Value))
	case *ssa.Store:
		f.store(use)
	case *ssa.BinOp:
		f.compared(use)
	case *ssa.Call:
		// Wrapping: what is made of an error and is one is the same failure.
		if i := errorIndex(use.Call.Signature()); i >= 0 {
			if err := errorOf(use); err != nil {
				f.follow(err)
			}
		}
	case *ssa.Send, *ssa.MapUpdate:
		f.lost = true
	}
}

// store follows an error into a variable, and into the slice of arguments that a
// variadic function gets.
func (f *flow) store(st *ssa.Store) {
	switch addr := st.Addr.(type) {
	case *ssa.Alloc:
		f.loads(addr, func(load *ssa.UnOp) bool { return load.Block() == st.Block() })
		if !f.returned.IsValid() {
			f.loads(addr, func(*ssa.UnOp) bool { return true })
		}
		if addr.Heap {
			f.lost = true
		}
	case *ssa.IndexAddr:
		for _, use := range uses(addr.X) {
			if s, ok := use.(*ssa.Slice); ok {
				f.follow(s)
			}
		}
	default:
		f.lost = true
	}
}

// loads follows what is read from a variable. Results of functions with defer are
// such variables, read where each return statement is.
func (f *flow) loads(addr *ssa.Alloc, wanted func(*ssa.UnOp) bool) {
	for _, use := range uses(addr) {
		if load, ok := use.(*ssa.UnOp); ok && load.Op == token.MUL && wanted(load) {
			f.follow(load)
		}
	}
}

// compared notes where a comparison with nil leads if there is an error.
func (f *flow) compared(cmp *ssa.BinOp) {
	if !isNil(cmp.X) && !isNil(cmp.Y) {
		return
	}
	for _, use := range uses(cmp) {
		branch, ok := use.(*ssa.If)
		if !ok {
			continue
		}
		after := branch.Block().Succs[0]
		if cmp.Op == token.EQL {
			after = branch.Block().Succs[1]
		}
		f.failed = append(f.failed, after)
	}
}

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.IsNil()
}

// afterFailure says how a function ends once it found an error that it does not
// return: by what stands in the branch for the error.
func (f *flow) afterFailure() (Outcome, token.Pos) {
	if f.lost || len(f.failed) == 0 {
		return OutcomeUnknown, token.NoPos
	}
	for _, b := range f.failed {
		if len(b.Preds) != 1 {
			continue
		}
		ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok {
			continue
		}
		i := errorIndex(b.Parent().Signature)
		switch {
		case i < 0:
			return Handled, ret.Pos()
		case isNil(ret.Results[i]):
			return TurnedIntoNil, ret.Pos()
		default:
			return Replaced, ret.Pos()
		}
	}
	return Handled, token.NoPos
}
