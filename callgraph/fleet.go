package callgraph

import (
	"math"
	"math/bits"
	"slices"
)

// A Fleet is a call graph of numbers alone, for systems of which there are too many
// parts to follow each kind of request symbolically. It takes a few bytes for each edge,
// and its figures take time that is linear in the edges.
//
// Its figures are upper bounds of those of a Program: what a function does on one of
// several branches counts as done on all of them. Where nothing branches they are equal.
type Fleet struct {
	conditions Conditions
	nodes      []fleetNode
	edges      []fleetEdge
	tables     []*fleetTable
	byStack    map[string]int32
}

// A FleetNode is the number of a node, counted from 0.
type FleetNode int32

type fleetNode struct {
	name  string
	entry bool
}

type fleetEdge struct {
	from, to int32
	table    int32
	times    float32
}

// What a node is told of a failure below it: one of the ways to fail, or that what
// serves a request answered with any error.
const (
	anyAnswer = iota + 20 // after the single modes
	endedHang             // a hang that something below ended
	fleetStates
)

// A FleetEdge says how a node asks another.
type FleetEdge struct {
	// Protocol is http or grpc, of a request; empty for a call within a process, which
	// hands failures on as they are.
	Protocol string
	// Serves says that the node that asks serves requests: what it is told of a
	// failure, it answers with any error.
	Serves bool
	Layers []Layer // outermost first
	Times  float64 // how often, if nothing fails; 0 stands for 1
}

// NewFleet returns a fleet without nodes, whose figures hold under conditions.
func NewFleet(c Conditions) *Fleet { return &Fleet{conditions: c, byStack: map[string]int32{}} }

// Add adds a node. Entries get one request each from outside.
func (f *Fleet) Add(name string, entry bool) FleetNode {
	f.nodes = append(f.nodes, fleetNode{name, entry})
	return FleetNode(len(f.nodes) - 1)
}

// Connect adds an edge. Key names its protocol and layers: edges of one key have the
// same, which then are looked at once; "" for one of its own.
func (f *Fleet) Connect(from, to FleetNode, key string, e FleetEdge) {
	table, ok := f.byStack[key]
	if !ok || key == "" {
		table = int32(len(f.tables))
		f.tables = append(f.tables, newFleetTable(&e, f.conditions))
		if key != "" {
			f.byStack[key] = table
		}
	}
	times := float32(e.Times)
	if times == 0 {
		times = 1
	}
	f.edges = append(f.edges, fleetEdge{int32(from), int32(to), table, times})
}

// A fleetTable says for each state of what an edge leads to how often it is repeated,
// and what the node above is told.
type fleetTable struct {
	factor, steady [fleetStates]float64
	up             [fleetStates]uint8
}

func newFleetTable(e *FleetEdge, c Conditions) *fleetTable {
	t := &fleetTable{}
	for s := range fleetStates {
		t.factor[s], t.steady[s], t.up[s] = e.passes(uint8(s), c)
	}
	return t
}

// passes works out one state of an edge. The layers are asked as those of a program
// are, of a row that fails in the ways that the state stands for.
func (e *FleetEdge) passes(state uint8, c Conditions) (factor, steady float64, up uint8) {
	r := newRow(Target{Kind: Operation, Protocol: e.Protocol}, stateModes(state, e.Protocol), Step{})
	one := &r.Cases[0]
	one.Same, one.Also = false, stateModes(state, e.Protocol)
	if one.Also&hangs != 0 {
		one.Modes = Hang
	}
	for i := range slices.Backward(e.Layers) {
		r = newRepeater(&e.Layers[i], c).row(r)
	}
	worst, _ := r.Worst(1)
	up = stateOf(worst.seen())
	if e.Serves && up != stateOf(Hang) {
		up = anyAnswer
	}
	return float64(worst.Hard.At(1)), float64(worst.steady().At(1)), up
}

func stateModes(state uint8, protocol string) ModeSet {
	switch state {
	case anyAnswer:
		if m := failuresOf(protocol) &^ noAnswer; m != 0 && protocol != "" {
			return m
		}
		return anyStatus | anyCode
	case endedHang:
		return timedOut
	}
	return 1 << state
}

