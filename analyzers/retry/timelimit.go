package retry

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
)

// testsTime reports whether a test that can leave the loop looks at the clock or
// at whether a context has ended.
func (a *finder) testsTime(test *ssa.If, l *Loop) bool {
	if _, ok := staysOn(test, l); !ok {
		return false
	}
	return dependsOn(test.Cond, l, asksTime)
}

// dependsOn reports whether a value is made, within the loop, from one that
// satisfies is.
func dependsOn(v ssa.Value, l *Loop, is func(ssa.Value) bool) bool {
	seen := make(map[ssa.Value]bool)
	var visit func(v ssa.Value) bool
	visit = func(v ssa.Value) bool {
		if v == nil || seen[v] || len(seen) > 60 {
			return false
		}
		seen[v] = true
		if is(v) {
			return true
		}
		instr, ok := v.(ssa.Instruction)
		if !ok || l != nil && !l.Blocks[instr.Block()] {
			return false
		}
		if _, chosen := v.(*ssa.Select); chosen {
			return false // which case is ready says nothing of what it waits on
		}
		for _, op := range instr.Operands(nil) {
			if *op != nil && visit(*op) {
				return true
			}
		}
		return false
	}
	return visit(v)
}

// asksTime reports whether a value is what the clock or a context says.
func asksTime(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Call:
		fn := netcall.Callee(v)
		if fn == nil || fn.Pkg() == nil {
			return false
		}
		switch fn.FullName() {
		case "time.Now", "time.Since", "time.Until", "(context.Context).Err", "context.Cause", "(context.Context).Deadline", "(context.Context).Done":
			return true
		case "errors.Is":
			return len(v.Call.Args) == 2 && isContextError(v.Call.Args[1])
		}
	case *ssa.BinOp:
		return isContextError(v.X) || isContextError(v.Y)
	case *ssa.Select:
		for _, st := range v.States {
			if st.Dir == types.RecvOnly && (endsSomething(st.Chan) || isTimer(st.Chan)) {
				return true
			}
		}
	}
	return false
}

func isContextError(v ssa.Value) bool {
	u, ok := v.(*ssa.UnOp)
	if !ok {
		return false
	}
	g, ok := u.X.(*ssa.Global)
	return ok && g.Pkg != nil && g.Pkg.Pkg.Path() == "context"
}

// endsSomething reports whether a channel tells by its closing that a context or
// a process ends: ctx.Done(), or a channel of empty structs.
func endsSomething(ch ssa.Value) bool {
	c, ok := ch.Type().Underlying().(*types.Chan)
	if !ok {
		return false
	}
	s, ok := c.Elem().Underlying().(*types.Struct)
	return ok && s.NumFields() == 0 || typequery.IsBool(c.Elem())
}

// watchesContext reports whether between attempts the loop looks at a context or
// a channel that ends it, on every way to the next one.
func (a *finder) watchesContext(r *Retry) bool {
	return a.alwaysMeets(r, func(instr ssa.Instruction) bool {
		switch instr := instr.(type) {
		case *ssa.Select:
			for i, st := range instr.States {
				if st.Dir == types.RecvOnly && endsSomething(st.Chan) && caseLeaves(instr, i, r.Loop) {
					return true
				}
			}
		case *ssa.Call:
			return a.stopsWithContext(instr, r)
		}
		return false
	})
}

// caseLeaves reports whether a case of a select statement leads out of the loop.
func caseLeaves(sel *ssa.Select, i int, l *Loop) bool {
	if l == nil {
		return true
	}
	for _, ref := range *sel.Referrers() {
		index, ok := ref.(*ssa.Extract)
		if !ok || index.Index != 0 {
			continue
		}
		for _, use := range *index.Referrers() {
			cmp, ok := use.(*ssa.BinOp)
			if n, isInt := constInt(cmpOperand(cmp)); !ok || !isInt || n != i {
				continue
			}
			for _, u := range *cmp.Referrers() {
				if test, ok := u.(*ssa.If); ok && leadsOut(test.Block().Succs[0], l) {
					return true
				}
			}
		}
	}
	// The last case has no test of its own.
	return i == len(sel.States)-1 && len(sel.States) == 1
}

func cmpOperand(cmp *ssa.BinOp) ssa.Value {
	if cmp == nil {
		return nil
	}
	return cmp.Y
}

// leadsOut reports whether a block is outside of the loop or can leave it without
// another turn.
func leadsOut(b *ssa.BasicBlock, l *Loop) bool {
	seen := make(map[*ssa.BasicBlock]bool)
	var visit func(b *ssa.BasicBlock) bool
	visit = func(b *ssa.BasicBlock) bool {
		if !l.Blocks[b] {
			return true
		}
		if seen[b] || b == l.Header {
			return false
		}
		seen[b] = true
		for _, s := range b.Succs {
			if visit(s) {
				return true
			}
		}
		return false
	}
	return visit(b)
}

// stopsWithContext reports whether a call takes a context, waits, and says by its
// error that the context has ended, which leaves the loop.
func (a *finder) stopsWithContext(call *ssa.Call, r *Retry) bool {
	if !a.waits(call) {
		return false
	}
	hasContext := false
	for _, arg := range call.Call.Args {
		hasContext = hasContext || typequery.IsContext(arg.Type())
	}
	if !hasContext || !tellsOutcome(resultsOf(call)) {
		return false
	}
	w := &walk{memo: a.memo, attempt: call, sc: failure, loop: r.Loop}
	return !w.repeat()
}

// rangesOver bounds a loop that turns once per element of something, such as a
// list of delays.
func (a *finder) rangesOver(r *Retry) bool {
	if r.Attempts.N != callgraph.Unbounded || symbolic(r.Attempts) {
		return false
	}
	for b := range r.Loop.Blocks {
		for _, instr := range b.Instrs {
			if next, ok := instr.(*ssa.Next); ok && b == r.Loop.Header {
				if rng, ok := next.Iter.(*ssa.Range); ok {
					r.Attempts = callgraph.Amount{Var: "len(" + TextOf(rng.X) + ")"}
					return true
				}
			}
		}
	}
	return false
}
