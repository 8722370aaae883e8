package layout

import (
	"cmp"
	"slices"
)

// order chooses the order of the vertices in each layer: it starts from a walk along
// the edges, then sorts layer after layer, in turns from left and right, by the
// medians of the neighbours, and keeps the best of all (Gansner, Koutsofios, North
// and Vo, "A technique for drawing directed graphs", 1993).
func (c *component) order() {
	c.firstOrder()
	best, least := c.positions(), c.crossings()
	work := len(c.vertices) + len(c.edges)
	for sweep := range min(max(3_000_000/work, 3), 24) {
		if least == 0 {
			break
		}
		c.sweep(sweep%2 == 0)
		if work < 6000 {
			c.transpose()
		}
		if n := c.crossings(); n < least {
			best, least = c.positions(), n
		}
	}
	for v, p := range best {
		c.layers[c.vertices[v].layer][p] = v
	}
	c.number()
}

// firstOrder lists the vertices in the order of a depth-first walk from the left.
func (c *component) firstOrder() {
	seen := make([]bool, len(c.vertices))
	walk := func(start int) {
		stack := []int{start}
		for len(stack) > 0 {
			v := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if seen[v] {
				continue
			}
			seen[v] = true
			c.layers[c.vertices[v].layer] = append(c.layers[c.vertices[v].layer], v)
			for _, w := range slices.Backward(c.vertices[v].out) {
				stack = append(stack, w)
			}
		}
	}
	for v := range c.vertices {
		if len(c.vertices[v].in) == 0 {
			walk(v)
		}
	}
	for v := range c.vertices {
		walk(v)
	}
	c.number()
}

// number writes down the place of each vertex in its layer.
func (c *component) number() {
	for _, layer := range c.layers {
		for i, v := range layer {
			c.vertices[v].position = i
		}
	}
}

func (c *component) positions() []int {
	p := make([]int, len(c.vertices))
	for i, v := range c.vertices {
		p[i] = v.position
	}
	return p
}

// sweep sorts every layer by the medians of its neighbours in the layer before.
func (c *component) sweep(fromLeft bool) {
	median := make([]float64, len(c.vertices))
	sortLayer := func(layer []int) {
		for _, v := range layer {
			neighbours := c.vertices[v].in
			if !fromLeft {
				neighbours = c.vertices[v].out
			}
			median[v] = c.median(neighbours)
		}
		c.sortByMedian(layer, median)
	}
	if fromLeft {
		for _, layer := range c.layers[1:] {
			sortLayer(layer)
		}
		return
	}
	for _, layer := range slices.Backward(c.layers[:len(c.layers)-1]) {
		sortLayer(layer)
	}
}

// median is the weighted median of places, -1 of none: of an even number it lies
// nearer to the side where the others are closer together.
func (c *component) median(neighbours []int) float64 {
	at := make([]float64, len(neighbours))
	for i, w := range neighbours {
		at[i] = float64(c.vertices[w].position)
	}
	slices.Sort(at)
	n, m := len(at), len(at)/2
	switch {
	case n == 0:
		return -1
	case n%2 == 1:
		return at[m]
	case n == 2:
		return (at[0] + at[1]) / 2
	}
	left, right := at[m-1]-at[0], at[n-1]-at[m]
	if left+right == 0 {
		return (at[m-1] + at[m]) / 2
	}
	return (at[m-1]*right + at[m]*left) / (left + right)
}

// sortByMedian sorts a layer; vertices without neighbours stay where they are.
func (c *component) sortByMedian(layer []int, median []float64) {
	var moving, places []int
	for i, v := range layer {
		if median[v] >= 0 {
			moving = append(moving, v)
			places = append(places, i)
		}
	}
	slices.SortStableFunc(moving, func(a, b int) int { return cmp.Compare(median[a], median[b]) })
	for i, v := range moving {
		layer[places[i]] = v
	}
	for i, v := range layer {
		c.vertices[v].position = i
	}
}

// transpose swaps neighbours in a layer for as long as that saves crossings.
func (c *component) transpose() {
	for range 8 {
		better := false
		for _, layer := range c.layers {
			for i := range len(layer) - 1 {
				v, w := layer[i], layer[i+1]
				if c.between(v, w) > c.between(w, v) {
					layer[i], layer[i+1] = w, v
					c.vertices[v].position, c.vertices[w].position = i+1, i
					better = true
				}
			}
		}
		if !better {
			return
		}
	}
}

// between counts the crossings of the edges of two neighbours, v above w.
func (c *component) between(v, w int) int {
	return c.inversions(c.vertices[v].in, c.vertices[w].in) + c.inversions(c.vertices[v].out, c.vertices[w].out)
}

func (c *component) inversions(above, below []int) int {
	n := 0
	for _, a := range above {
		for _, b := range below {
			if c.vertices[a].position > c.vertices[b].position {
				n++
			}
		}
	}
	return n
}

// crossings counts the crossings between all layers, each in the time of a sort
// (Barth, Jünger and Mutzel, "Simple and efficient bilayer cross counting", 2002).
func (c *component) crossings() int {
	total := 0
	for i := range len(c.layers) - 1 {
		var ends []int
		for _, v := range c.layers[i] {
			first := len(ends)
			for _, w := range c.vertices[v].out {
				if c.vertices[w].layer == i+1 {
					ends = append(ends, c.vertices[w].position)
				}
			}
			slices.Sort(ends[first:])
		}
		total += countInversions(ends, len(c.layers[i+1]))
	}
	return total
}

// countInversions counts the pairs that are out of order, of numbers below n.
func countInversions(numbers []int, n int) int {
	tree := make([]int, n+1) // of Fenwick: how many numbers were seen up to each
	count := 0
	for seen, x := range numbers {
		count += seen
		for i := x + 1; i > 0; i -= i & -i {
			count -= tree[i]
		}
		for i := x + 1; i <= n; i += i & -i {
			tree[i]++
		}
	}
	return count
}
