package retry

import (
	"go/constant"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
)

// countInside reads the test of a counter from a function that decides whether
// to go on: shouldRetry(left, err). It goes on if the function returns stay.
func (a *finder) countInside(call *ssa.Call, stay bool, l *Loop) (count, bool) {
	fn := call.Call.StaticCallee()
	if fn == nil || fn.Blocks == nil || !typequery.IsBool(call.Type()) {
		return count{}, false
	}
	for _, b := range fn.Blocks {
		test, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !ok || !onEveryPath(b, fn) {
			continue
		}
		cmp, ok := test.Cond.(*ssa.BinOp)
		if !ok {
			continue
		}
		op := cmp.Op
		switch {
		case returnsOnly(b.Succs[0], !stay):
			op = negate(op)
		case !returnsOnly(b.Succs[1], !stay):
			continue
		}
		if c, ok := a.countEither(argumentFor(cmp.X, call), op, argumentFor(cmp.Y, call), l); ok {
			return c, true
		}
		// r.tries < r.max, where the function itself counts.
		if c, ok := a.countEither(cmp.X, op, cmp.Y, wholeOf(fn)); ok && !symbolic(c.turns) {
			return count{turns: c.turns}, true
		}
	}
	return count{}, false
}

// onEveryPath reports whether a function cannot return before a block is met,
// other than by its tests that come before it.
func onEveryPath(b *ssa.BasicBlock, fn *ssa.Function) bool {
	for d := b; d != nil; d = d.Idom() {
		if d == fn.Blocks[0] {
			return true
		}
		if len(d.Preds) != 1 {
			return false
		}
	}
	return false
}

// returnsOnly reports whether a block does nothing but return a constant.
func returnsOnly(b *ssa.BasicBlock, want bool) bool {
	ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
	if !ok || len(b.Instrs) != 1 || len(ret.Results) != 1 {
		return false
	}
	c, ok := ret.Results[0].(*ssa.Const)
	return ok && c.Value != nil && c.Value.Kind() == constant.Bool && constant.BoolVal(c.Value) == want
}

// argumentFor returns what a call passes for a parameter of its callee; other
// values as they are.
func argumentFor(v ssa.Value, call *ssa.Call) ssa.Value {
	if p, ok := v.(*ssa.Parameter); ok {
		if i := paramIndex(p); i >= 0 && i < len(call.Call.Args) {
			return call.Call.Args[i]
		}
	}
	return v
}

// limitedBy recognises a test of something that keeps count out of sight: a
// method such as backoff.Ongoing() or policy.NextBackOff() == Stop. How often it
// lets the loop go on is not known, but that it may end it is.
func (a *finder) limitedBy(test *ssa.If, r *Retry) (callgraph.Amount, bool) {
	if _, ok := staysOn(test, r.Loop); !ok {
		return callgraph.Amount{}, false
	}
	var asked *ssa.Call
	about := dependsOn(test.Cond, r.Loop, func(v ssa.Value) bool { return a.isOutcome(v, r) })
	dependsOn(test.Cond, r.Loop, func(v ssa.Value) bool {
		if call, ok := v.(*ssa.Call); ok && asked == nil && keepsCount(call) && !a.answers(call, r.Loop) {
			asked = call
		}
		return false
	})
	if asked == nil || about && !isMethodResult(test.Cond, asked) {
		return callgraph.Amount{}, false
	}
	if attempts, ok := a.policyLimit(asked, r); ok {
		return attempts, true
	}
	if endsOnlyAtShutdown(asked, test, r.Loop) {
		r.ByTime = true
		return callgraph.Amount{}, false
	}
	for _, arg := range asked.Call.Args {
		if typequery.IsContext(arg.Type()) {
			r.ByTime = true
			return callgraph.Amount{}, false
		}
	}
	return callgraph.Amount{Var: TextOf(asked)}, true
}

// endsOnlyAtShutdown reports whether a function of the package, asked whether to
// go on, says no only where a context or channel has ended.
func endsOnlyAtShutdown(asked *ssa.Call, test *ssa.If, l *Loop) bool {
	fn := asked.Call.StaticCallee()
	cond, negated := stripNot(test.Cond)
	stay, ok := staysOn(test, l)
	if fn == nil || fn.Blocks == nil || !ok || cond != ssa.Value(asked) {
		return false
	}
	leave := stay == negated // what the function returns to end the loop
	found := false
	for _, b := range fn.Blocks {
		ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok || len(ret.Results) != 1 {
			continue
		}
		c, ok := ret.Results[0].(*ssa.Const)
		if !ok || c.Value == nil || c.Value.Kind() != constant.Bool {
			return false
		}
		if constant.BoolVal(c.Value) != leave {
			continue
		}
		if found = afterEnd(b); !found {
			return false
		}
	}
	return found
}

