package retry

import (
	"fmt"
	"go/constant"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

const tokenEQL = token.EQL

// maxStates limits the work of one walk, with the functions that it evaluates. What is not reached by then is taken
// to be reachable: a retry that cannot be excluded is not reported as one.
const maxStates = 10000

// A walk explores what a function does after an attempt, when every attempt of
// a call ends as a scenario says and all else goes well.
type walk struct {
	attempt ssa.CallInstruction
	sc      scenario
	// loop is the loop whose next turn counts as a repeat; with nil any way
	// back to the attempt does.
	loop *Loop
	// blocked instructions end a path: to ask whether there is a way around.
	blocked func(ssa.Instruction) bool
	// visit is called for each instruction on a path after the attempt.
	visit func(ssa.Instruction)

	// memo holds what functions return, by evaluation; shared by all walks of a
	// package. budget is what is left of the work allowed, shared by a walk and
	// the evaluations within it.
	memo   map[evaluation][][]aval
	budget *int

	depth   int // of calls evaluated
	seen    map[string]bool
	repeats bool
	leaves  bool // the loop or function is left
	gaveUp  bool
	returns [][]aval // what the function returns, one per path
}

// A cell is memory whose content is tracked: a variable that a literal
// captures, or a field.
type cell struct {
	base  ssa.Value
	field int // -1: the variable itself
}

type env map[any]aval

type state struct {
	block *ssa.BasicBlock
	index int // of the next instruction
	env   env
	again bool // the loop has turned
}

// repeat reports whether after an attempt that ended so, another is made.
func (w *walk) repeat() bool {
	block := w.attempt.Block()
	index := slices.Index(block.Instrs, ssa.Instruction(w.attempt))
	first := state{block: block, index: index + 1, env: env{}}
	w.execute(w.attempt, first.env)
	w.run(first)
	return w.repeats || w.gaveUp && !w.sc.succeeds()
}

func (w *walk) run(first state) {
	w.seen = make(map[string]bool)
	if w.budget == nil {
		left := maxStates
		w.budget = &left
	}
	work := []state{first}
	for len(work) > 0 {
		s := work[len(work)-1]
		work = work[:len(work)-1]
		if *w.budget--; *w.budget < 0 {
			w.gaveUp = true
			return
		}
		if w.repeats && w.visit == nil {
			return
		}
		work = append(work, w.step(s)...)
	}
}

// step runs a block to its end and returns what follows.
func (w *walk) step(s state) []state {
	for _, instr := range s.block.Instrs[s.index:] {
		if w.attempt != nil && instr == ssa.Instruction(w.attempt) && (w.loop == nil || s.again) {
			w.repeats = true
			return nil
		}
		if w.blocked != nil && w.blocked(instr) {
			return nil
		}
		if w.visit != nil {
			w.visit(instr)
		}
		w.execute(instr, s.env)
		switch instr := instr.(type) {
		case *ssa.Return:
			w.leaves = true
			w.recordReturn(instr, s.env)
			return nil
		case *ssa.Panic:
			return nil
		}
	}
	var next []state
	for i, succ := range s.block.Succs {
		if cond, ok := s.block.Instrs[len(s.block.Instrs)-1].(*ssa.If); ok {
			if truth, known := w.eval(cond.Cond, s.env).truth(); known && truth != (i == 0) {
				continue
			}
		}
		if ns, ok := w.follow(s, succ, i); ok {
			next = append(next, ns)
		}
	}
	return next
}

func (w *walk) follow(s state, succ *ssa.BasicBlock, i int) (state, bool) {
	if w.loop != nil && !w.loop.Within(succ) {
		w.leaves = true
		return state{}, false
	}
	turns := w.loop != nil && succ == w.loop.Header
	ns := state{block: succ, env: w.enter(s, succ), again: s.again || turns}
	if turns {
		w.countTurn(ns.env)
	}
	if cond, ok := s.block.Instrs[len(s.block.Instrs)-1].(*ssa.If); ok {
		w.assume(cond.Cond, i == 0, ns.env)
	}
	key := ns.key()
	if w.seen[key] {
		return state{}, false
	}
	w.seen[key] = true
	return ns, true
}

// enter evaluates the phis of a block on the edge from s.
func (w *walk) enter(s state, succ *ssa.BasicBlock) env {
	out := make(env, len(s.env))
	for k, v := range s.env {
		out[k] = v
	}
	pred := slices.Index(succ.Preds, s.block)
	for _, instr := range succ.Instrs {
		phi, ok := instr.(*ssa.Phi)
		if !ok {
			break
		}
		if v := w.eval(phi.Edges[pred], s.env); v.kind != anything && w.tracked(phi, v) {
			out[phi] = v
		} else {
			delete(out, phi)
		}
	}
	return out
}

// countTurn notes that the counters of a loop that has turned are past their
// first values.
func (w *walk) countTurn(e env) {
	for _, instr := range w.loop.Header.Instrs {
		phi, ok := instr.(*ssa.Phi)
		if !ok {
			return
		}
		if c, ok := phiCounter(phi, w.loop); ok && c.step > 0 && c.counted == nil {
			if n, ok := constInt(c.first); ok {
				e[phi] = aval{kind: atLeast, c: constant.MakeInt64(int64(n + c.step))}
			}
		}
	}
}

// tracked reports whether the value of a phi is worth a state of its own: a
// counter would give every turn of a loop one.
func (w *walk) tracked(phi *ssa.Phi, v aval) bool {
	return v.kind != konst || v.c.Kind() == constant.Bool || isStatus(phi)
}

// isStatus reports whether a variable is only ever given constants and what the
// answer says, and so takes few values.
func isStatus(phi *ssa.Phi) bool {
	for _, e := range phi.Edges {
		switch e.(type) {
		case *ssa.Const, *ssa.Phi, *ssa.Extract, *ssa.Call:
		default:
			return false
		}
	}
	return true
}

// assume notes what the branch taken tells of a flag.
func (w *walk) assume(cond ssa.Value, taken bool, e env) {
	switch c := cond.(type) {
	case *ssa.Phi, *ssa.Parameter, *ssa.Extract:
		e[cond] = boolean(taken)
	case *ssa.UnOp:
		if c.Op == token.NOT {
			w.assume(c.X, !taken, e)
		}
	}
}

func (s state) key() string {
	parts := make([]string, 0, len(s.env))
	for k, v := range s.env {
		name := ""
		switch k := k.(type) {
		case ssa.Value:
			name = k.Name()
		case cell:
			name = fmt.Sprintf("%s.%d", k.base.Name(), k.field)
		}
		text := fmt.Sprintf("%s=%d", name, v.kind)
		if v.c != nil {
			text += v.c.ExactString()
		}
		parts = append(parts, text)
	}
	slices.Sort(parts)
	return fmt.Sprintf("%d %v %s", s.block.Index, s.again, strings.Join(parts, " "))
}

// execute keeps track of memory.
func (w *walk) execute(instr ssa.Instruction, e env) {
	switch instr := instr.(type) {
	case *ssa.Phi: // evaluated on the edge
	case *ssa.Store:
		if c, ok := cellOf(instr.Addr); ok {
			if v := w.eval(instr.Val, e); v.kind != anything && (v.kind != konst || v.c.Kind() == constant.Bool) {
				e[c] = v
			} else {
				delete(e, c)
			}
		}
	case *ssa.UnOp:
		delete(e, instr)
		if c, ok := cellOf(instr.X); ok && instr.Op == token.MUL {
			if v, ok := e[c]; ok {
				e[instr] = v
			}
		}
		if instr.Op == token.ARROW && w.isAttemptChannel(instr) {
			e[instr] = w.received(instr)
		}
	case ssa.CallInstruction:
		w.runLiteral(instr, e)
	case ssa.Value:
		delete(e, instr)
	}
}

func (w *walk) recordReturn(ret *ssa.Return, e env) {
	if w.attempt != nil {
		return
	}
	var vals []aval
	for _, r := range ret.Results {
		vals = append(vals, w.eval(r, e))
	}
	w.returns = append(w.returns, vals)
}

func cellOf(addr ssa.Value) (cell, bool) {
	switch addr := addr.(type) {
	case *ssa.Alloc:
		return cell{addr, -1}, true
	case *ssa.FreeVar:
		return cell{addr, -1}, true
	case *ssa.FieldAddr:
		return cell{baseOf(addr.X), addr.Field}, true
	}
	return cell{}, false
}

// baseOf sees through a load of the same variable, so that two mentions of
// s.err are the same cell.
func baseOf(v ssa.Value) ssa.Value {
	if u, ok := v.(*ssa.UnOp); ok && u.Op == token.MUL {
		switch u.X.(type) {
		case *ssa.Alloc, *ssa.FreeVar, *ssa.Global:
			return u.X
		}
	}
	return v
}
