package remotecallinloop

import (
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/analyzers/typequery"
)

// items is a loop over a collection, as seen from a call that it makes.
type items struct {
	loop *retry.Loop
	fn   *ssa.Function // that holds the loop
	over ssa.Value     // the collection
	// counted says that it is written with a counter rather than range.
	counted    bool
	concurrent bool // the call is made in a literal that the loop starts
	search     bool // the first success ends it
	waits      bool // it lets time pass between elements
}

// itemLoop returns the innermost loop around a call whose element decides what
// the call asks for, nil if there is none or if it decides whom to ask.
func (f *finder) itemLoop(call ssa.CallInstruction, req request) *items {
	fn, at, concurrent := call.Parent(), call.Block(), false
	if _, ok := call.(*ssa.Go); ok {
		concurrent = true
	}
	for range 4 {
		if flow := f.retries.Flow(fn); flow != nil {
			for l := flow.Innermost[at]; l != nil; l = l.Parent {
				it := f.itemsOf(l, fn)
				if it == nil || !f.decides(it, req.keys) {
					continue
				}
				if isChunk(elementOf(it.over.Type())) || f.decides(it, req.peers) || f.isFew(it) {
					return nil
				}
				it.concurrent = concurrent
				it.search = !concurrent && endsWithSuccess(l, call)
				it.waits = f.waitsIn(l)
				return it
			}
		}
		made := f.sites[fn]
		if made == nil {
			return nil
		}
		concurrent = concurrent || made.started
		fn, at = made.block.Parent(), made.block
	}
	return nil
}

// itemsOf returns a loop as one over a collection, nil if it is none.
func (f *finder) itemsOf(l *retry.Loop, fn *ssa.Function) *items {
	it := &items{loop: l, fn: fn}
	for _, instr := range l.Header.Instrs {
		if next, ok := instr.(*ssa.Next); ok && !next.IsString {
			if rng, ok := next.Iter.(*ssa.Range); ok {
				it.over = rng.X
				return it
			}
		}
	}
	test, ok := l.Header.Instrs[len(l.Header.Instrs)-1].(*ssa.If)
	if !ok {
		return nil
	}
	cmp, ok := test.Cond.(*ssa.BinOp)
	if !ok || cmp.Op != token.LSS {
		return nil
	}
	if _, ok := cmp.X.(*ssa.Phi); ok {
		it.counted = true
	}
	switch y := cmp.Y.(type) {
	case *ssa.Call:
		if b, ok := y.Call.Value.(*ssa.Builtin); ok && b.Name() == "len" {
			it.over = y.Call.Args[0]
		}
	case *ssa.Const:
		it.over = arrayOf(l)
	}
	if it.over == nil || elementOf(it.over.Type()) == nil {
		return nil
	}
	return it
}

// arrayOf returns the array that a loop up to a constant indexes.
func arrayOf(l *retry.Loop) ssa.Value {
	for b := range l.Blocks {
		for _, instr := range b.Instrs {
			if idx, ok := instr.(*ssa.IndexAddr); ok && isCounter(idx.Index, l) {
				if p, ok := idx.X.Type().Underlying().(*types.Pointer); ok {
					if _, ok := p.Elem().Underlying().(*types.Array); ok {
						return idx.X
					}
				}
			}
		}
	}
	return nil
}

// isCounter reports whether an index is the counter of the loop.
func isCounter(index ssa.Value, l *retry.Loop) bool {
	switch v := index.(type) {
	case *ssa.Phi:
		return v.Block() == l.Header
	case *ssa.BinOp:
		return v.Op == token.ADD && isCounter(v.X, l)
	case *ssa.Convert:
		return isCounter(v.X, l)
	}
	return false
}

// elementOf returns the element type of a slice, array or map, nil for others.
func elementOf(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	switch t := t.Underlying().(type) {
	case *types.Slice:
		return t.Elem()
	case *types.Array:
		return t.Elem()
	case *types.Map:
		return t.Elem()
	}
	return nil
}

