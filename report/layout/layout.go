// Package layout places the nodes of a directed graph in layers from left to right,
// so that most edges lead to the right and few of them cross, in the way of Sugiyama,
// Tagawa and Toda ("Methods for visual understanding of hierarchical system
// structures", 1981): cycles are broken, nodes get layers, the order in each layer is
// chosen for few crossings, then come coordinates and routes.
//
// The same graph always gets the same places. Coordinates are in the unit of the
// sizes that are given, x to the right and y down.
package layout

import "math"

// A Node is a box of a size.
type Node struct{ Width, Height float64 }

// An Edge leads from a node to another, by their indices. A label gets room of its
// own, which nothing else overlaps; without a size there is none.
type Edge struct {
	From, To                int
	LabelWidth, LabelHeight float64
}

// A Graph is what is placed. Edges to nodes that do not exist are not routed.
type Graph struct {
	Nodes []Node
	Edges []Edge
}

// A Point is a place in the picture.
type Point struct{ X, Y float64 }

// A Route is the way of an edge.
type Route struct {
	// Curve is a start and, for each piece, the two control points and the end of a
	// cubic Bézier curve. It is empty if the edge is not routed.
	Curve []Point
	// Label is the centre of the room for the label.
	Label Point
	// Back says that the edge closes a cycle and leads against the layers.
	Back bool
}

// A Placement says where everything is.
type Placement struct {
	Nodes         []Point // centres
	Routes        []Route
	Width, Height float64
}

const (
	nodeGap      = 22.0 // between boxes of a layer
	lineGap      = 12.0 // beside edges that pass a layer
	layerGap     = 26.0 // between layers, for the curves of few edges
	gapPerEdge   = 1.5  // more of it for each edge
	maxLayerGap  = 130.0
	componentGap = 34.0
	portGap      = 9.0 // between the ends of edges at a box
)

// Place lays out a graph. The parts that nothing connects are laid out on their own,
// those of earlier nodes first.
func Place(g Graph) Placement {
	p := Placement{Nodes: make([]Point, len(g.Nodes)), Routes: make([]Route, len(g.Edges))}
	var boxes []box
	parts := components(g)
	for _, part := range parts {
		boxes = append(boxes, part.place(&p))
	}
	p.pack(parts, boxes)
	return p
}

type box struct{ width, height float64 }

// place lays out a component with its corner at 0, 0.
func (c *component) place(p *Placement) box {
	c.breakCycles()
	c.rank()
	c.addChains()
	c.order()
	c.coordinates()
	size := c.columns()
	for i, v := range c.vertices[:c.real] {
		p.Nodes[c.nodes[i]] = Point{v.x, v.y}
	}
	c.route(p)
	return size
}

// pack puts the components in rows, as boxes on shelves: as wide as the widest of
// them, or as it takes for all to be about twice as wide as high.
func (p *Placement) pack(parts []*component, boxes []box) {
	area, width := 0.0, 0.0
	for _, b := range boxes {
		area += (b.width + componentGap) * (b.height + componentGap)
		width = max(width, b.width)
	}
	width = max(width, math.Sqrt(2*area))
	x, y, shelf := 0.0, 0.0, 0.0
	for i, b := range boxes {
		if x > 0 && x+b.width > width {
			x, y, shelf = 0, y+shelf+componentGap, 0
		}
		p.move(parts[i], x, y)
		p.Width = max(p.Width, x+b.width)
		x, shelf = x+b.width+componentGap, max(shelf, b.height)
	}
	p.Height = y + shelf
}

func (p *Placement) move(c *component, dx, dy float64) {
	for _, n := range c.nodes {
		p.Nodes[n].X += dx
		p.Nodes[n].Y += dy
	}
	for _, e := range c.edges {
		r := &p.Routes[e.index]
		for i := range r.Curve {
			r.Curve[i].X += dx
			r.Curve[i].Y += dy
		}
		r.Label.X += dx
		r.Label.Y += dy
	}
}
