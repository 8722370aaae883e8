package layout

import (
	"cmp"
	"slices"
)

// selfLoop is how far the edge of a node to itself leads away from it.
const selfLoop = 18.0

// route draws the edges.
func (c *component) route(p *Placement) {
	start, end := c.ports()
	for i := range c.edges {
		e := &c.edges[i]
		r := &p.Routes[e.index]
		r.Back = e.back
		if e.self {
			c.loop(e, r)
			continue
		}
		r.Curve = c.curve(e, start[i], end[i])
		r.Label = middle(r.Curve)
		if e.labelAt >= 0 {
			v := &c.vertices[e.labelAt]
			r.Label = Point{v.x, v.y}
		}
		if e.back {
			slices.Reverse(r.Curve)
		}
	}
}

// ports says where on their boxes edges start and end: side by side, in the order of
// where they come from and lead to.
func (c *component) ports() (start, end []float64) {
	start, end = make([]float64, len(c.edges)), make([]float64, len(c.edges))
	leaving, arriving := make([][]int, c.real), make([][]int, c.real)
	for i, e := range c.edges {
		if !e.self {
			leaving[e.from] = append(leaving[e.from], i)
			arriving[e.to] = append(arriving[e.to], i)
		}
	}
	spread := func(v int, edges []int, at []float64, next func(link) int) {
		slices.SortStableFunc(edges, func(a, b int) int {
			return cmp.Compare(c.vertices[next(c.edges[a])].y, c.vertices[next(c.edges[b])].y)
		})
		me := &c.vertices[v]
		gap := 0.0
		if n := len(edges) - 1; n > 0 {
			gap = min(portGap, (me.height-10)/float64(n))
		}
		for i, e := range edges {
			at[e] = me.y + gap*(float64(i)-float64(len(edges)-1)/2)
		}
	}
	for v := range c.real {
		spread(v, leaving[v], start, link.second)
		spread(v, arriving[v], end, link.beforeLast)
	}
	return start, end
}

// second is the vertex after the first of an edge.
func (e link) second() int {
	if len(e.chain) > 0 {
		return e.chain[0]
	}
	return e.to
}

func (e link) beforeLast() int {
	if n := len(e.chain); n > 0 {
		return e.chain[n-1]
	}
	return e.from
}

// curve leads from the right of a box to the left of another: level through the
// layers, where there is room for it, and bent between them only.
func (c *component) curve(e *link, start, end float64) []Point {
	from, to := &c.vertices[e.from], &c.vertices[e.to]
	at := Point{from.x + from.width/2, start}
	curve := []Point{at}
	line := func(p Point) {
		if p != at {
			curve = append(curve, between(at, p, 1./3), between(at, p, 2./3), p)
			at = p
		}
	}
	bend := func(p Point) {
		x := (at.X + p.X) / 2
		curve = append(curve, Point{x, at.Y}, Point{x, p.Y}, p)
		at = p
	}
	line(Point{from.x + c.widths[from.layer]/2, start})
	for _, v := range e.chain {
		w := &c.vertices[v]
		half := c.widths[w.layer] / 2
		bend(Point{w.x - half, w.y})
		line(Point{w.x + half, w.y})
	}
	bend(Point{to.x - c.widths[to.layer]/2, end})
	line(Point{to.x - to.width/2, end})
	return curve
}

func between(a, b Point, t float64) Point {
	return Point{a.X + (b.X-a.X)*t, a.Y + (b.Y-a.Y)*t}
}

// middle is a point half-way along the pieces of a curve.
func middle(curve []Point) Point {
	piece := (len(curve) - 1) / 3 / 2 * 3
	if piece+3 >= len(curve) {
		return curve[0]
	}
	a, b, c, d := curve[piece], curve[piece+1], curve[piece+2], curve[piece+3]
	return Point{(a.X + 3*b.X + 3*c.X + d.X) / 8, (a.Y + 3*b.Y + 3*c.Y + d.Y) / 8}
}

// loop draws an edge of a node to itself at the upper right of it.
func (c *component) loop(e *link, r *Route) {
	v := &c.vertices[e.from]
	right, top := v.x+v.width/2, v.y-v.height/2
	r.Curve = []Point{
		{right, v.y - v.height/4},
		{right + selfLoop, v.y - v.height/4}, {right + selfLoop, v.y + v.height/4},
		{right, v.y + v.height/4},
	}
	r.Label = Point{right + selfLoop*0.8 + e.label.width/2, top + e.label.height/2}
}
