package retry

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
)

// IsStandardPath reports whether an import path is one of the standard library.
func IsStandardPath(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	switch first {
	case "archive", "bufio", "bytes", "cmp", "compress", "container", "context", "crypto", "database", "embed", "encoding",
		"errors", "expvar", "flag", "fmt", "go", "hash", "html", "image", "index", "internal", "io", "iter", "log", "maps",
		"math", "mime", "net", "os", "path", "reflect", "regexp", "runtime", "slices", "sort", "strconv", "strings", "sync",
		"syscall", "testing", "text", "time", "unicode", "unique", "unsafe", "weak":
		return true
	}
	return false
}

// scenariosOf returns the ways in which a call may fail, as finely as its caller
// can tell them apart.
func (a *finder) scenariosOf(call ssa.CallInstruction) []scenario {
	results := resultsOf(call)
	if n := results.Len(); n > 0 && n <= 2 && isResponse(results.At(0).Type()) {
		return httpScenarios // a handshake's third result fails with its status
	}
	if net := a.remote[call]; net != nil && net.Leaf.Protocol == "grpc" {
		return grpcScenarios
	}
	return []scenario{failure}
}

// successes are the statuses that an HTTP call may succeed with: code that
// waits for 201 does not take 200 for one.
var successes = []int{200, 201, 204, 202}

// successesOf returns the ways in which a call may succeed.
func (a *finder) successesOf(call ssa.CallInstruction) []scenario {
	if scenarios := a.scenariosOf(call); scenarios[0].mode != httpScenarios[0].mode {
		return []scenario{success}
	}
	var all []scenario
	for _, status := range successes {
		all = append(all, scenario{status: status})
	}
	return all
}

// retriesIn returns the failures of a call after which the loop makes it again,
// and whether it is a retry at all: its success must leave the loop.
func (a *finder) retriesIn(l *Loop, call ssa.CallInstruction) (modes callgraph.ModeSet, ok bool) {
	scenarios := a.scenariosOf(call)
	all := true
	for _, sc := range scenarios {
		w := &walk{memo: a.memo, attempt: call, sc: sc, loop: l}
		if w.repeat() {
			modes |= sc.mode
		} else {
			all = false
		}
	}
	if modes == 0 || !a.leavesOnSuccess(l, call) {
		return 0, false
	}
	if all {
		modes = 0
	}
	return modes, true
}

func (a *finder) leavesOnSuccess(l *Loop, call ssa.CallInstruction) bool {
	for _, sc := range a.successesOf(call) {
		w := &walk{memo: a.memo, attempt: call, sc: sc, loop: l}
		if !w.repeat() && !w.gaveUp && w.leaves {
			return true
		}
	}
	return false
}

// retriesByFlag is retriesIn for a call of a function value that tells by a flag, and
// not by its error, whether it is to be called again.
func (a *finder) retriesByFlag(l *Loop, call ssa.CallInstruction) (callgraph.ModeSet, bool) {
	results := resultsOf(call)
	if call.Common().IsInvoke() || call.Common().StaticCallee() != nil || results.Len() != 2 {
		return 0, false
	}
	if !isGiven(call.Common().Value) {
		return 0, false
	}
	if !typequery.IsBool(results.At(0).Type()) || !typequery.IsError(results.At(1).Type()) {
		return 0, false
	}
	for _, meaning := range []flag{saysAgain, saysDone} {
		failed, fine := failure, success
		failed.again, fine.again = meaning, meaning
		again := &walk{memo: a.memo, attempt: call, sc: failed, loop: l}
		end := &walk{memo: a.memo, attempt: call, sc: fine, loop: l}
		if again.repeat() && !end.repeat() && !end.gaveUp && end.leaves {
			return 0, true
		}
	}
	return 0, false
}

// isGiven reports whether a function value is a parameter or a field, rather than one
// that is written where it is called.
func isGiven(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Parameter, *ssa.Field:
		return true
	case *ssa.UnOp:
		_, ok := v.X.(*ssa.FieldAddr)
		return ok
	}
	return false
}

// tryLoop notes that a loop retries a call, if it does.
func (a *finder) tryLoop(f *Flow, l *Loop, call ssa.CallInstruction) {
	modes, ok := a.retriesIn(l, call)
	if !ok {
		modes, ok = a.retriesByFlag(l, call)
	}
	if !ok || variesByItem(call, l) {
		return
	}
	r := l.Retry
	if r == nil {
		r = &Retry{Fn: f.fn, Loop: l, Pos: a.loopPos(l, call)}
		r.Kind = callgraph.LoopLayer
		r.Name = f.fn.Name()
		l.Retry = r
	}
	r.add(call, a.remote[call], modes, a.mayReach(call))
}

