package retry

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
)

// describe fills in the properties of a retry.
func (a *finder) describe(f *Flow, r *Retry) {
	switch r.Kind {
	case callgraph.LoopLayer:
		a.boundLoop(r)
		if r.first != nil {
			r.Attempts = plus(r.Attempts, 1)
		}
	case callgraph.RecursionLayer:
		a.boundRecursion(f, r)
	}
	a.describeWait(r)
	r.RetryAfter = a.readsRetryAfter(r)
	p := a.net.Posn(r.Pos)
	r.At = callgraph.Posn{File: p.File, Line: p.Line, Col: p.Col}
}

// readsRetryAfter reports whether the code around a retry looks at the
// Retry-After header.
func (a *finder) readsRetryAfter(r *Retry) callgraph.Tri {
	if mentions(r.Fn, "Retry-After", 0, map[*ssa.Function]bool{}) {
		return callgraph.Yes
	}
	return callgraph.No
}

// mentions reports whether a function, or one of the package that it calls, uses
// a string constant.
func mentions(fn *ssa.Function, text string, depth int, seen map[*ssa.Function]bool) bool {
	if depth > 3 || seen[fn] {
		return false
	}
	seen[fn] = true
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			for _, op := range instr.Operands(nil) {
				if c, ok := (*op).(*ssa.Const); ok && c.Value != nil && c.Value.Kind() == constant.String && strings.EqualFold(constant.StringVal(c.Value), text) {
					return true
				}
			}
			if call, ok := instr.(ssa.CallInstruction); ok {
				if callee := call.Common().StaticCallee(); callee != nil && mentions(callee, text, depth+1, seen) {
					return true
				}
			}
		}
	}
	return false
}

// findRecursion finds calls by which a function tries again after a failure.
func (a *finder) findRecursion(f *Flow, candidates []ssa.CallInstruction) {
	var again []ssa.CallInstruction
	for _, c := range candidates {
		if c.Common().StaticCallee() == f.fn && asksTheSame(c) && !f.onItems(c) {
			again = append(again, c)
		}
	}
	for _, self := range again {
		for _, c := range candidates {
			if c.Common().StaticCallee() == f.fn || !tellsOutcome(resultsOf(c)) {
				continue
			}
			modes := a.modesTo(c, self)
			if modes == 0 || a.reaches(c, success, self) {
				continue
			}
			r := f.Self[self]
			if r == nil {
				r = &Retry{Fn: f.fn, Pos: self.Pos()}
				r.Kind, r.Name = callgraph.RecursionLayer, f.fn.Name()
				r.Attempts = callgraph.Amount{N: callgraph.Unbounded}
				f.Self[self] = r
			}
			if modes == everyMode {
				modes = 0
			}
			r.add(c, a.remote[c], modes, a.mayReach(c))
		}
	}
}

// onItems reports whether a call is given what a loop around it ranges over.
func (f *Flow) onItems(c ssa.CallInstruction) bool {
	for l := f.Innermost[c.Block()]; l != nil; l = l.Parent {
		if variesByItem(c, l) {
			return true
		}
	}
	return false
}

// asksTheSame reports whether a function calls itself with what it was given: a
// part of it would be other work, as the halves of a batch are.
func asksTheSame(self ssa.CallInstruction) bool {
	fn := self.Parent()
	for i, arg := range self.Common().Args {
		if i >= len(fn.Params) || arg == ssa.Value(fn.Params[i]) || isConst(arg) || typequery.IsInteger(arg.Type()) || typequery.IsContext(arg.Type()) {
			continue
		}
		if _, ok := arg.Type().Underlying().(*types.Slice); ok {
			return false
		}
		if _, ok := arg.Type().Underlying().(*types.Map); ok {
			return false
		}
	}
	return true
}

const everyMode = callgraph.AllModes

// modesTo returns the failures of one call that lead to another; everyMode if
// all do.
func (a *finder) modesTo(first, second ssa.CallInstruction) (modes callgraph.ModeSet) {
	all := true
	for _, sc := range a.scenariosOf(first) {
		if a.reaches(first, sc, second) {
			modes |= sc.mode
		} else {
			all = false
		}
	}
	if all {
		return everyMode
	}
	return modes
}

