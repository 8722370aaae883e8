package retry

import (
	"fmt"
	"go/constant"
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
)

// boundLoop works out how many attempts a retry loop makes at most.
func (a *finder) boundLoop(r *Retry) {
	r.Attempts = callgraph.Amount{N: callgraph.Unbounded}
	var partial []count // by tests that some ways to the next turn go around
	for _, b := range sortedBlocks(r.Loop.Blocks) {
		test, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !ok {
			continue
		}
		if a.testsTime(test, r.Loop) && a.obeyed(r, test) {
			r.ByTime = true
		}
		count, ok := a.countOf(test, r.Loop)
		if !ok {
			count, ok = a.simulate(test, r.Loop)
		}
		if !ok {
			count, ok = a.outgrows(test, r.Loop)
		}
		if !ok {
			count.turns, ok = a.limitedBy(test, r)
		}
		if !ok {
			continue
		}
		count.test = test
		if !a.before(test, r) {
			count.turns = plus(count.turns, 1)
		}
		if !a.obeyed(r, test) && !a.guarded(r, test, &count) {
			partial = append(partial, count)
			continue
		}
		if count.counted != nil && !a.always(r, count.counted) {
			continue // a turn may go by uncounted
		}
		if count.optional && !symbolic(count.turns) {
			count.turns = callgraph.Amount{Var: fmt.Sprintf("%d if limited", count.turns.N)}
		}
		r.Attempts = lesser(r.Attempts, count.turns)
	}
	if turns, ok := a.together(r, partial); ok {
		r.Attempts = lesser(r.Attempts, turns)
	}
	if a.rangesOver(r) {
		return
	}
	if a.watchesContext(r) {
		r.ByTime = true
	}
}

// together returns the greatest of several limits, if every way to the next turn
// is under one of them: another limit for each kind of failure.
func (a *finder) together(r *Retry, counts []count) (most callgraph.Amount, ok bool) {
	if len(counts) < 2 {
		return callgraph.Amount{}, false
	}
	tests, counted := make([]ssa.Instruction, len(counts)), make([]ssa.Instruction, 0, len(counts))
	for i, c := range counts {
		tests[i] = c.test
		if c.counted != nil {
			counted = append(counted, c.counted)
		}
		switch {
		case i == 0, symbolic(c.turns), !symbolic(most) && c.turns.N > most.N:
			most = c.turns
		}
	}
	if !a.always(r, tests...) || len(counted) > 0 && !a.always(r, counted...) {
		return callgraph.Amount{}, false
	}
	return most, true
}

// before reports whether a test is made before every attempt of a turn.
func (a *finder) before(test *ssa.If, r *Retry) bool {
	for _, c := range r.Calls {
		if c.Block() == test.Block() || !test.Block().Dominates(c.Block()) {
			return false
		}
	}
	return true
}

// obeyed reports whether no way from a failed attempt to the next one goes
// around an instruction.
func (a *finder) obeyed(r *Retry, instr ssa.Instruction) bool {
	return a.always(r, instr)
}

// guarded reports whether the only ways around a test go through another one that
// asks whether there is a limit: max > 0 && n >= max, !forever && n >= max. The
// limit is then as the configuration says, which is a number only where the
// limit itself is what is asked.
func (a *finder) guarded(r *Retry, test *ssa.If, c *count) bool {
	cmp, ok := test.Cond.(*ssa.BinOp)
	if !ok {
		return false
	}
	guards := []ssa.Instruction{test}
	own := true
	for b := range r.Loop.Blocks {
		other, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !ok || other == test || !b.Dominates(test.Block()) {
			continue
		}
		asked, _ := stripNot(other.Cond)
		if g, ok := asked.(*ssa.BinOp); ok && isConst(g.Y) {
			asked = g.X
		}
		if isConst(asked) || !invariant(asked, r.Loop) {
			continue
		}
		guards = append(guards, other)
		own = own && (equalValues(asked, cmp.X) || equalValues(asked, cmp.Y))
	}
	if len(guards) == 1 || !a.always(r, guards...) {
		return false
	}
	c.optional = !own
	return true
}

// always reports whether an instruction is met on every way from an attempt to
// the next one.
func (a *finder) always(r *Retry, instrs ...ssa.Instruction) bool {
	return a.alwaysMeets(r, func(i ssa.Instruction) bool { return slices.Contains(instrs, i) })
}

