package unboundedretry

import (
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/analyzers/retryreport"
	"github.com/commslint/commslint/analyzers/typequery"
)

// ends says what else may leave a loop than how its attempt went.
type ends struct {
	// limit is a test of a counter, which some way around the loop avoids.
	limit ssa.Value
	// judged says that some failures are not repeated, by a test that may tell the
	// end of a context too.
	judged bool
	// unknown says that some test depends on what cannot be seen through, such as
	// a policy's Next method.
	unknown bool
}

func endsOf(c *retryreport.Case) ends {
	var found ends
	if c.Loop == nil {
		return ends{unknown: true}
	}
	for _, b := range c.Fn.Blocks {
		test, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !ok || !c.Loop.Blocks[b] || !leaves(b, c.Loop) {
			continue
		}
		s := &sources{c: c, seen: make(map[ssa.Value]bool)}
		s.visit(test.Cond)
		found.judged = found.judged || s.judged
		if s.skipped && found.limit == nil {
			found.limit = test.Cond
		}
		// What counts every attempt and is no limit must be one in another way.
		found.unknown = found.unknown || s.other || s.counter && !s.skipped
	}
	return found
}

// leaves reports whether one outcome of a block's test leads out of the loop.
func leaves(b *ssa.BasicBlock, l *retry.Loop) bool {
	return slices.ContainsFunc(b.Succs, func(s *ssa.BasicBlock) bool { return !l.Blocks[s] })
}

// sources tells what a condition depends on.
type sources struct {
	c       *retryreport.Case
	seen    map[ssa.Value]bool
	attempt bool // how the attempt went
	counter bool // a number that is changed by a constant
	skipped bool // some turn leaves that number as it is
	judged  bool // what a function says of the attempt's error
	other   bool // anything else that may change
}

func (s *sources) visit(v ssa.Value) {
	if v == nil || s.seen[v] {
		return
	}
	s.seen[v] = true
	instr, isInstr := v.(ssa.Instruction)
	if !isInstr || !s.c.Loop.Blocks[instr.Block()] {
		return // it does not change
	}
	switch v := v.(type) {
	case *ssa.Call:
		s.visitCall(v)
	case *ssa.Phi:
		if typequery.IsInteger(v.Type()) && counts(v) {
			s.counter = true
			s.skipped = s.skipped || s.isSkipped(v)
			return
		}
		s.visitAll(v.Edges...)
	case *ssa.BinOp:
		s.visitAll(v.X, v.Y)
	case *ssa.UnOp:
		switch v.Op {
		case token.MUL:
			s.visitLoad(v)
		case token.ARROW:
			s.other = true
		default:
			s.visit(v.X)
		}
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok && typequery.IsError(v.Type()) && !s.isAttempt(call) && !decides(call) {
			return // something that is done besides has failed
		}
		s.visit(v.Tuple)
	case *ssa.Convert:
		s.visit(v.X)
	case *ssa.ChangeType:
		s.visit(v.X)
	case *ssa.ChangeInterface:
		s.visit(v.X)
	case *ssa.MakeInterface:
		s.visit(v.X)
	case *ssa.TypeAssert:
		s.visit(v.X)
	case *ssa.Field:
		s.visit(v.X)
	case *ssa.FieldAddr:
		s.visit(v.X)
	case *ssa.Alloc:
		s.visitVariable(v)
	default:
		s.other = true
	}
}

func (s *sources) visitAll(vs ...ssa.Value) {
	for _, v := range vs {
		s.visit(v)
	}
}

func (s *sources) isAttempt(call *ssa.Call) bool {
	return slices.ContainsFunc(s.c.Calls, func(a *retry.Attempt) bool {
		return a.CallInstruction == ssa.CallInstruction(call)
	})
}