// reaches reports whether an attempt that ends so may be followed by an
// instruction.
func (a *finder) reaches(first ssa.CallInstruction, sc scenario, then ssa.Instruction) bool {
	met := false
	w := &walk{memo: a.memo, attempt: first, sc: sc, visit: func(i ssa.Instruction) { met = met || i == then }}
	w.repeat()
	return met || w.gaveUp
}

// boundRecursion works out how often a function calls itself at most: as often
// as a test of a parameter that every call changes allows.
func (a *finder) boundRecursion(f *Flow, r *Retry) {
	for self, retry := range f.Self {
		if retry != r {
			continue
		}
		for _, b := range f.fn.Blocks {
			test, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
			if !ok || !b.Dominates(self.Block()) {
				continue
			}
			if turns, ok := a.recursionTurns(test, self); ok {
				r.Attempts = lesser(r.Attempts, plus(turns, 1))
			}
		}
	}
}

func (a *finder) recursionTurns(test *ssa.If, self ssa.CallInstruction) (callgraph.Amount, bool) {
	onTrue := test.Block().Succs[0].Dominates(self.Block())
	onFalse := test.Block().Succs[1].Dominates(self.Block())
	if onTrue == onFalse {
		return callgraph.Amount{}, false
	}
	cond, negated := stripNot(test.Cond)
	cmp, ok := cond.(*ssa.BinOp)
	if !ok {
		return callgraph.Amount{}, false
	}
	op := cmp.Op
	if onTrue == negated {
		op = negate(op)
	}
	if t, ok := a.recursionCompare(cmp.X, op, cmp.Y, self); ok {
		return t, true
	}
	return a.recursionCompare(cmp.Y, swap(op), cmp.X, self)
}

func (a *finder) recursionCompare(x ssa.Value, op token.Token, limit ssa.Value, self ssa.CallInstruction) (callgraph.Amount, bool) {
	offset := 0
	if sum, ok := x.(*ssa.BinOp); ok {
		n, isConst := constInt(sum.Y)
		if !isConst || sum.Op != token.ADD && sum.Op != token.SUB {
			return callgraph.Amount{}, false
		}
		if offset = n; sum.Op == token.SUB {
			offset = -n
		}
		x = sum.X
	}
	p, ok := x.(*ssa.Parameter)
	if !ok || p.Parent() != self.Parent() {
		return callgraph.Amount{}, false
	}
	i := paramIndex(p)
	if i >= len(self.Common().Args) {
		return callgraph.Amount{}, false
	}
	passed := a.amountOf(self.Common().Args[i])
	if passed.Param == nil || passed.Param.Index != i || passed.Param.Path != "" || passed.N == 0 {
		return callgraph.Amount{}, false
	}
	from := callgraph.Amount{Param: &callgraph.Param{Index: i}}
	to := a.amountOf(limit)
	if passed.N > 0 && !symbolic(to) {
		// Counting up from what the first caller passes.
		first, ok := a.firstArgument(p, self)
		if !ok {
			return callgraph.Amount{Var: "attempts of " + self.Parent().Name()}, true
		}
		from = callgraph.Amount{N: first}
	}
	return turnsOf(plus(from, offset), op, to, passed.N)
}

// firstArgument returns the constant that all callers but the function itself
// pass for a parameter.
func (a *finder) firstArgument(p *ssa.Parameter, self ssa.CallInstruction) (int, bool) {
	calls, complete := a.consts.Callers(p.Parent())
	if !complete {
		return 0, false
	}
	first, found := 0, false
	for _, c := range calls {
		if c.Parent() == self.Parent() {
			continue
		}
		n, ok := constInt(c.Common().Args[paramIndex(p)])
		if !ok || found && n != first {
			return 0, false
		}
		first, found = n, true
	}
	return first, found
}