func (a *finder) alwaysMeets(r *Retry, meets func(ssa.Instruction) bool) bool {
	for _, c := range r.Calls {
		for _, sc := range a.scenariosOf(c) {
			if c.Modes != 0 && c.Modes&sc.mode == 0 {
				continue
			}
			w := &walk{memo: a.memo, attempt: c.CallInstruction, sc: sc, loop: r.Loop, blocked: meets}
			if w.repeat() {
				return false
			}
		}
	}
	return true
}

// A count is what a loop's exit test says about the number of its turns.
type count struct {
	test    *ssa.If
	turns   callgraph.Amount // how often the test lets the loop go on
	counted ssa.Instruction  // that counts; nil if every turn does
	// optional says that something else decides whether there is a limit at all.
	optional bool
}

// countOf reads a test that leaves the loop once a counter reaches a limit.
func (a *finder) countOf(test *ssa.If, l *Loop) (count, bool) {
	stay, ok := staysOn(test, l)
	if !ok {
		return count{}, false
	}
	cond, negated := stripNot(test.Cond)
	if flagTurns(cond, stay != negated, l) {
		return count{turns: callgraph.Amount{N: 1}}, true
	}
	if call, ok := cond.(*ssa.Call); ok {
		return a.countInside(call, stay != negated, l)
	}
	cmp, ok := cond.(*ssa.BinOp)
	if !ok {
		return count{}, false
	}
	op := cmp.Op
	if stay == negated { // the loop goes on if the condition is false
		op = negate(op)
	}
	return a.countEither(cmp.X, op, cmp.Y, l)
}

// flagTurns recognises a flag that lets a loop go on once: first := true, and
// every turn sets it to false. stay is the value with which the loop goes on.
func flagTurns(cond ssa.Value, stay bool, l *Loop) bool {
	phi, ok := cond.(*ssa.Phi)
	if !ok || phi.Block() != l.Header || !typequery.IsBool(phi.Type()) {
		return false
	}
	for i, e := range phi.Edges {
		c, ok := e.(*ssa.Const)
		if !ok || c.Value == nil || constant.BoolVal(c.Value) == stay == l.Blocks[phi.Block().Preds[i]] {
			return false
		}
	}
	return true
}

func (a *finder) countEither(x ssa.Value, op token.Token, y ssa.Value, l *Loop) (count, bool) {
	if c, ok := a.countCompare(x, op, y, l); ok {
		return c, true
	}
	return a.countCompare(y, swap(op), x, l)
}

// staysOn returns on which outcome of a test the loop goes on, if the other one
// leaves it.
func staysOn(test *ssa.If, l *Loop) (onTrue, ok bool) {
	in := [2]bool{staysIn(test.Block().Succs[0], l), staysIn(test.Block().Succs[1], l)}
	if in[0] == in[1] {
		return false, false
	}
	return in[0], true
}

// staysIn reports whether a block belongs to the loop.
func staysIn(b *ssa.BasicBlock, l *Loop) bool { return l.Within(b) }

func stripNot(v ssa.Value) (ssa.Value, bool) {
	if u, ok := v.(*ssa.UnOp); ok && u.Op == token.NOT {
		inner, neg := stripNot(u.X)
		return inner, !neg
	}
	return v, false
}

func negate(op token.Token) token.Token {
	switch op {
	case token.LSS:
		return token.GEQ
	case token.LEQ:
		return token.GTR
	case token.GTR:
		return token.LEQ
	case token.GEQ:
		return token.LSS
	case token.EQL:
		return token.NEQ
	case token.NEQ:
		return token.EQL
	}
	return token.ILLEGAL
}

func swap(op token.Token) token.Token {
	switch op {
	case token.LSS:
		return token.GTR
	case token.LEQ:
		return token.GEQ
	case token.GTR:
		return token.LSS
	case token.GEQ:
		return token.LEQ
	}
	return op
}

// countCompare reads "x op limit", under which the loop goes on.
func (a *finder) countCompare(x ssa.Value, op token.Token, limit ssa.Value, l *Loop) (count, bool) {
	if !invariant(limit, l) {
		return count{}, false
	}
	ctr, ok := counterOf(x, l)
	if !ok {
		return count{}, false
	}
	from := callgraph.Amount{}
	if ctr.first != nil {
		from = a.amountOf(ctr.first)
	}
	turns, ok := turnsOf(plus(from, ctr.offset), op, a.amountOf(limit), ctr.step)
	return count{turns: turns, counted: ctr.counted}, ok
}

