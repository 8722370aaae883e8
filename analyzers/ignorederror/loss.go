package ignorederror

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
)

// A manner is the way in which an error is lost.
type manner uint8

const (
	none manner = iota
	dropped
	started
	deferred
	turnedNil
	unanswered
)

// A loss says how an error is lost and, where that is not at the call, where.
type loss struct {
	how manner
	at  token.Pos
}

func lossOf(call *netcall.Call) loss {
	sig := call.Common().Signature()
	index := errorIndex(sig)
	if index < 0 && !carriesError(sig) {
		return loss{}
	}
	switch call.CallInstruction.(type) {
	case *ssa.Go:
		return loss{how: started}
	case *ssa.Defer:
		return loss{how: deferred}
	}
	if index < 0 {
		if isCarrierIgnored(call.Value()) {
			return loss{how: dropped}
		}
		return loss{}
	}
	errs := values(call, index)
	for _, err := range errs {
		if isUsed(err, make(map[ssa.Value]bool)) {
			return swallowed(err)
		}
	}
	return loss{how: dropped}
}

// isUsed reports whether anything looks at a value, directly or after it was
// merged with others.
func isUsed(v ssa.Value, seen map[ssa.Value]bool) bool {
	if seen[v] {
		return false
	}
	seen[v] = true
	for _, ref := range *v.Referrers() {
		switch ref := ref.(type) {
		case *ssa.DebugRef:
		case *ssa.Phi:
			if isUsed(ref, seen) {
				return true
			}
		case *ssa.BinOp:
			if isUsed(ref, seen) {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// isCarrierIgnored reports whether nobody asks a result for its error: only
// methods are called on it, and their errors are not used.
func isCarrierIgnored(v ssa.Value) bool {
	for _, ref := range *v.Referrers() {
		call, ok := ref.(*ssa.Call)
		if !ok {
			return false
		}
		common := call.Common()
		isReceiver := common.IsInvoke() && common.Value == v ||
			common.Signature().Recv() != nil && len(common.Args) > 0 && common.Args[0] == v
		if !isReceiver {
			return false
		}
		index := errorIndex(common.Signature())
		if index < 0 {
			continue // the value without its error
		}
		for _, err := range values(call, index) {
			if isUsed(err, make(map[ssa.Value]bool)) {
				return false
			}
		}
	}
	return true
}

// swallowed tells whether all that is done about an error is to compare it
// with nil and, if it is not, to return as if there were none.
func swallowed(err ssa.Value) loss {
	check := onlyCheck(err)
	if check == nil {
		return loss{}
	}
	cond := check.Cond.(*ssa.BinOp)
	onError := 0
	if cond.Op == token.EQL {
		onError = 1
	}
	ret, from := bareReturn(check.Block(), check.Block().Succs[onError])
	if ret == nil {
		return loss{}
	}
	at := ret.Pos()
	if !at.IsValid() {
		if syntax := ret.Parent().Syntax(); syntax != nil {
			at = syntax.End() - 1
		}
	}
	switch {
	case returnsNil(ret, from):
		return loss{turnedNil, at}
	case isUnanswered(check):
		return loss{unanswered, at}
	}
	return loss{}
}

// onlyCheck returns the branch on "err != nil" or "err == nil" if it is the
// only use of the error.
func onlyCheck(err ssa.Value) *ssa.If {
	refs := *err.Referrers()
	if len(refs) != 1 {
		return nil
	}
	cond, ok := refs[0].(*ssa.BinOp)
	if !ok || cond.Op != token.EQL && cond.Op != token.NEQ || !isNil(cond.X) && !isNil(cond.Y) {
		return nil
	}
	if refs := *cond.Referrers(); len(refs) == 1 {
		check, _ := refs[0].(*ssa.If)
		return check
	}
	return nil
}

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.IsNil()
}

// bareReturn follows a branch to a return before which nothing happens; it
// returns nil if something does. from is the block it came from.
func bareReturn(from, b *ssa.BasicBlock) (*ssa.Return, *ssa.BasicBlock) {
	for range 4 {
		for _, instr := range b.Instrs {
			switch instr := instr.(type) {
			case *ssa.Phi, *ssa.RunDefers, *ssa.Alloc, *ssa.DebugRef:
			case *ssa.UnOp:
				if _, ok := instr.X.(*ssa.Alloc); !ok || instr.Op != token.MUL {
					return nil, nil
				}
			case *ssa.Store:
				if !isResult(instr.Addr) {
					return nil, nil
				}
			case *ssa.Jump:
				from, b = b, b.Succs[0]
			case *ssa.Return:
				return instr, from
			default:
				return nil, nil
			}
		}
	}
	return nil, nil
}

// isResult reports whether an address is that of a result which only the
// function's own statements set: SSA keeps results in memory where a function
// defers.
func isResult(addr ssa.Value) bool {
	alloc, ok := addr.(*ssa.Alloc)
	if !ok {
		return false
	}
	for _, ref := range *alloc.Referrers() {
		switch ref := ref.(type) {
		case *ssa.UnOp:
		case *ssa.Store:
			if ref.Addr != alloc {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// stored returns what a block puts into a result that it then loads; v itself
// if it is no such load.
func stored(b *ssa.BasicBlock, v ssa.Value) ssa.Value {
	load, ok := v.(*ssa.UnOp)
	if !ok || load.Op != token.MUL {
		return v
	}
	for _, instr := range b.Instrs {
		if st, ok := instr.(*ssa.Store); ok && st.Addr == load.X {
			v = st.Val
		}
	}
	return v
}

// returnsNil reports whether a function with an error result returns nothing
// but zero values.
func returnsNil(ret *ssa.Return, from *ssa.BasicBlock) bool {
	if errorIndex(ret.Parent().Signature) < 0 {
		return false
	}
	for _, v := range ret.Results {
		v = stored(ret.Block(), v)
		if phi, ok := v.(*ssa.Phi); ok && phi.Block() == ret.Block() {
			for i, pred := range phi.Block().Preds {
				if pred == from {
					v = phi.Edges[i]
				}
			}
		}
		if !isZero(v) {
			return false
		}
	}
	return true
}

func isZero(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Const:
		if v.Value == nil {
			return true
		}
		switch v.Value.ExactString() {
		case "0", "false", `""`:
			return true
		}
	case *ssa.UnOp: // of a composite literal without elements
		alloc, ok := v.X.(*ssa.Alloc)
		return ok && v.Op == token.MUL && len(*alloc.Referrers()) == 1
	}
	return false
}

// isUnanswered reports whether a branch is in an HTTP handler that has done
// nothing with its ResponseWriter before.
func isUnanswered(check *ssa.If) bool {
	fn := check.Parent()
	if fn.Signature.Results().Len() > 0 {
		return false
	}
	for _, p := range fn.Params {
		if !isResponseWriter(p.Type()) {
			continue
		}
		for _, ref := range *p.Referrers() {
			if b := ref.Block(); b == check.Block() || b.Dominates(check.Block()) || b.Index == 0 {
				return false
			}
		}
		return true
	}
	return false
}

func isResponseWriter(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == "ResponseWriter" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "net/http"
}
