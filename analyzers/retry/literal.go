package retry

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/typequery"
)

// runLiteral takes account of what a function literal that holds the attempt
// leaves in the variables that it captures.
func (w *walk) runLiteral(call ssa.CallInstruction, e env) {
	if v, ok := call.(ssa.Value); ok {
		delete(e, v)
	}
	mc, ok := call.Common().Value.(*ssa.MakeClosure)
	if !ok {
		return
	}
	fn := mc.Fn.(*ssa.Function)
	for i, fv := range fn.FreeVars {
		if i >= len(mc.Bindings) {
			break
		}
		c, ok := cellOf(mc.Bindings[i])
		if !ok || !storesTo(fn, fv) {
			continue
		}
		elem := fv.Type().Underlying().(*types.Pointer).Elem()
		switch {
		case call != w.attempt && typequery.IsError(elem):
			e[c] = aval{kind: isNil}
		case call == w.attempt:
			// The variables that the literal sets are its results.
			e[c] = w.sc.outcome(tupleOf(elem), 0)
			if e[c].kind == anything {
				delete(e, c)
			}
		default:
			delete(e, c)
		}
	}
}

func storesTo(fn *ssa.Function, fv *ssa.FreeVar) bool {
	for _, r := range *fv.Referrers() {
		if st, ok := r.(*ssa.Store); ok && st.Addr == ssa.Value(fv) {
			return true
		}
	}
	for _, lit := range fn.AnonFuncs {
		for _, inner := range lit.FreeVars {
			if inner.Name() == fv.Name() && storesTo(lit, inner) {
				return true
			}
		}
	}
	return false
}

// isAttemptChannel reports whether a receive takes what a goroutine with the
// attempt sends.
func (w *walk) isAttemptChannel(recv *ssa.UnOp) bool {
	return w.sendsOn(recv.X)
}

// sendsOn reports whether the attempt is a goroutine that was given a channel.
func (w *walk) sendsOn(ch ssa.Value) bool {
	g, ok := w.attempt.(*ssa.Go)
	if !ok {
		return false
	}
	same := func(v ssa.Value) bool {
		return v == ch || baseOf(v) == baseOf(ch)
	}
	for _, a := range g.Call.Args {
		if same(a) {
			return true
		}
	}
	if mc, ok := g.Call.Value.(*ssa.MakeClosure); ok {
		for _, b := range mc.Bindings {
			if same(b) {
				return true
			}
		}
	}
	return false
}

// received is what comes out of the channel on which an attempt reports.
func (w *walk) received(recv ssa.Value) aval {
	t := recv.Type()
	if tuple, ok := t.(*types.Tuple); ok {
		t = tuple.At(0).Type()
	}
	return w.sc.outcome(tupleOf(t), 0)
}

// evalSelect works out a result of a select statement: index 0 is the case
// taken, 1 whether the channel is open, the rest what was received.
func (w *walk) evalSelect(sel *ssa.Select, index int, e env) aval {
	if index < 2 {
		return aval{}
	}
	n := 1
	for _, st := range sel.States {
		if st.Dir == types.RecvOnly {
			if n++; n == index && w.sendsOn(st.Chan) {
				return w.sc.outcome(tupleOf(st.Chan.Type().Underlying().(*types.Chan).Elem()), 0)
			}
		}
	}
	return aval{}
}