// turnsOf counts for how many turns "from op limit" holds while from grows by
// step.
func turnsOf(from callgraph.Amount, op token.Token, limit callgraph.Amount, step int) (callgraph.Amount, bool) {
	if step < 0 {
		// Count down as if up from the mirror image.
		from, limit, step = limit, from, -step
		op = swap(op)
		if op == token.GTR || op == token.GEQ {
			return callgraph.Amount{}, false
		}
	}
	extra := 0
	switch op {
	case token.EQL: // holds once, if at all
		same := !symbolic(from) && !symbolic(limit) && from.N == limit.N
		return callgraph.Amount{N: 1}, same
	case token.LSS, token.NEQ:
	case token.LEQ:
		extra = 1
	default:
		return callgraph.Amount{}, false
	}
	if symbolic(from) {
		if !symbolic(limit) {
			return callgraph.Amount{}, false
		}
		// The difference of two unknowns is known by name only.
		return callgraph.Amount{Var: nameOf(limit) + "-" + nameOf(from), N: limit.N - from.N + extra}, true
	}
	turns := plus(limit, extra-from.N)
	if !symbolic(turns) {
		turns.N = max(0, (turns.N+step-1)/step)
	}
	return turns, true
}

func symbolic(a callgraph.Amount) bool { return a.Var != "" || a.Param != nil }

func nameOf(a callgraph.Amount) string {
	if a.Param != nil {
		return a.Param.Path
	}
	return a.Var
}

// invariant reports whether a value does not change while a loop runs.
func invariant(v ssa.Value, l *Loop) bool {
	switch v := v.(type) {
	case *ssa.Const, *ssa.Parameter, *ssa.FreeVar, *ssa.Global, *ssa.Function:
		return true
	case ssa.Instruction:
		if !l.Blocks[v.Block()] {
			return true
		}
		switch v := v.(type) {
		case *ssa.UnOp, *ssa.FieldAddr, *ssa.Field, *ssa.Convert, *ssa.BinOp, *ssa.ChangeType:
			if u, ok := v.(*ssa.UnOp); ok && u.Op == token.ARROW {
				return false
			}
			for _, op := range v.(ssa.Instruction).Operands(nil) {
				if *op != nil && !invariant(*op, l) {
					return false
				}
			}
			return !storedIn(v.(ssa.Value), l)
		case *ssa.Call:
			// A getter of settings, such as cfg.MaxRetries().
			return isBuiltin(v, "len") && invariant(v.Call.Args[0], l) || isGetter(v, l)
		}
	}
	return false
}

func isBuiltin(call *ssa.Call, name string) bool {
	b, ok := call.Call.Value.(*ssa.Builtin)
	return ok && b.Name() == name
}

// isGetter reports whether a call asks something outside of the loop for a
// number, and so may be taken to give the same each time.
func isGetter(call *ssa.Call, l *Loop) bool {
	if !typequery.IsInteger(call.Type()) || netcall.Callee(call) == nil {
		return false
	}
	if call.Call.IsInvoke() && !invariant(call.Call.Value, l) {
		return false
	}
	for _, arg := range call.Call.Args {
		if !invariant(arg, l) {
			return false
		}
	}
	return true
}

// storedIn reports whether the memory that a load reads is stored to in a loop.
func storedIn(v ssa.Value, l *Loop) bool {
	load, ok := v.(*ssa.UnOp)
	if !ok {
		return false
	}
	where, ok := cellOf(load.X)
	if !ok {
		return false
	}
	for b := range l.Blocks {
		for _, instr := range b.Instrs {
			if st, ok := instr.(*ssa.Store); ok {
				if c, ok := cellOf(st.Addr); ok && c == where {
					return true
				}
			}
		}
	}
	return false
}

// lesser returns the smaller of two amounts; a known number goes before an
// unknown one, which goes before none.
func lesser(x, y callgraph.Amount) callgraph.Amount {
	rank := func(a callgraph.Amount) int {
		switch {
		case symbolic(a):
			return 1
		case a.N == callgraph.Unbounded:
			return 2
		}
		return 0
	}
	switch rx, ry := rank(x), rank(y); {
	case rx != ry:
		if rx < ry {
			return x
		}
		return y
	case rx == 0 && y.N < x.N:
		return y
	}
	return x
}
