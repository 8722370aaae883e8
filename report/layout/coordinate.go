package layout

// coordinates gives each vertex its y: near to its neighbours, in the order of its
// layer. Layer after layer is placed as well as the others allow, in turns from left
// and right.
func (c *component) coordinates() {
	for _, layer := range c.layers {
		y := 0.0
		for i, v := range layer {
			if i > 0 {
				y += c.apart(layer[i-1], v)
			}
			c.vertices[v].y = y
		}
	}
	turns := min(max(1_000_000/(len(c.vertices)+len(c.edges)), 4), 24)
	for turn := range turns {
		last := turn >= turns-2
		for i := range c.layers {
			if turn%2 == 1 {
				i = len(c.layers) - 1 - i
			}
			c.placeLayer(c.layers[i], turn%2 == 0 || last, turn%2 == 1 || last)
		}
	}
	c.straighten()
	c.startAtTop()
}

// apart is the least distance of the centres of two neighbours in a layer.
func (c *component) apart(above, below int) float64 {
	a, b := &c.vertices[above], &c.vertices[below]
	gap := nodeGap
	if a.chain || b.chain {
		gap = lineGap
	}
	return (a.height+b.height)/2 + gap
}

// How much an edge pulls its ends to the same height: long edges should be straight
// (the factors are those of Gansner et al., 1993).
func pull(v, w *vertex) float64 {
	switch {
	case v.chain && w.chain:
		return 8
	case v.chain || w.chain:
		return 2
	}
	return 1
}

// A block is a run of vertices that touch each other. It lies where the sum of the
// squares of their distances from where they want to be is least.
type block struct {
	first, last int
	wish        float64 // weighted mean
	weight      float64
}

// placeLayer moves the vertices of a layer as near to their neighbours as their order
// and sizes allow: the problem is that of isotonic regression, which merging blocks
// solves in one pass (the pool adjacent violators algorithm).
func (c *component) placeLayer(layer []int, left, right bool) {
	offset := make([]float64, len(layer)) // of each from the first, if all touch
	blocks := make([]block, 0, len(layer))
	for i, v := range layer {
		if i > 0 {
			offset[i] = offset[i-1] + c.apart(layer[i-1], v)
		}
		wish, weight := c.wish(v, left, right)
		b := block{i, i, wish - offset[i], weight}
		for len(blocks) > 0 && blocks[len(blocks)-1].wish >= b.wish {
			a := blocks[len(blocks)-1]
			blocks = blocks[:len(blocks)-1]
			sum := a.weight + b.weight
			b = block{a.first, b.last, (a.wish*a.weight + b.wish*b.weight) / sum, sum}
		}
		blocks = append(blocks, b)
	}
	for _, b := range blocks {
		for i := b.first; i <= b.last; i++ {
			c.vertices[layer[i]].y = b.wish + offset[i]
		}
	}
}

// wish is where the neighbours of a vertex want it to be, and how much.
func (c *component) wish(v int, left, right bool) (at, weight float64) {
	me := &c.vertices[v]
	add := func(neighbours []int) {
		for _, w := range neighbours {
			p := pull(me, &c.vertices[w])
			at += p * c.vertices[w].y
			weight += p
		}
	}
	if left {
		add(me.in)
	}
	if right {
		add(me.out)
	}
	if weight == 0 {
		return me.y, 0.01
	}
	return at / weight, weight
}

// straighten draws each long edge at one height where there is room for it.
func (c *component) straighten() {
	for i := range c.edges {
		chain := c.edges[i].chain
		if len(chain) < 2 {
			continue
		}
		low, high, sum := c.room(chain[0])
		for _, v := range chain[1:] {
			l, h, y := c.room(v)
			low, high, sum = max(low, l), min(high, h), sum+y
		}
		if low > high {
			continue
		}
		y := min(max(sum/float64(len(chain)), low), high)
		for _, v := range chain {
			c.vertices[v].y = y
		}
	}
}

// room is how far up and down a vertex could be moved, and where it is.
func (c *component) room(v int) (low, high, y float64) {
	const far = 1e9
	me := &c.vertices[v]
	layer := c.layers[me.layer]
	low, high = -far, far
	if i := me.position - 1; i >= 0 {
		low = c.vertices[layer[i]].y + c.apart(layer[i], v)
	}
	if i := me.position + 1; i < len(layer) {
		high = c.vertices[layer[i]].y - c.apart(v, layer[i])
	}
	return low, high, me.y
}

// startAtTop moves everything so that the highest box begins at 0.
func (c *component) startAtTop() {
	top := c.vertices[0].y
	for i := range c.vertices {
		top = min(top, c.vertices[i].y-c.vertices[i].height/2)
	}
	for i := range c.vertices {
		c.vertices[i].y -= top
	}
}

// columns gives each vertex its x, and tells the size of all.
func (c *component) columns() box {
	var size box
	between := make([]int, len(c.layers)+1)
	for _, v := range c.vertices {
		for _, w := range v.out {
			between[c.vertices[w].layer]++
		}
	}
	x := 0.0
	for i, layer := range c.layers {
		width := 0.0
		for _, v := range layer {
			width = max(width, c.vertices[v].width)
		}
		c.widths = append(c.widths, width)
		if i > 0 {
			x += min(layerGap+gapPerEdge*float64(between[i]), maxLayerGap) / float64(c.step)
		}
		for _, v := range layer {
			c.vertices[v].x = x + width/2
			size.height = max(size.height, c.vertices[v].y+c.vertices[v].height/2)
		}
		x += width
	}
	size.width = x
	for _, e := range c.edges {
		if e.self {
			v := &c.vertices[e.from]
			size.width = max(size.width, v.x+v.width/2+selfLoop+e.label.width)
		}
	}
	return size
}