func (r *Retry) add(call ssa.CallInstruction, net *netcall.Call, modes callgraph.ModeSet, remote callgraph.Tri) {
	if len(r.Calls) == 0 {
		r.Modes, r.Remote = modes, remote
	} else {
		if modes == 0 || r.Modes == 0 {
			r.Modes = 0
		} else {
			r.Modes |= modes
		}
		r.Remote = stronger(r.Remote, remote)
	}
	r.Calls = append(r.Calls, &Attempt{call, net, modes})
}

// variesByItem reports whether what a call asks for differs from turn to turn of
// a loop, because it is made of the element or message of the turn: that is
// work on items and not a repetition.
func variesByItem(call ssa.CallInstruction, l *Loop) bool {
	seen := make(map[ssa.Value]bool)
	var varies func(v ssa.Value, depth int) bool
	varies = func(v ssa.Value, depth int) bool {
		instr, ok := v.(ssa.Instruction)
		if !ok || seen[v] || depth > 20 || instr.Block() == nil || !l.Blocks[instr.Block()] {
			return false
		}
		seen[v] = true
		switch v := v.(type) {
		case *ssa.Next:
			return true
		case *ssa.IndexAddr:
			if isInduction(v.Index, l) {
				return true
			}
		case *ssa.Index:
			if isInduction(v.Index, l) {
				return true
			}
		case *ssa.Lookup:
			if isInduction(v.Index, l) {
				return true
			}
		case *ssa.UnOp:
			if v.Op == token.ARROW {
				return !isSignal(v.Type())
			}
		case *ssa.Select:
			return false
		case *ssa.Alloc:
			return storesVary(v, l, varies, depth)
		}
		for _, op := range instr.Operands(nil) {
			if *op != nil && varies(*op, depth+1) {
				return true
			}
		}
		return false
	}
	for _, op := range call.Operands(nil) {
		if *op != nil && varies(*op, 0) {
			return true
		}
	}
	return false
}

// storesVary follows a variable that lives in memory, as one that a literal
// captures does.
func storesVary(cell *ssa.Alloc, l *Loop, varies func(ssa.Value, int) bool, depth int) bool {
	for _, r := range *cell.Referrers() {
		if st, ok := r.(*ssa.Store); ok && st.Addr == ssa.Value(cell) && l.Blocks[st.Block()] && varies(st.Val, depth+1) {
			return true
		}
	}
	return false
}

// isInduction reports whether an index is the counter of a loop and not, as with
// urls[attempt%len(urls)], a way to choose one of several peers.
func isInduction(index ssa.Value, l *Loop) bool {
	switch v := index.(type) {
	case *ssa.Phi:
		return v.Block() == l.Header
	case *ssa.BinOp:
		return (v.Op == token.ADD || v.Op == token.SUB) && (isInduction(v.X, l) || isInduction(v.Y, l))
	case *ssa.Convert:
		return isInduction(v.X, l)
	}
	return false
}

