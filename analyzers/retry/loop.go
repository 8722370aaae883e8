package retry

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
)

// A Loop is a strongly connected part of a function's control flow, whatever
// statement it was written with: for, range, goto.
type Loop struct {
	Header   *ssa.BasicBlock // where it is entered
	Blocks   map[*ssa.BasicBlock]bool
	Parent   *Loop
	Children []*Loop

	// Retry is set if the loop repeats what it failed to do. The fields below
	// are for the other loops with calls that may reach the network.
	Retry *Retry
	Fn    *ssa.Function
	Pos   token.Pos
	Calls []*netcall.Call // remote calls of the loop itself, in source order
	// Items says that the loop does something for each element of Over.
	Items bool
	Over  ssa.Value // the slice, map or number that it ranges over; nil if unknown
	// Turns is how often the loop turns.
	Turns callgraph.Amount
}

// loopsOf returns the outermost loops of a function and the innermost loop of
// each block.
func loopsOf(fn *ssa.Function) (roots []*Loop, innermost map[*ssa.BasicBlock]*Loop) {
	innermost = make(map[*ssa.BasicBlock]*Loop)
	all := make(map[*ssa.BasicBlock]bool, len(fn.Blocks))
	for _, b := range fn.Blocks {
		all[b] = true
	}
	roots = decompose(fn.Blocks, all, nil, nil, innermost)
	return roots, innermost
}

// decompose finds the loops among blocks, of which inside is the set, when the
// edges to header are taken away.
func decompose(blocks []*ssa.BasicBlock, inside map[*ssa.BasicBlock]bool, header *ssa.BasicBlock, parent *Loop, innermost map[*ssa.BasicBlock]*Loop) []*Loop {
	var loops []*Loop
	for _, scc := range components(blocks, inside, header) {
		set := make(map[*ssa.BasicBlock]bool, len(scc))
		for _, b := range scc {
			set[b] = true
		}
		l := &Loop{Header: entryOf(scc, set), Blocks: set, Parent: parent}
		for _, b := range scc {
			innermost[b] = l
		}
		l.Children = decompose(scc, set, l.Header, l, innermost)
		loops = append(loops, l)
	}
	slices.SortFunc(loops, func(a, b *Loop) int { return a.Header.Index - b.Header.Index })
	return loops
}

// entryOf returns the block by which a component is entered: the first in
// source order where a goto gives it several.
func entryOf(scc []*ssa.BasicBlock, set map[*ssa.BasicBlock]bool) *ssa.BasicBlock {
	var entry *ssa.BasicBlock
	for _, b := range scc {
		outside := slices.ContainsFunc(b.Preds, func(p *ssa.BasicBlock) bool { return !set[p] })
		if outside && (entry == nil || b.Index < entry.Index) {
			entry = b
		}
	}
	if entry == nil {
		entry = scc[0]
	}
	return entry
}

// components returns the cyclic strongly connected components of a part of a
// control-flow graph, by Tarjan's algorithm. The depth of its recursion is that
// of the function's longest path, which compilers bear too.
func components(blocks []*ssa.BasicBlock, inside map[*ssa.BasicBlock]bool, header *ssa.BasicBlock) [][]*ssa.BasicBlock {
	type mark struct{ index, low int }
	marks := make(map[*ssa.BasicBlock]*mark)
	onStack := make(map[*ssa.BasicBlock]bool)
	var stack []*ssa.BasicBlock
	var found [][]*ssa.BasicBlock
	var visit func(b *ssa.BasicBlock) *mark
	visit = func(b *ssa.BasicBlock) *mark {
		m := &mark{len(marks) + 1, len(marks) + 1}
		marks[b] = m
		stack = append(stack, b)
		onStack[b] = true
		cyclic := false
		for _, s := range b.Succs {
			if !inside[s] || s == header {
				continue
			}
			if s == b {
				cyclic = true
			}
			if sm := marks[s]; sm == nil {
				m.low = min(m.low, visit(s).low)
			} else if onStack[s] {
				m.low = min(m.low, sm.index)
			}
		}
		if m.low == m.index {
			at := slices.Index(stack, b)
			scc := slices.Clone(stack[at:])
			stack = stack[:at]
			for _, x := range scc {
				onStack[x] = false
			}
			if len(scc) > 1 || cyclic {
				slices.SortFunc(scc, func(a, b *ssa.BasicBlock) int { return a.Index - b.Index })
				found = append(found, scc)
			}
		}
		return m
	}
	for _, b := range blocks {
		if marks[b] == nil && b != header {
			visit(b)
		}
	}
	return found
}

// Within reports whether a block belongs to the loop; every block does to nil,
// which stands for the whole function.
func (l *Loop) Within(b *ssa.BasicBlock) bool { return l == nil || l.Blocks[b] }

func sortedBlocks(set map[*ssa.BasicBlock]bool) []*ssa.BasicBlock {
	blocks := make([]*ssa.BasicBlock, 0, len(set))
	for b := range set {
		blocks = append(blocks, b)
	}
	slices.SortFunc(blocks, func(a, b *ssa.BasicBlock) int { return a.Index - b.Index })
	return blocks
}