// stateOf is the state that stands for what a node is told; for several the one of
// which the layers above repeat most.
func stateOf(m ModeSet) uint8 {
	switch {
	case m&(anyStatus|anyCode) != 0 && bits.OnesCount32(uint32(m)) > 1:
		return anyAnswer
	case m&endedHangs != 0:
		return endedHang
	case m&AllModes != 0:
		return uint8(bits.TrailingZeros32(uint32(m & AllModes)))
	}
	return anyAnswer
}

// A FleetFigure is what arrives at a node for one request to each entry.
type FleetFigure struct {
	Node FleetNode
	// Base is while nothing fails; Hard while the node fails in the worst way, and
	// Mode that way; Steady with what budgets leave; Bystander while it answers and
	// others fail, and Below while something fails that it asks itself.
	Base, Hard, Steady, Bystander, Below Count
	Mode                                 ModeSet
	// Cyclic says that a cycle leads to it, which nothing bounds.
	Cyclic bool
}

// Factor is how many times its normal load a node gets.
func (x *FleetFigure) Factor() Count {
	if x.Base == 0 {
		return x.Hard
	}
	return x.Hard / x.Base
}

// Figures computes what arrives at each node for one request to each entry, or for one
// to entry alone where that is not negative.
func (f *Fleet) Figures(entry FleetNode) []FleetFigure {
	order, cyclic, components := f.order()
	in := f.incoming()
	n := len(f.nodes)
	load := make([]float64, n*fleetStates) // by what the node tells those above it
	steady := make([]float64, n*fleetStates)
	base := make([]float64, n)
	for i := range f.nodes {
		if entry >= 0 && FleetNode(i) == entry || entry < 0 && f.nodes[i].entry {
			base[i] = 1
			for s := range fleetStates {
				load[i*fleetStates+s], steady[i*fleetStates+s] = 1, 1
			}
		}
	}
	for i, v := range order {
		to := int(v) * fleetStates
		if cyclic[v] {
			if components[i] && f.cycleReached(order[i:], components[i:], base, in) {
				f.unbound(order[i:], components[i:], base, load, steady)
			}
			continue
		}
		for _, at := range in.of(int(v)) {
			e := &f.edges[at]
			t := f.tables[e.table]
			from, times := int(e.from)*fleetStates, float64(e.times)
			base[v] += base[e.from] * times
			for s := range fleetStates {
				up := from + int(t.up[s])
				load[to+s] += load[up] * times * t.factor[s]
				steady[to+s] += steady[up] * times * t.steady[s]
			}
		}
	}
	return f.collect(base, load, steady, in, cyclic)
}

// cycleReached reports whether requests come to the component that begins an order.
func (f *Fleet) cycleReached(order []int32, begins []bool, base []float64, in *incoming) bool {
	for i, v := range order {
		if i > 0 && begins[i] {
			break
		}
		if base[v] > 0 {
			return true
		}
		for _, at := range in.of(int(v)) {
			if base[f.edges[at].from] > 0 {
				return true
			}
		}
	}
	return false
}

// unbound says that nothing bounds what arrives in the component that begins an order.
func (f *Fleet) unbound(order []int32, begins []bool, base, load, steady []float64) {
	for i, v := range order {
		if i > 0 && begins[i] {
			break
		}
		base[v] = math.Inf(1)
		for s := range fleetStates {
			load[int(v)*fleetStates+s], steady[int(v)*fleetStates+s] = math.Inf(1), math.Inf(1)
		}
	}
}

// Name is the name that a node was added with.
func (f *Fleet) Name(n FleetNode) string { return f.nodes[n].name }

func (f *Fleet) collect(base, load, steady []float64, in *incoming, cyclic []bool) []FleetFigure {
	asks := make([]bool, len(f.nodes))
	for i := range f.edges {
		asks[f.edges[i].from] = true
	}
	all := make([]FleetFigure, len(f.nodes))
	for i := range all {
		x := &all[i]
		x.Node, x.Base, x.Cyclic = FleetNode(i), Count(base[i]), cyclic[i]
		for s := range anyAnswer {
			if h := Count(load[i*fleetStates+s]); h > x.Hard {
				x.Hard, x.Mode = h, stateModes(uint8(s), "")
			}
			x.Steady = max(x.Steady, Count(steady[i*fleetStates+s]))
		}
		if asks[i] {
			x.Below = Count(load[i*fleetStates+anyAnswer])
		}
		x.Bystander = max(x.Base, f.bystander(i, load, in))
	}
	return all
}