// isFew reports whether a collection is written out and small.
func (f *finder) isFew(it *items) bool {
	t := it.over.Type().Underlying()
	if s, ok := it.over.(*ssa.Slice); ok && s.Low == nil && s.High == nil {
		t = s.X.Type().Underlying()
	}
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	if arr, ok := t.(*types.Array); ok {
		return arr.Len() <= int64(few)
	}
	if turns := it.loop.Turns; turns.Var == "" && turns.Param == nil && 0 < turns.N {
		return turns.N <= few
	}
	elems, complete := f.consts.Elements(it.over)
	return complete && 0 < len(elems) && len(elems) <= few
}

// isChunk reports whether an element is itself many things.
func isChunk(t types.Type) bool {
	if t == nil {
		return false
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		name := strings.ToLower(n.Obj().Name())
		for _, word := range []string{"batch", "chunk", "page", "bulk"} {
			if strings.HasSuffix(name, word) {
				return true
			}
		}
	}
	s, ok := t.Underlying().(*types.Slice)
	if !ok {
		_, isMap := t.Underlying().(*types.Map)
		return isMap
	}
	b, ok := s.Elem().Underlying().(*types.Basic)
	return !ok || b.Kind() != types.Byte
}

// decides reports whether any of the values is made of the loop's element.
func (f *finder) decides(it *items, vs []ssa.Value) bool {
	found := false
	for _, v := range vs {
		f.trace(v, it.loop, func(v ssa.Value) bool {
			found = found || isElement(v, it)
			return !found
		})
		if found {
			return true
		}
	}
	return false
}

// isElement reports whether a value is the element, or the index or key, of a turn.
func isElement(v ssa.Value, it *items) bool {
	switch v := v.(type) {
	case *ssa.Next:
		return it.loop.Blocks[v.Block()] && v.Block() == it.loop.Header
	case *ssa.IndexAddr:
		return isCounter(v.Index, it.loop)
	case *ssa.Index:
		return isCounter(v.Index, it.loop)
	case *ssa.Lookup:
		return isCounter(v.Index, it.loop)
	}
	return false
}

// trace visits what a value is made of, through variables and literals, until
// visit returns false. With a loop, what is made outside of it is left out.
func (f *finder) trace(v ssa.Value, l *retry.Loop, visit func(ssa.Value) bool) {
	seen := make(map[ssa.Value]bool)
	var walk func(v ssa.Value, depth int) bool
	walkAll := func(instr ssa.Instruction, depth int) bool {
		for _, op := range instr.Operands(nil) {
			if *op != nil && !walk(*op, depth+1) {
				return false
			}
		}
		return true
	}
	walk = func(v ssa.Value, depth int) bool {
		if v == nil || seen[v] || depth > 30 || typequery.Name(v.Type()) == "context.Context" {
			return true
		}
		seen[v] = true
		if !visit(v) {
			return false
		}
		switch v := v.(type) {
		case *ssa.FreeVar, *ssa.Parameter:
			return walk(f.given(v), depth+1)
		case *ssa.Function, *ssa.Const, *ssa.Global, *ssa.Builtin:
			return true
		case *ssa.Alloc:
			return f.traceStores(v, l, func(stored ssa.Value) bool { return walk(stored, depth+1) })
		case *ssa.Phi:
			if l != nil && v.Block() == l.Header {
				return true // what earlier turns left behind
			}
		}
		instr, ok := v.(ssa.Instruction)
		if !ok || l != nil && instr.Parent() == l.Header.Parent() && !l.Blocks[instr.Block()] {
			return true
		}
		return walkAll(instr, depth)
	}
	walk(v, 0)
}