// isSignal reports whether a channel's elements carry no data: a tick or the end
// of something.
func isSignal(t types.Type) bool {
	if tuple, ok := t.(*types.Tuple); ok {
		t = tuple.At(0).Type()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "time" {
		return true
	}
	s, ok := t.Underlying().(*types.Struct)
	return ok && s.NumFields() == 0 || typequery.IsBool(t)
}

// loopPos returns where a loop stands in the source: its first instruction with a
// position, which is in its header or, for a bare for, in its body.
func (a *finder) loopPos(l *Loop, call ssa.CallInstruction) token.Pos {
	if stmt := loopSyntax(a.pass, l, call); stmt != nil {
		return stmt.Pos()
	}
	if label := labelBefore(a.pass, call.Pos()); label.IsValid() {
		return label
	}
	return call.Pos()
}

// findAgain finds calls that are made a second time after the first failed.
func (a *finder) findAgain(f *Flow, candidates []ssa.CallInstruction) {
	for _, first := range candidates {
		if f.Repeats[first] || !tellsOutcome(resultsOf(first)) {
			continue
		}
		again := a.againAfter(f, first, candidates)
		if len(again) == 0 {
			continue
		}
		r := &Retry{Fn: f.fn, Pos: again[0].Pos()}
		r.Kind, r.Name = callgraph.AgainLayer, f.fn.Name()
		modes := a.modesTo(first, again[0])
		if modes == everyMode {
			modes = 0
		}
		r.add(first, a.remote[first], modes, a.mayReach(first))
		r.Attempts = callgraph.Amount{N: 1 + len(again)}
		f.Again[first] = r
		for _, c := range again {
			f.Repeats[c] = true
		}
	}
}

// findFirst finds the call that a loop repeats where the first attempt is made
// before the loop: err := f(); for err != nil { err = f() }.
func (a *finder) findFirst(f *Flow, candidates []ssa.CallInstruction) {
	f.eachLoop(func(l *Loop) {
		if l.Retry == nil {
			return
		}
		for _, c := range l.Retry.Calls {
			for _, first := range candidates {
				if l.Blocks[first.Block()] || f.Repeats[first] || !sameRequest(first, c) || !tellsOutcome(resultsOf(first)) {
					continue
				}
				if a.modesTo(first, c.CallInstruction) != 0 && !a.reaches(first, success, c.CallInstruction) {
					f.Repeats[first] = true
					l.Retry.first = first
				}
			}
		}
	})
}

// againAfter returns the calls that repeat one after its failure, and are not
// made after its success.
func (a *finder) againAfter(f *Flow, first ssa.CallInstruction, candidates []ssa.CallInstruction) []ssa.CallInstruction {
	var again []ssa.CallInstruction
	for _, c := range candidates {
		if c != first && !f.Repeats[c] && f.Innermost[c.Block()] == f.Innermost[first.Block()] && sameRequest(first, c) {
			again = append(again, c)
		}
	}
	if len(again) == 0 {
		return nil
	}
	reached := func(sc scenario) map[ssa.Instruction]bool {
		met := make(map[ssa.Instruction]bool)
		w := &walk{memo: a.memo, attempt: first, sc: sc, visit: func(i ssa.Instruction) { met[i] = true }}
		w.repeat()
		if w.gaveUp {
			return nil
		}
		return met
	}
	failed := make(map[ssa.Instruction]bool)
	for _, sc := range a.scenariosOf(first) {
		for i := range reached(sc) {
			failed[i] = true
		}
	}
	return slices.DeleteFunc(again, func(c ssa.CallInstruction) bool {
		if !failed[c] {
			return true
		}
		for _, sc := range a.successesOf(first) {
			if met := reached(sc); met != nil && !met[c] {
				return false
			}
		}
		return true
	})
}

// sameRequest reports whether two calls ask the same of the same function: equal
// arguments, where the failure itself and what it leads to may differ.
func sameRequest(x, y ssa.CallInstruction) bool {
	cx, cy := x.Common(), y.Common()
	if cx.IsInvoke() != cy.IsInvoke() || len(cx.Args) != len(cy.Args) {
		return false
	}
	if cx.IsInvoke() {
		if cx.Method != cy.Method || !equalValues(cx.Value, cy.Value) {
			return false
		}
	} else if !equalValues(cx.Value, cy.Value) {
		return false
	}
	for i := range cx.Args {
		if !equalValues(cx.Args[i], cy.Args[i]) {
			return false
		}
	}
	return len(cx.Args) > 0 || !cx.IsInvoke()
}

// equalValues reports whether two values are the same by construction: one SSA
// value, equal constants, or loads of the same place.
func equalValues(x, y ssa.Value) bool {
	if x == y {
		return true
	}
	switch x := x.(type) {
	case *ssa.Const:
		c, ok := y.(*ssa.Const)
		if !ok || !types.Identical(x.Type(), c.Type()) || (x.Value == nil) != (c.Value == nil) {
			return false
		}
		return x.Value == nil || x.Value.Kind() == c.Value.Kind() && constant.Compare(x.Value, token.EQL, c.Value)
	case *ssa.UnOp:
		u, ok := y.(*ssa.UnOp)
		return ok && x.Op == u.Op && x.Op == token.MUL && equalValues(x.X, u.X)
	case *ssa.FieldAddr:
		fa, ok := y.(*ssa.FieldAddr)
		return ok && x.Field == fa.Field && equalValues(x.X, fa.X)
	case *ssa.BinOp:
		b, ok := y.(*ssa.BinOp)
		return ok && x.Op == b.Op && equalValues(x.X, b.X) && equalValues(x.Y, b.Y)
	case *ssa.Convert:
		c, ok := y.(*ssa.Convert)
		return ok && types.Identical(x.Type(), c.Type()) && equalValues(x.X, c.X)
	case *ssa.MakeInterface:
		m, ok := y.(*ssa.MakeInterface)
		return ok && equalValues(x.X, m.X)
	case *ssa.ChangeInterface:
		m, ok := y.(*ssa.ChangeInterface)
		return ok && equalValues(x.X, m.X)
	}
	return false
}