// otherLoops describes the loops that repeat nothing, if they hold calls that
// may reach the network.
func (a *finder) otherLoops(f *Flow, candidates []ssa.CallInstruction) {
	for _, c := range candidates {
		for l := f.Innermost[c.Block()]; l != nil; l = l.Parent {
			if l.Retry == nil && l.Fn == nil {
				l.Fn, l.Pos, l.Over = f.fn, a.loopPos(l, c), rangedOver(l)
				l.Turns = a.turns(l)
			}
		}
		l := f.Innermost[c.Block()]
		if l == nil || l.Retry != nil {
			continue
		}
		l.Items = l.Items || variesByItem(c, l)
		if net := a.remote[c]; net != nil {
			if len(l.Calls) == 0 {
				a.res.Loops = append(a.res.Loops, l)
			}
			l.Calls = append(l.Calls, net)
		}
	}
}

// turns works out how often a loop turns that is no retry: as often as a test
// in its header allows, else as often as its name says.
func (a *finder) turns(l *Loop) callgraph.Amount {
	if test, ok := l.Header.Instrs[len(l.Header.Instrs)-1].(*ssa.If); ok {
		if c, ok := a.countOf(test, l); ok && c.counted == nil && (symbolic(c.turns) || c.turns.N > 0) {
			return c.turns
		}
	}
	if l.Over != nil {
		return callgraph.Amount{Var: "len(" + TextOf(l.Over) + ")"}
	}
	return callgraph.Amount{Var: "turns of " + l.Fn.Name()}
}

// rangedOver returns what a range loop goes over, nil for other loops.
func rangedOver(l *Loop) ssa.Value {
	for _, instr := range l.Header.Instrs {
		if next, ok := instr.(*ssa.Next); ok {
			if rng, ok := next.Iter.(*ssa.Range); ok {
				return rng.X
			}
		}
	}
	if test, ok := l.Header.Instrs[len(l.Header.Instrs)-1].(*ssa.If); ok {
		if cmp, ok := test.Cond.(*ssa.BinOp); ok && cmp.Op == token.LSS {
			if call, ok := cmp.Y.(*ssa.Call); ok && isBuiltin(call, "len") {
				return call.Call.Args[0]
			}
		}
	}
	return nil
}

// loopSyntax returns the statement that a loop was written as: the innermost for
// or range statement, or labelled statement, around the call that is part of it.
func loopSyntax(pass *analysis.Pass, l *Loop, call ssa.CallInstruction) ast.Node {
	file := netcall.FileAt(pass, call.Pos())
	if file == nil {
		return nil
	}
	depth := 0
	for p := l; p != nil; p = p.Parent {
		depth++
	}
	return nthLoop(file, call.Pos(), depth)
}

// labelBefore returns where the nearest label before a position stands that a goto
// after it leads back to; NoPos if there is none.
func labelBefore(pass *analysis.Pass, pos token.Pos) (at token.Pos) {
	file := netcall.FileAt(pass, pos)
	if file == nil {
		return token.NoPos
	}
	labels := make(map[string]token.Pos)
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncDecl:
			return node.Pos() <= pos && pos < node.End()
		case *ast.LabeledStmt:
			if node.Pos() <= pos {
				labels[node.Label.Name] = node.Pos()
			}
		case *ast.BranchStmt:
			if node.Tok == token.GOTO && node.Pos() > pos {
				at = max(at, labels[node.Label.Name])
			}
		}
		return true
	})
	return at
}

// nthLoop returns the n-th loop statement, from outside, around a position within
// the innermost function there; nil if there are not as many.
func nthLoop(file *ast.File, pos token.Pos, n int) ast.Node {
	var loops []ast.Node
	ast.Inspect(file, func(node ast.Node) bool {
		if node == nil || pos < node.Pos() || pos >= node.End() {
			return false
		}
		switch node.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			loops = nil
		case *ast.ForStmt, *ast.RangeStmt:
			loops = append(loops, node)
		}
		return true
	})
	if len(loops) == 0 {
		return nil
	}
	return loops[min(n, len(loops))-1]
}
