package picture

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/commslint/commslint/callgraph"
)

// A folding makes few boxes of many nodes.
type folding struct {
	graph *callgraph.Graph
	ids   map[string]int
	// box is the node that stands for each node, itself at first; -1 if none does.
	box   []int
	ways  []way
	names map[int]node // of boxes that stand for several nodes
	place []int        // of boxes in the view
	notes []string
}

func newFolding(g *callgraph.Graph) *folding {
	f := &folding{graph: g, ids: make(map[string]int, len(g.Nodes)), names: make(map[int]node)}
	for i := range g.Nodes {
		f.ids[g.Nodes[i].ID] = i
		f.box = append(f.box, i)
	}
	for i := range g.Edges {
		from, okFrom := f.ids[g.Edges[i].From]
		to, okTo := f.ids[g.Edges[i].To]
		if okFrom && okTo {
			f.ways = append(f.ways, way{from, to, []int{i}})
		}
	}
	return f
}

// boxOf is where a node of the graph is drawn, -1 if nowhere.
func (f *folding) boxOf(n int) int {
	if n < 0 || f.box[n] < 0 {
		return -1
	}
	return f.place[f.box[n]]
}

// count is how many boxes there are.
func (f *folding) count() int {
	n := 0
	for i, b := range f.box {
		if b == i {
			n++
		}
	}
	return n
}

// joinHandlers puts a function that serves one operation, and is not called
// otherwise, into the box of the operation.
func (f *folding) joinHandlers() {
	in, out := f.neighbours()
	for i := range f.graph.Nodes {
		if f.graph.Nodes[i].Kind != callgraph.OperationNode || len(out[i]) != 1 {
			continue
		}
		to := f.ways[out[i][0]].to
		if kind := f.graph.Nodes[to].Kind; len(in[to]) == 1 && to != i && (kind == callgraph.FunctionNode || kind == callgraph.EntryNode) {
			f.box[to] = i
			n := nameOf(&f.graph.Nodes[i])
			n.detail = joinWords(n.detail, "→ "+f.graph.Nodes[to].Name)
			f.names[i] = n
		}
	}
	f.redirect()
}

// dropEnds takes out the functions that lead nowhere: they run what they are given,
// and those who give it lead there themselves.
func (f *folding) dropEnds() {
	for changed := true; changed; {
		_, out := f.neighbours()
		changed = false
		for i, b := range f.box {
			if b == i && len(out[i]) == 0 && f.graph.Nodes[i].Kind == callgraph.FunctionNode {
				f.box[i], changed = -1, true
			}
		}
		f.redirect()
	}
}

// redirect has ways lead between boxes, without those that stay in one.
func (f *folding) redirect() {
	kept := f.ways[:0]
	for _, w := range f.ways {
		w.from, w.to = f.box[w.from], f.box[w.to]
		if w.from >= 0 && w.to >= 0 && (w.from != w.to || f.repeatsItself(&w)) {
			kept = append(kept, w)
		}
	}
	f.ways = kept
}

// repeatsItself reports whether a way that stays in a box is worth to be drawn: a
// function that calls itself, and not one that calls another of the same package.
func (f *folding) repeatsItself(w *way) bool {
	if len(w.edges) == 0 {
		return false
	}
	first, last := &f.graph.Edges[w.edges[0]], &f.graph.Edges[w.edges[len(w.edges)-1]]
	return first.From == last.To
}

// neighbours lists the ways into and out of each box.
func (f *folding) neighbours() (in, out [][]int) {
	in, out = make([][]int, len(f.box)), make([][]int, len(f.box))
	for i, w := range f.ways {
		out[w.from] = append(out[w.from], i)
		in[w.to] = append(in[w.to], i)
	}
	return in, out
}

// maxWays bounds the ways that the contraction of a function makes.
const maxWays = 16

// contract takes out the functions that only pass on: those that repeat nothing and
// lead to one place.
func (f *folding) contract() {
	in, out := f.neighbours()
	gone := make([]bool, len(f.ways))
	alive := func(list []int) []int { return slices.DeleteFunc(list, func(i int) bool { return gone[i] }) }
	contracted := 0
	for n := range f.graph.Nodes {
		in[n], out[n] = alive(in[n]), alive(out[n])
		if f.box[n] != n || !f.passesOn(n, in[n], out[n]) {
			continue
		}
		contracted++
		f.box[n] = -1
		for _, i := range in[n] {
			for _, o := range out[n] {
				a, b := f.ways[i], f.ways[o]
				id := len(f.ways)
				f.ways = append(f.ways, way{a.from, b.to, slices.Concat(a.edges, b.edges)})
				gone = append(gone, false)
				out[a.from] = append(out[a.from], id)
				in[b.to] = append(in[b.to], id)
			}
		}
		for _, i := range slices.Concat(in[n], out[n]) {
			gone[i] = true
		}
	}
	kept := f.ways[:0]
	for i, w := range f.ways {
		if !gone[i] {
			kept = append(kept, w)
		}
	}
	f.ways = kept
	if contracted > 0 {
		f.notes = append(f.notes, plural(contracted, "function that only passes requests on is", "functions that only pass requests on are")+" part of the edges")
	}
}

