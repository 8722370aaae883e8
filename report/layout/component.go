package layout

import "slices"

// A component is a connected part of a graph while it is laid out. Its vertices are
// its nodes, then those that long edges get in the layers that they pass.
type component struct {
	nodes    []int // of the graph
	edges    []link
	vertices []vertex
	real     int       // how many vertices are nodes
	layers   [][]int   // vertices, from top to bottom
	widths   []float64 // of the layers
	step     int       // how many layers an edge leads at least
}

// A link is an edge of the graph, turned so that it leads to a higher layer.
type link struct {
	index    int // of the edge in the graph
	from, to int // vertices
	back     bool
	self     bool
	label    box
	chain    []int // vertices between from and to
	labelAt  int   // vertex with the label, -1 for none
}

type vertex struct {
	box
	layer, position int
	x, y            float64
	in, out         []int // neighbours in the layers beside it
	chain           bool  // an edge passes here
}

// components finds the connected parts of a graph, each in the order of its nodes.
func components(g Graph) []*component {
	root := make([]int, len(g.Nodes))
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	valid := func(e Edge) bool { return e.From >= 0 && e.To >= 0 && e.From < len(root) && e.To < len(root) }
	for _, e := range g.Edges {
		if valid(e) {
			a, b := find(e.From), find(e.To)
			root[max(a, b)] = min(a, b)
		}
	}
	var parts []*component
	at := make(map[int]*component)
	local := make([]int, len(g.Nodes))
	for i, n := range g.Nodes {
		c := at[find(i)]
		if c == nil {
			c = &component{}
			at[find(i)] = c
			parts = append(parts, c)
		}
		local[i] = len(c.nodes)
		c.nodes = append(c.nodes, i)
		c.vertices = append(c.vertices, vertex{box: box{n.Width, n.Height}})
		c.real++
	}
	for i, e := range g.Edges {
		if valid(e) {
			c := at[find(e.From)]
			c.edges = append(c.edges, link{
				index: i, from: local[e.From], to: local[e.To], self: e.From == e.To,
				label: box{e.LabelWidth, e.LabelHeight}, labelAt: -1,
			})
		}
	}
	return parts
}

// breakCycles turns the edges that lead back on a depth-first walk, which starts at
// the nodes that nothing leads to.
func (c *component) breakCycles() {
	out := make([][]int, c.real)
	leads := make([]bool, c.real)
	for i, e := range c.edges {
		if !e.self {
			out[e.from] = append(out[e.from], i)
			leads[e.to] = true
		}
	}
	const (
		unseen = iota
		under
		done
	)
	state := make([]uint8, c.real)
	next := make([]int, c.real)
	walk := func(start int) {
		stack := []int{start}
		state[start] = under
		for len(stack) > 0 {
			v := stack[len(stack)-1]
			if next[v] == len(out[v]) {
				state[v] = done
				stack = stack[:len(stack)-1]
				continue
			}
			e := &c.edges[out[v][next[v]]]
			next[v]++
			switch state[e.to] {
			case unseen:
				state[e.to] = under
				stack = append(stack, e.to)
			case under:
				e.back = true
			}
		}
	}
	for _, roots := range []bool{true, false} {
		for v := range c.real {
			if state[v] == unseen && (!roots || !leads[v]) {
				walk(v)
			}
		}
	}
	for i := range c.edges {
		if e := &c.edges[i]; e.back {
			e.from, e.to = e.to, e.from
		}
	}
}

// rank gives each node its layer: as far to the left as what leads to it allows;
// then nodes with more ways out than in move to the right, towards what they lead
// to. Edges with labels need a layer between their ends.
func (c *component) rank() {
	c.step = 1
	if slices.ContainsFunc(c.edges, func(e link) bool { return e.label.width > 0 && !e.self }) {
		c.step = 2
	}
	order, in, out := c.topological()
	for _, v := range order {
		for _, i := range in[v] {
			c.vertices[v].layer = max(c.vertices[v].layer, c.vertices[c.edges[i].from].layer+c.step)
		}
	}
	for _, v := range slices.Backward(order) {
		if len(out[v]) <= len(in[v]) {
			continue
		}
		nearest := -1
		for _, i := range out[v] {
			if l := c.vertices[c.edges[i].to].layer - c.step; nearest < 0 || l < nearest {
				nearest = l
			}
		}
		c.vertices[v].layer = max(c.vertices[v].layer, nearest)
	}
	c.startAtZero()
}

func (c *component) startAtZero() {
	least := c.vertices[0].layer
	for _, v := range c.vertices {
		least = min(least, v.layer)
	}
	for i := range c.vertices {
		c.vertices[i].layer -= least
	}
}

// topological sorts the nodes so that all edges lead on, and lists the edges into
// and out of each.
func (c *component) topological() (order []int, in, out [][]int) {
	in, out = make([][]int, c.real), make([][]int, c.real)
	missing := make([]int, c.real)
	for i, e := range c.edges {
		if !e.self {
			out[e.from] = append(out[e.from], i)
			in[e.to] = append(in[e.to], i)
			missing[e.to]++
		}
	}
	for v, n := range missing {
		if n == 0 {
			order = append(order, v)
		}
	}
	for i := 0; i < len(order); i++ {
		for _, e := range out[order[i]] {
			to := c.edges[e].to
			if missing[to]--; missing[to] == 0 {
				order = append(order, to)
			}
		}
	}
	return order, in, out
}

// maxChains bounds the vertices of long edges in a component. Edges that go beyond
// it are drawn straight from end to end.
const maxChains = 100_000

// addChains puts vertices into the layers that edges pass, so that the layers make
// room for them.
func (c *component) addChains() {
	for i := range c.edges {
		e := &c.edges[i]
		span := c.vertices[e.to].layer - c.vertices[e.from].layer
		if e.self || span > 1 && len(c.vertices)-c.real+span > maxChains {
			continue
		}
		first := c.vertices[e.from].layer
		last := e.from
		for l := first + 1; l < first+span; l++ {
			v := len(c.vertices)
			c.vertices = append(c.vertices, vertex{layer: l, chain: true})
			if l == first+1+(span-2)/2/c.step*c.step && e.label.width > 0 {
				c.vertices[v].box = e.label
				e.labelAt = v
			}
			e.chain = append(e.chain, v)
			c.join(last, v)
			last = v
		}
		c.join(last, e.to)
	}
	count := 0
	for _, v := range c.vertices {
		count = max(count, v.layer+1)
	}
	c.layers = make([][]int, count)
}

func (c *component) join(from, to int) {
	c.vertices[from].out = append(c.vertices[from].out, to)
	c.vertices[to].in = append(c.vertices[to].in, from)
}