// visitCall looks through functions that judge how the attempt went. What has a
// receiver may count the times that it is asked.
func (s *sources) visitCall(call *ssa.Call) {
	if s.isAttempt(call) {
		s.attempt = true
		return
	}
	if typequery.IsError(call.Type()) && !decides(call) {
		return
	}
	inner := &sources{c: s.c, seen: s.seen}
	inner.visitAll(call.Call.Args...)
	recv := call.Call.Signature().Recv()
	fn := netcall.Callee(call)
	standard := fn != nil && fn.Pkg() != nil && retry.IsStandardPath(fn.Pkg().Path())
	_, builtin := call.Call.Value.(*ssa.Builtin)
	switch {
	case inner.other, inner.counter, !inner.attempt, recv != nil && !standard, fn == nil && !builtin:
		s.other = true
	default:
		s.attempt, s.judged = true, true
	}
}

// visitLoad looks at what memory holds: a variable, or a field of an answer.
func (s *sources) visitLoad(load *ssa.UnOp) {
	switch addr := load.X.(type) {
	case *ssa.Alloc:
		s.visitVariable(addr)
	case *ssa.FieldAddr:
		inner := &sources{c: s.c, seen: s.seen}
		inner.visit(addr.X)
		if inner.attempt && !inner.other {
			s.attempt = true
		} else {
			s.other = true
		}
	case *ssa.Global:
		s.other = s.other || !typequery.IsError(load.Type()) // io.EOF and its like do not change
	default:
		s.other = true
	}
}

func (s *sources) visitVariable(v *ssa.Alloc) {
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			if r.Addr != ssa.Value(v) {
				s.other = true
			} else if s.c.Loop.Blocks[r.Block()] {
				s.visit(r.Val)
			}
		case *ssa.UnOp, *ssa.FieldAddr, *ssa.DebugRef:
		case *ssa.MakeClosure:
			if !s.onlyInAttempt(r) {
				s.other = true
			}
			s.attempt = true
		case ssa.CallInstruction:
			// Filled in by the attempt, or by errors.As.
			s.attempt = true
		default:
			s.other = true
		}
	}
}

// onlyInAttempt reports whether a literal is used for nothing but an attempt.
func (s *sources) onlyInAttempt(lit *ssa.MakeClosure) bool {
	for _, r := range *lit.Referrers() {
		call, ok := r.(ssa.CallInstruction)
		if !ok || !slices.ContainsFunc(s.c.Calls, func(a *retry.Attempt) bool { return a.CallInstruction == call }) {
			return false
		}
	}
	return true
}

// decides reports whether a call is named as if it said whether to go on.
func decides(call *ssa.Call) bool {
	name := strings.ToLower(call.Call.Value.Name())
	if fn := netcall.Callee(call); fn != nil {
		name = strings.ToLower(fn.Name())
	}
	return slices.ContainsFunc([]string{"wait", "sleep", "next", "backoff", "retry", "retries", "attempt", "limit", "budget", "continue", "stop", "allow", "pause", "delay"},
		func(word string) bool { return strings.Contains(name, word) })
}

// isSkipped reports whether some way around the loop leaves a number as it is.
func (s *sources) isSkipped(phi *ssa.Phi) bool {
	if phi.Block() != s.c.Loop.Header {
		return false
	}
	seen := make(map[ssa.Value]bool)
	var same func(v ssa.Value) bool
	same = func(v ssa.Value) bool {
		if v == ssa.Value(phi) {
			return true
		}
		merge, ok := v.(*ssa.Phi)
		if !ok || seen[v] {
			return false
		}
		seen[v] = true
		return slices.ContainsFunc(merge.Edges, same)
	}
	for i, e := range phi.Edges {
		if s.c.Loop.Blocks[phi.Block().Preds[i]] && same(e) {
			return true
		}
	}
	return false
}

// counts reports whether a variable is changed by a constant somewhere.
func counts(phi *ssa.Phi) bool {
	for _, r := range *phi.Referrers() {
		if sum, ok := r.(*ssa.BinOp); ok && (sum.Op == token.ADD || sum.Op == token.SUB) {
			if _, ok := sum.Y.(*ssa.Const); ok {
				return true
			}
		}
	}
	return false
}
