package picture

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/commslint/commslint/callgraph"
)

// A path is the way of an amplification through the graph. Its nodes are empty if
// it is not known.
type path struct {
	row           *callgraph.Amplification
	entry, target int // nodes of the graph, -1 if they are not in it
	nodes         []int
}

// maxRows bounds the amplifications of a page, and maxSearch the edges that are
// looked at to find their ways.
const (
	maxRows   = 1000
	maxSearch = 3_000_000
)

// worstPaths finds the ways of the amplifications, the worst first.
func (f *folding) worstPaths() []path {
	all := make([]*callgraph.Amplification, len(f.graph.Amplification))
	for i := range all {
		all[i] = &f.graph.Amplification[i]
	}
	slices.SortStableFunc(all, func(a, b *callgraph.Amplification) int {
		return cmp.Or(cmp.Compare(f.openRank(a), f.openRank(b)), byWorst(a, b))
	})
	if len(all) > maxRows {
		f.notes = append(f.notes, plural(len(all)-maxRows, "figure", "smaller figures")+" are not listed")
		all = all[:maxRows]
	}
	s := newSearch(f)
	paths := make([]path, len(all))
	for i, a := range all {
		paths[i] = path{row: a, entry: f.find(a.Entry), target: f.find(a.Target)}
		if paths[i].entry >= 0 && paths[i].target >= 0 && s.looked < maxSearch {
			paths[i].nodes = s.way(&paths[i])
			f.bridge(&paths[i])
		}
	}
	return paths
}

// bridge has an entry lead straight to a target that the graph shows no way to, as
// where a function is stored and called elsewhere.
func (f *folding) bridge(p *path) {
	if p.nodes == nil && p.entry != p.target {
		p.nodes = []int{p.entry, p.target}
		f.ways = append(f.ways, way{from: p.entry, to: p.target})
	}
}

// openRank puts what is not followed behind what is known to be sent.
func (f *folding) openRank(a *callgraph.Amplification) int {
	if i := f.find(a.Target); i >= 0 && f.graph.Nodes[i].Kind == callgraph.UnresolvedNode {
		return 1
	}
	return 0
}

func (f *folding) find(id string) int {
	if i, ok := f.ids[id]; ok {
		return i
	}
	return -1
}

// A search finds ways through a graph.
type search struct {
	folding *folding
	out     [][]int // ways out of each node, which are edges here
	cost    []int
	from    []int // the way that leads to a node, -1 for none
	seen    []bool
	touched []int
	looked  int // edges so far
}

func newSearch(f *folding) *search {
	_, out := f.neighbours()
	n := len(f.graph.Nodes)
	return &search{folding: f, out: out, cost: make([]int, n), from: make([]int, n), seen: make([]bool, n)}
}

type placed struct {
	file string
	line int
}

// way finds the nodes that the steps of a worst case lead through. Steps name places
// in the code and may leave out some, so that it is the way that fits best.
func (s *search) way(p *path) []int {
	steps := make(map[placed]bool)
	for _, step := range p.row.Path {
		if step.File != "" {
			steps[placed{step.File, step.Line}] = true
		}
	}
	for _, n := range s.touched {
		s.cost[n], s.from[n], s.seen[n] = 0, 0, false
	}
	s.touched = s.touched[:0]
	q := &queue{}
	s.reach(q, p.entry, -1, 0)
	for q.Len() > 0 {
		n := heap.Pop(q).(queued)
		if n.cost > s.cost[n.node] {
			continue
		}
		if n.node == p.target {
			return s.back(n.node)
		}
		for _, w := range s.out[n.node] {
			s.looked++
			e := &s.folding.ways[w]
			s.reach(q, e.to, w, n.cost+misfit(&s.folding.graph.Edges[e.edges[0]], steps))
		}
	}
	return nil
}

func (s *search) reach(q *queue, node, way, cost int) {
	if s.seen[node] && s.cost[node] <= cost {
		return
	}
	if !s.seen[node] {
		s.seen[node] = true
		s.touched = append(s.touched, node)
	}
	s.cost[node], s.from[node] = cost, way
	heap.Push(q, queued{node, cost})
}

func (s *search) back(node int) []int {
	nodes := []int{node}
	for s.from[node] >= 0 {
		node = s.folding.ways[s.from[node]].from
		nodes = append(nodes, node)
	}
	slices.Reverse(nodes)
	return nodes
}

// misfit is how badly an edge fits to the steps of a worst case: layers that the
// steps do not name fit worst.
func misfit(e *callgraph.GraphEdge, steps map[placed]bool) int {
	cost := 1
	if !steps[placed{e.File, e.Line}] {
		cost += 2
	}
	for _, l := range e.Layers {
		if !steps[placed{l.File, l.Line}] && l.Attempts != once {
			cost += 20
		}
	}
	return cost
}

// once is a layer that sends nothing again.
var once = callgraph.Times{N: 1}

type queued struct{ node, cost int }

// A queue is a heap of nodes by cost, and by number where that is the same.
type queue []queued

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].cost < q[j].cost || q[i].cost == q[j].cost && q[i].node < q[j].node
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(queued)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