// bystander is what a node gets while those who ask it start over because of others.
func (f *Fleet) bystander(v int, load []float64, in *incoming) Count {
	var sum float64
	if f.nodes[v].entry {
		sum = 1
	}
	for _, at := range in.of(v) {
		e := &f.edges[at]
		sum += load[int(e.from)*fleetStates+anyAnswer] * float64(e.times)
	}
	return Count(sum)
}

// incoming lists the edges to each node.
type incoming struct{ start, edges []int32 }

func (in *incoming) of(node int) []int32 { return in.edges[in.start[node]:in.start[node+1]] }

func (f *Fleet) incoming() *incoming {
	return sortEdges(len(f.nodes), f.edges, func(e *fleetEdge) int32 { return e.to })
}

// sortEdges lists edges by one of their ends, by counting.
func sortEdges(nodes int, edges []fleetEdge, end func(*fleetEdge) int32) *incoming {
	in := &incoming{start: make([]int32, nodes+1), edges: make([]int32, len(edges))}
	for i := range edges {
		in.start[end(&edges[i])+1]++
	}
	for i := range nodes {
		in.start[i+1] += in.start[i]
	}
	next := slices.Clone(in.start)
	for i := range edges {
		to := end(&edges[i])
		in.edges[next[to]] = int32(i)
		next[to]++
	}
	return in
}

// order lists the nodes, each after those that ask it, and tells which are on a cycle
// and where a component begins.
func (f *Fleet) order() (order []int32, cyclic, begins []bool) {
	out := sortEdges(len(f.nodes), f.edges, func(e *fleetEdge) int32 { return e.from })
	t := &fleetTarjan{fleet: f, out: out, index: make([]int32, len(f.nodes)), low: make([]int32, len(f.nodes)), on: make([]bool, len(f.nodes)), cyclic: make([]bool, len(f.nodes))}
	for i := range f.nodes {
		if t.index[i] == 0 {
			t.visit(int32(i))
		}
	}
	slices.Reverse(t.order)
	begins = make([]bool, len(t.order))
	at := 0
	for _, size := range slices.Backward(t.sizes) {
		begins[at] = true
		at += int(size)
	}
	return t.order, t.cyclic, begins
}

// fleetTarjan finds strongly connected components (Tarjan 1972), with its own stack.
type fleetTarjan struct {
	fleet      *Fleet
	out        *incoming
	index, low []int32
	on, cyclic []bool
	stack      []int32
	order      []int32
	sizes      []int32 // of components
	count      int32
}

type fleetVisit struct {
	node, next int32
}

func (t *fleetTarjan) enter(v int32) fleetVisit {
	t.count++
	t.index[v], t.low[v] = t.count, t.count
	t.stack = append(t.stack, v)
	t.on[v] = true
	return fleetVisit{v, t.out.start[v]}
}

func (t *fleetTarjan) visit(root int32) {
	path := []fleetVisit{t.enter(root)}
	for len(path) > 0 {
		top := &path[len(path)-1]
		if top.next < t.out.start[top.node+1] {
			to := t.fleet.edges[t.out.edges[top.next]].to
			top.next++
			switch {
			case t.index[to] == 0:
				path = append(path, t.enter(to))
			case to == top.node:
				t.cyclic[to] = true
			case t.on[to]:
				t.low[top.node] = min(t.low[top.node], t.index[to])
			}
			continue
		}
		v := top.node
		path = path[:len(path)-1]
		if len(path) > 0 {
			above := path[len(path)-1].node
			t.low[above] = min(t.low[above], t.low[v])
		}
		if t.low[v] == t.index[v] {
			t.leave(v)
		}
	}
}

// leave takes the component of v off the stack.
func (t *fleetTarjan) leave(v int32) {
	first := len(t.order)
	for {
		last := t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-1]
		t.on[last] = false
		t.order = append(t.order, last)
		if last == v {
			break
		}
	}
	t.sizes = append(t.sizes, int32(len(t.order)-first))
	if len(t.order)-first > 1 {
		for _, member := range t.order[first:] {
			t.cyclic[member] = true
		}
	}
}
