package constflow

import (
	"go/constant"
	"go/token"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/typequery"
)

// Guards returns the conditions that decide within its function whether an
// instruction runs, except those that test an error or that end the process
// when the instruction is not to run.
func Guards(instr ssa.Instruction) (guards []*ssa.If) {
	target := instr.Block()
	for _, b := range instr.Parent().Blocks {
		cond, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !ok || b == target && !reaches(b, b, nil) {
			continue
		}
		if !decides(b, target) || testsError(cond.Cond) {
			continue
		}
		guards = append(guards, cond)
	}
	return guards
}

// decides reports whether one successor of b leads to the target and another
// one returns without it.
func decides(b, target *ssa.BasicBlock) bool {
	if b == target {
		return false
	}
	leads, avoids := false, false
	for _, s := range b.Succs {
		if s == target || reaches(s, target, b) {
			leads = true
		} else if returns(s, b) {
			avoids = true
		}
	}
	return leads && avoids
}

// reaches reports whether control can get from one block to another, at least
// one step, without passing through the block without.
func reaches(from, to, without *ssa.BasicBlock) bool {
	return walk(from, without, func(b *ssa.BasicBlock) bool {
		for _, s := range b.Succs {
			if s == to {
				return true
			}
		}
		return false
	})
}

// returns reports whether the function can return from a block, or go on for
// ever, rather than end the process.
func returns(from, without *ssa.BasicBlock) bool {
	return walk(from, without, func(b *ssa.BasicBlock) bool {
		_, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		return ok
	})
}

func walk(from, without *ssa.BasicBlock, found func(*ssa.BasicBlock) bool) bool {
	seen := map[*ssa.BasicBlock]bool{from: true}
	for todo := []*ssa.BasicBlock{from}; len(todo) > 0; {
		b := todo[0]
		todo = todo[1:]
		if b == without {
			continue
		}
		if found(b) {
			return true
		}
		for _, s := range b.Succs {
			if !seen[s] {
				seen[s] = true
				todo = append(todo, s)
			}
		}
	}
	return false
}

// testsError reports whether a condition compares an error with nil.
func testsError(cond ssa.Value) bool {
	op, ok := cond.(*ssa.BinOp)
	if !ok || op.Op != token.EQL && op.Op != token.NEQ {
		return false
	}
	return typequery.IsError(op.X.Type()) && isNil(op.Y) || typequery.IsError(op.Y.Type()) && isNil(op.X)
}

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.Value == nil
}

// IntIn returns a predicate for Sets that holds for integers of a range, both
// ends included.
func IntIn(low, high int64) func(constant.Value) bool {
	return func(c constant.Value) bool {
		n, exact := constant.Int64Val(constant.ToInt(c))
		return exact && low <= n && n <= high
	}
}