// traceStores visits what is stored in a variable, its fields and elements.
func (f *finder) traceStores(addr ssa.Value, l *retry.Loop, visit func(ssa.Value) bool) bool {
	refs := addr.Referrers()
	if refs == nil {
		return true
	}
	for _, r := range *refs {
		if l != nil && r.Parent() == l.Header.Parent() && !l.Blocks[r.Block()] {
			continue
		}
		switch r := r.(type) {
		case *ssa.Store:
			if r.Addr == addr && !visit(r.Val) {
				return false
			}
		case *ssa.FieldAddr:
			if !f.traceStores(r, l, visit) {
				return false
			}
		case *ssa.IndexAddr:
			if r.X == addr && !f.traceStores(r, l, visit) {
				return false
			}
		}
	}
	return true
}

// endsWithSuccess reports whether a loop is left depending on what a call
// answers, other than by an error.
func endsWithSuccess(l *retry.Loop, call ssa.CallInstruction) bool {
	for b := range l.Blocks {
		test, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !ok || b == l.Header || !call.Block().Dominates(b) {
			continue
		}
		for i, s := range b.Succs {
			if !l.Blocks[s] && !failed(test, i) && !failedBefore(b, call, l) {
				return true
			}
		}
	}
	for b := range l.Blocks { // an unconditional way out
		if len(b.Succs) == 1 && !l.Blocks[b.Succs[0]] && call.Block().Dominates(b) && !failedBefore(b, call, l) {
			return true
		}
	}
	return leavesAfter(l, call)
}

// leavesAfter reports whether the call's success leaves the loop at once, as in
// "if err == nil { return }".
func leavesAfter(l *retry.Loop, call ssa.CallInstruction) bool {
	for b := range l.Blocks {
		test, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !ok || !call.Block().Dominates(b) {
			continue
		}
		if onTrue, ok := failsOn(test.Cond); ok {
			success := b.Succs[1]
			if !onTrue {
				success = b.Succs[0]
			}
			if !l.Blocks[success] {
				return true
			}
		}
	}
	return false
}

// failed reports whether the i-th outcome of a test is that something failed.
func failed(test *ssa.If, i int) bool {
	onTrue, ok := failsOn(test.Cond)
	return ok && onTrue == (i == 0)
}

// failedBefore reports whether a block is reached only after something failed
// since the call.
func failedBefore(b *ssa.BasicBlock, call ssa.CallInstruction, l *retry.Loop) bool {
	for d := b; d != nil && d != call.Block() && l.Blocks[d]; d = d.Idom() {
		up := d.Idom()
		if up == nil {
			return false
		}
		if test, ok := up.Instrs[len(up.Instrs)-1].(*ssa.If); ok {
			for i, s := range up.Succs {
				if s == d && failed(test, i) {
					return true
				}
			}
		}
	}
	return false
}

// failsOn reports on which outcome of a condition an error is not nil, or a
// context has ended.
func failsOn(cond ssa.Value) (onTrue, ok bool) {
	switch c := cond.(type) {
	case *ssa.UnOp:
		onTrue, ok = failsOn(c.X)
		return !onTrue, ok && c.Op == token.NOT
	case *ssa.BinOp:
		if typequery.IsError(c.X.Type()) || typequery.IsError(c.Y.Type()) {
			return c.Op == token.NEQ, c.Op == token.NEQ || c.Op == token.EQL
		}
		if _, ok := c.X.(*ssa.Extract); ok { // a case of a select statement
			if _, ok := c.X.(*ssa.Extract).Tuple.(*ssa.Select); ok {
				return true, true
			}
		}
	case *ssa.Call:
		if fn := netcall.Callee(c); fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "errors" {
			return true, true
		}
	}
	return false, false
}

// waitsIn reports whether a loop lets time pass on purpose: it paces itself.
func (f *finder) waitsIn(l *retry.Loop) bool {
	for b := range l.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(*ssa.Call)
			if !ok {
				continue
			}
			fn := netcall.Callee(call)
			if fn == nil || fn.Pkg() == nil {
				continue
			}
			switch fn.FullName() {
			case "time.Sleep", "time.After", "(*golang.org/x/time/rate.Limiter).Wait", "(*golang.org/x/time/rate.Limiter).WaitN":
				return true
			}
		}
	}
	return false
}
