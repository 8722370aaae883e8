package retry

import (
	"go/constant"
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// A counter is a variable that changes by a constant each turn of a loop.
type counter struct {
	first   ssa.Value // its value on entry; nil for 0
	step    int
	offset  int             // of the compared value from the variable
	counted ssa.Instruction // that changes it; nil if it is a phi that every turn changes
}

// counterOf recognises a loop counter: a phi of the loop's header, or memory
// that the loop adds to in one place.
func counterOf(x ssa.Value, l *Loop) (counter, bool) {
	switch v := x.(type) {
	case *ssa.Convert:
		return counterOf(v.X, l)
	case *ssa.BinOp:
		n, ok := constInt(v.Y)
		if !ok || v.Op != token.ADD && v.Op != token.SUB {
			return counter{}, false
		}
		if v.Op == token.SUB {
			n = -n
		}
		if c, ok := counterOf(v.X, l); ok {
			c.offset += n
			return c, true
		}
		return stored(v, l)
	case *ssa.Phi:
		return phiCounter(v, l)
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return memoryCounter(v, l)
		}
	}
	return counter{}, false
}

func constInt(v ssa.Value) (int, bool) {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.Int {
		return 0, false
	}
	return intOf(c.Value)
}

// phiCounter recognises a variable that is changed by the same constant on the
// ways around the loop.
func phiCounter(phi *ssa.Phi, l *Loop) (counter, bool) {
	if phi.Block() != l.Header {
		return counter{}, false
	}
	c := counter{}
	for i, e := range phi.Edges {
		if !l.Blocks[phi.Block().Preds[i]] {
			if c.first != nil && !equalValues(c.first, e) {
				return counter{}, false
			}
			c.first = e
			continue
		}
		steps := stepsFrom(e, phi, l, map[ssa.Value]bool{})
		for _, s := range steps {
			if s.n == 0 || c.step != 0 && s.n != c.step {
				if s.n != 0 {
					return counter{}, false
				}
				c.counted = s.instr // set below if some way leaves it as it is
				continue
			}
			c.step = s.n
		}
		if steps == nil {
			return counter{}, false
		}
		c.counted = countingInstr(steps)
	}
	return c, c.step != 0 && c.first != nil
}

type step struct {
	n     int
	instr ssa.Instruction // nil for n == 0
}

// stepsFrom returns by how much a value may differ from the phi of the loop's
// header, nil if that is not constant.
func stepsFrom(v ssa.Value, phi *ssa.Phi, l *Loop, seen map[ssa.Value]bool) []step {
	if v == ssa.Value(phi) {
		return []step{{}}
	}
	if seen[v] {
		return []step{}
	}
	seen[v] = true
	switch v := v.(type) {
	case *ssa.BinOp:
		n, ok := constInt(v.Y)
		if !ok || v.Op != token.ADD && v.Op != token.SUB || v.X != ssa.Value(phi) {
			return nil
		}
		if v.Op == token.SUB {
			n = -n
		}
		return []step{{n, v}}
	case *ssa.Phi:
		var all []step
		for _, e := range v.Edges {
			s := stepsFrom(e, phi, l, seen)
			if s == nil {
				return nil
			}
			all = append(all, s...)
		}
		return all
	}
	return nil
}

// countingInstr returns the instruction that counts where some way around the
// loop leaves the counter as it is; nil if every way counts.
func countingInstr(steps []step) ssa.Instruction {
	var instr ssa.Instruction
	still := false
	for _, s := range steps {
		if s.n == 0 {
			still = true
		} else {
			instr = s.instr
		}
	}
	if still {
		return instr
	}
	return nil
}

// memoryCounter recognises a counter in a field or captured variable.
func memoryCounter(load *ssa.UnOp, l *Loop) (counter, bool) {
	where, ok := cellOf(load.X)
	if !ok {
		return counter{}, false
	}
	var add *ssa.Store
	for _, b := range sortedBlocks(l.Blocks) {
		for _, instr := range b.Instrs {
			st, ok := instr.(*ssa.Store)
			if !ok {
				continue
			}
			if c, ok := cellOf(st.Addr); !ok || c != where {
				continue
			}
			if add != nil {
				return counter{}, false
			}
			add = st
		}
	}
	if add == nil {
		return counter{}, false
	}
	sum, ok := add.Val.(*ssa.BinOp)
	if !ok {
		return counter{}, false
	}
	c, ok := stored(sum, l)
	if !ok {
		return counter{}, false
	}
	if reads(load, add) {
		c.offset = c.step
	}
	c.first = initial(where, l)
	c.counted = add
	return c, true
}

// reads reports whether a load sees what a store of the same turn wrote.
func reads(load *ssa.UnOp, st *ssa.Store) bool {
	if load.Block() == st.Block() {
		return slices.Index(load.Block().Instrs, ssa.Instruction(load)) > slices.Index(st.Block().Instrs, ssa.Instruction(st))
	}
	return st.Block().Dominates(load.Block())
}

// initial returns what is stored in a variable before the loop, nil if that is
// not seen, as with a field, which starts at 0.
func initial(where cell, l *Loop) ssa.Value {
	if where.base.Referrers() == nil || where.field >= 0 {
		return nil
	}
	for _, r := range *where.base.Referrers() {
		if st, ok := r.(*ssa.Store); ok && st.Addr == where.base && !l.Blocks[st.Block()] {
			return st.Val
		}
	}
	return nil
}

// stored recognises "x + n" where x is loaded from memory that the sum is stored
// to: an increment in place, compared at once.
func stored(sum *ssa.BinOp, l *Loop) (counter, bool) {
	n, ok := constInt(sum.Y)
	load, isLoad := sum.X.(*ssa.UnOp)
	if !ok || !isLoad || load.Op != token.MUL {
		return counter{}, false
	}
	if sum.Op == token.SUB {
		n = -n
	}
	where, ok := cellOf(load.X)
	if !ok {
		return counter{}, false
	}
	for _, r := range *sum.Referrers() {
		st, ok := r.(*ssa.Store)
		if !ok {
			continue
		}
		if c, ok := cellOf(st.Addr); ok && c == where && l.Blocks[st.Block()] {
			return counter{step: n, counted: st, first: initial(where, l)}, true
		}
	}
	return counter{}, false
}
