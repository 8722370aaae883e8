package retry

import (
	"go/constant"
	"go/token"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
)

// maxSimulated limits how many turns of a loop are worked out.
const maxSimulated = 1000

// simulate counts the turns after which a test leaves a loop, where all that the
// test looks at are constants and variables that each turn changes by arithmetic
// alone: if delay *= 2; delay > limit { return err }.
func (a *finder) simulate(test *ssa.If, l *Loop) (count, bool) {
	stay, ok := staysOn(test, l)
	if !ok {
		return count{}, false
	}
	now, ok := a.firstTurn(test.Cond, l)
	if !ok || len(now) == 0 {
		return count{}, false
	}
	for turns := range maxSimulated {
		cond := a.compute(test.Cond, now)
		if cond == nil || cond.Kind() != constant.Bool {
			return count{}, false
		}
		if constant.BoolVal(cond) != stay {
			return count{turns: callgraph.Amount{N: turns}}, true
		}
		next := make(map[*ssa.Phi]constant.Value, len(now))
		for phi := range now {
			if next[phi] = a.compute(around(phi, l), now); next[phi] == nil {
				return count{}, false
			}
		}
		now = next
	}
	return count{}, false
}

// outgrows recognises a test of a variable that grows by arithmetic against a limit
// that is not known: for delay := first; delay < limit; delay *= 2. How often it lets
// the loop turn is not known then, but that it ends it is.
func (a *finder) outgrows(test *ssa.If, l *Loop) (count, bool) {
	stay, ok := staysOn(test, l)
	cond, negated := stripNot(test.Cond)
	cmp, isComparison := cond.(*ssa.BinOp)
	if !ok || !isComparison {
		return count{}, false
	}
	op := cmp.Op
	if stay == negated {
		op = negate(op)
	}
	x, limit := cmp.X, cmp.Y
	if op == token.GTR || op == token.GEQ {
		x, limit, op = limit, x, swap(op)
	}
	if op != token.LSS && op != token.LEQ || !invariant(limit, l) || !grows(x, l) {
		return count{}, false
	}
	return count{turns: callgraph.Amount{Var: "turns below " + TextOf(limit)}}, true
}

// grows reports whether a value is a variable of a loop to which each turn adds, or
// that it multiplies.
func grows(x ssa.Value, l *Loop) bool {
	phi, ok := x.(*ssa.Phi)
	if !ok {
		return false
	}
	next, ok := around(phi, l).(*ssa.BinOp)
	if !ok {
		return false
	}
	n, known := constInt(next.Y)
	switch next.Op {
	case token.ADD: // n += n/2, n += 3
		part, ok := next.Y.(*ssa.BinOp)
		return next.X == ssa.Value(phi) && (known && n > 0 || ok && part.X == ssa.Value(phi) && (part.Op == token.QUO || part.Op == token.MUL || part.Op == token.SHR))
	case token.MUL:
		return next.X == ssa.Value(phi) && known && n > 1
	case token.SHL:
		return next.X == ssa.Value(phi) && known && n > 0
	}
	return false
}

// firstTurn returns the variables of a loop that a value depends on, as the first
// turn has them; false if one of them does not begin with a constant, or may be
// changed in more than one way.
func (a *finder) firstTurn(v ssa.Value, l *Loop) (map[*ssa.Phi]constant.Value, bool) {
	first := make(map[*ssa.Phi]constant.Value)
	var visit func(v ssa.Value, depth int) bool
	visit = func(v ssa.Value, depth int) bool {
		if depth > 30 {
			return false
		}
		switch v := v.(type) {
		case *ssa.Const:
			return true
		case *ssa.BinOp:
			return visit(v.X, depth+1) && visit(v.Y, depth+1)
		case *ssa.Convert:
			return typequery.IsInteger(v.Type()) && visit(v.X, depth+1)
		case *ssa.ChangeType:
			return visit(v.X, depth+1)
		case *ssa.Phi:
			if _, known := first[v]; known {
				return true
			}
			begin, next := entering(v, l), around(v, l)
			if begin == nil || next == nil {
				return false
			}
			n := a.fixed(begin)
			first[v] = n
			return n != nil && visit(next, depth+1)
		}
		return a.fixed(v) != nil && invariant(v, l)
	}
	return first, visit(v, 0)
}

// entering returns what a variable is when a loop begins, nil if that may be
// several things, or v is no variable of the loop.
func entering(v *ssa.Phi, l *Loop) ssa.Value { return sole(v, l, false) }

// around returns what a turn makes of a variable, nil if that may be several
// things.
func around(v *ssa.Phi, l *Loop) ssa.Value { return sole(v, l, true) }

func sole(v *ssa.Phi, l *Loop, within bool) (out ssa.Value) {
	if v.Block() != l.Header {
		return nil
	}
	for i, e := range v.Edges {
		if l.Blocks[v.Block().Preds[i]] != within {
			continue
		}
		if out != nil && !equalValues(out, e) {
			return nil
		}
		out = e
	}
	return out
}

// compute works out a value; nil if it is not known.
func (a *finder) compute(v ssa.Value, now map[*ssa.Phi]constant.Value) constant.Value {
	switch v := v.(type) {
	case *ssa.Phi:
		return now[v]
	case *ssa.Convert:
		return a.compute(v.X, now)
	case *ssa.ChangeType:
		return a.compute(v.X, now)
	case *ssa.BinOp:
		return operate(v.Op, a.compute(v.X, now), a.compute(v.Y, now))
	}
	return a.fixed(v)
}

// fixed returns the one integer that a value can be, nil if there are more.
func (a *finder) fixed(v ssa.Value) constant.Value {
	set := a.consts.Values(v)
	if len(set) != 1 || !set.Complete() || set[0].Const == nil {
		return nil
	}
	if n := constant.ToInt(set[0].Const); n.Kind() == constant.Int {
		return n
	}
	return nil
}

// operate applies an operator to integers, as long as the result is one of 64
// bits: beyond that Go's arithmetic wraps around.
func operate(op token.Token, x, y constant.Value) constant.Value {
	if x == nil || y == nil || x.Kind() != constant.Int || y.Kind() != constant.Int {
		return nil
	}
	var out constant.Value
	switch op {
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		return constant.MakeBool(constant.Compare(x, op, y))
	case token.ADD, token.SUB, token.MUL, token.AND, token.OR, token.XOR:
		out = constant.BinaryOp(x, op, y)
	case token.QUO, token.REM:
		if constant.Sign(y) == 0 {
			return nil
		}
		if op == token.QUO {
			op = token.QUO_ASSIGN // integer division
		}
		out = constant.BinaryOp(x, op, y)
	case token.SHL, token.SHR:
		if s, exact := constant.Uint64Val(y); exact && s < 64 {
			out = constant.Shift(x, op, uint(s))
		}
	}
	if out == nil {
		return nil
	}
	if _, exact := constant.Int64Val(out); !exact {
		return nil
	}
	return out
}