// afterEnd reports whether a block is met only once a select statement has seen a
// channel end.
func afterEnd(b *ssa.BasicBlock) bool {
	for d := b; d.Idom() != nil; d = d.Idom() {
		test, ok := d.Idom().Instrs[len(d.Idom().Instrs)-1].(*ssa.If)
		if !ok || len(d.Preds) != 1 {
			continue // other ways lead here
		}
		cmp, ok := test.Cond.(*ssa.BinOp)
		if !ok {
			continue
		}
		index, ok := cmp.X.(*ssa.Extract)
		if !ok {
			continue
		}
		sel, ok := index.Tuple.(*ssa.Select)
		n, isInt := constInt(cmp.Y)
		if !ok || !isInt {
			continue
		}
		if test.Block().Succs[1] == d {
			if len(sel.States) != 2 || !sel.Blocking {
				continue
			}
			n = 1 - n // the other case
		}
		if 0 <= n && n < len(sel.States) && endsSomething(sel.States[n].Chan) {
			return true
		}
	}
	return false
}

// answers reports whether what a call returns may come from the network: data, by
// which a poll ends, and no count.
func (a *finder) answers(call *ssa.Call, l *Loop) bool {
	switch t := call.Type().(type) {
	case *types.Tuple:
		if t.Len() == 0 || !typequery.IsBool(t.At(t.Len()-1).Type()) && !typequery.IsError(t.At(t.Len()-1).Type()) {
			return true
		}
	default:
		if !typequery.IsBool(t) && !isDuration(t) && !typequery.IsError(t) {
			return true
		}
	}
	isRemote := func(v ssa.Value) bool {
		c, ok := v.(*ssa.Call)
		return ok && a.mayReach(c) != callgraph.No
	}
	switch common := call.Common(); {
	case common.IsInvoke():
		return isRemote(call) || dependsOn(common.Value, l, isRemote)
	case common.Signature().Recv() != nil && len(common.Args) > 0:
		return isRemote(call) || dependsOn(common.Args[0], l, isRemote)
	}
	return dependsOn(call, l, isRemote)
}

// isOutcome reports whether a value is what an attempt returned.
func (a *finder) isOutcome(v ssa.Value, r *Retry) bool {
	for _, c := range r.Calls {
		if v == c.Value() {
			return true
		}
	}
	return false
}

// isMethodResult reports whether a condition compares what a call returned, or is
// it: the call may have been told of the failure, as NextBackOff(err) is.
func isMethodResult(cond ssa.Value, call *ssa.Call) bool {
	cond, _ = stripNot(cond)
	if cond == ssa.Value(call) {
		// What stands behind an interface may count, whatever else it is told.
		return call.Call.IsInvoke() || isNamedMethod(call)
	}
	cmp, ok := cond.(*ssa.BinOp)
	return ok && (cmp.X == ssa.Value(call) && isConst(cmp.Y) || cmp.Y == ssa.Value(call) && isConst(cmp.X)) && isDuration(call.Type())
}

func isNamedMethod(call *ssa.Call) bool {
	for _, arg := range call.Call.Args {
		if typequery.IsError(arg.Type()) || isResponse(arg.Type()) {
			return false // a classification
		}
	}
	return true
}

// keepsCount reports whether a call asks an object that may count: a method, or a
// function value, that returns a flag, a duration or an error.
func keepsCount(call *ssa.Call) bool {
	if _, builtin := call.Call.Value.(*ssa.Builtin); builtin {
		return false
	}
	fn := netcall.Callee(call)
	if fn == nil {
		return call.Call.StaticCallee() == nil
	}
	if fn.Pkg() == nil || IsStandardPath(fn.Pkg().Path()) {
		return false
	}
	if fn.Signature().Recv() != nil {
		return true
	}
	for _, arg := range call.Call.Args {
		if typequery.IsContext(arg.Type()) {
			return true
		}
		if p, ok := arg.Type().Underlying().(*types.Pointer); ok && !isResponse(arg.Type()) {
			if _, ok := p.Elem().Underlying().(*types.Struct); ok {
				return true
			}
		}
	}
	return false
}

// policyLimit asks the models of libraries how often an object lets a loop go on:
// backoff.Ongoing().
func (a *finder) policyLimit(call *ssa.Call, r *Retry) (callgraph.Amount, bool) {
	layer, ok := a.policyOf(call, r.Fn)
	if !ok || layer.Attempts == (callgraph.Amount{}) {
		return callgraph.Amount{}, false
	}
	if layer.Context == callgraph.Yes {
		r.ByTime = true
	}
	return layer.Attempts, true
}

// policyOf returns what the receiver of a method call is known to do about
// repeating.
func (a *finder) policyOf(call ssa.CallInstruction, in *ssa.Function) (callgraph.Layer, bool) {
	common := call.Common()
	if common.IsInvoke() || common.Signature().Recv() == nil || len(common.Args) == 0 {
		return callgraph.Layer{}, false
	}
	apps := a.policies.Of(common.Args[0], in)
	if len(apps) != 1 {
		return callgraph.Layer{}, false
	}
	return apps[0].Layer, true
}