// passesOn reports whether a box is a function that only hands on what it is asked.
func (f *folding) passesOn(n int, in, out []int) bool {
	if f.graph.Nodes[n].Kind != callgraph.FunctionNode || len(in) == 0 || len(out) == 0 || len(in)*len(out) > maxWays {
		return false
	}
	to := f.ways[out[0]].to
	return !slices.ContainsFunc(out, func(i int) bool {
		w := &f.ways[i]
		return w.to != to || w.to == n || slices.ContainsFunc(w.edges, func(e int) bool { return repeated(&f.graph.Edges[e]) })
	}) && !slices.ContainsFunc(in, func(i int) bool { return f.ways[i].from == n })
}

// leaveOpen takes out what is not followed, which would be a box that everything leads
// to.
func (f *folding) leaveOpen() {
	open := 0
	for i, b := range f.box {
		if b == i && f.graph.Nodes[i].Kind == callgraph.UnresolvedNode {
			f.box[i] = -1
			open++
		}
	}
	if open == 0 {
		return
	}
	f.redirect()
	f.notes = append(f.notes, plural(open, "call that is not followed is", "calls that are not followed are")+" left out")
	if alone := f.leaveAlone(); alone > 0 {
		f.notes = append(f.notes, plural(alone, "function that leads to nothing else is", "functions that lead to nothing else are")+" left out too")
	}
}

// leaveAlone takes out the functions that nothing leads to and that lead nowhere.
func (f *folding) leaveAlone() int {
	in, out := f.neighbours()
	alone := 0
	for i, b := range f.box {
		kind := f.graph.Nodes[i].Kind
		if b == i && len(in[i])+len(out[i]) == 0 && (kind == callgraph.FunctionNode || kind == callgraph.EntryNode) {
			f.box[i] = -1
			alone++
		}
	}
	return alone
}

// group makes packages of functions and services of operations, if there are too
// many boxes.
func (f *folding) group() {
	before := f.count()
	if before <= maxNodes {
		return
	}
	f.leaveOpen()
	groups := make(map[string]int)
	sizes := make(map[int]int)
	for i, b := range f.box {
		if b != i {
			continue
		}
		key, named := groupOf(&f.graph.Nodes[i])
		first, ok := groups[key]
		if !ok {
			first = i
			groups[key] = i
			f.names[i] = named
		}
		f.box[i] = first
		sizes[first]++
	}
	for i, b := range f.box { // what was in a box before is in its group now
		if b >= 0 {
			f.box[i] = f.box[b]
		}
	}
	for first, n := range sizes {
		if n == 1 {
			delete(f.names, first)
			continue
		}
		named := f.names[first]
		named.detail = strings.TrimPrefix(named.detail+" · "+plural(n, "node", "nodes"), " · ")
		f.names[first] = named
	}
	f.redirect()
	f.notes = append(f.notes, fmt.Sprintf("for %d boxes there is no room: functions are drawn as packages and operations as services", before))
}

// trim leaves of too many boxes those on the ways to the worst cases.
func (f *folding) trim(paths []path) {
	before := f.count()
	if before <= maxNodes {
		return
	}
	keep := make(map[int]bool)
	for _, p := range paths {
		fresh := make(map[int]bool)
		for _, n := range p.nodes {
			if b := f.box[n]; b >= 0 && !keep[b] {
				fresh[b] = true
			}
		}
		if len(keep)+len(fresh) > maxNodes {
			continue
		}
		for b := range fresh {
			keep[b] = true
		}
		if len(keep) == maxNodes {
			break
		}
	}
	for i, b := range f.box {
		if b >= 0 && !keep[b] {
			f.box[i] = -1
		}
	}
	f.redirect()
	f.notes = append(f.notes, fmt.Sprintf("only the ways to the worst cases are drawn: %d boxes of %d; --from and --to choose others", len(keep), before))
}

// fill makes the boxes and edges of the view.
func (f *folding) fill(v *view) {
	f.place = make([]int, len(f.box))
	for i, b := range f.box {
		if b == i {
			f.place[i] = len(v.nodes)
			v.nodes = append(v.nodes, f.node(i))
		}
	}
	for i, b := range f.box {
		if b >= 0 && b != i {
			n := &v.nodes[f.place[b]]
			n.members = append(n.members, i)
		}
	}
	at := make(map[[2]int]int)
	for _, w := range f.ways {
		w.from, w.to = f.place[w.from], f.place[w.to]
		key := [2]int{w.from, w.to}
		i, ok := at[key]
		if !ok {
			i = len(v.edges)
			at[key] = i
			v.edges = append(v.edges, edge{from: w.from, to: w.to})
		}
		v.edges[i].ways = append(v.edges[i].ways, w)
	}
	slices.SortStableFunc(v.edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	v.notes = append(v.notes, f.notes...)
}

func (f *folding) node(i int) node {
	n, ok := f.names[i]
	if !ok {
		n = nameOf(&f.graph.Nodes[i])
	}
	n.members, n.worst = []int{i}, -1
	return n
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
