package layout

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

func boxes(n int) []Node {
	nodes := make([]Node, n)
	for i := range nodes {
		nodes[i] = Node{Width: 80 + float64(i%5)*20, Height: 36}
	}
	return nodes
}

// random is a graph of services in levels: most edges lead on, some far, some back.
func random(nodes, edges int, seed uint64) Graph {
	r := rand.New(rand.NewPCG(seed, 1))
	g := Graph{Nodes: boxes(nodes)}
	for range edges {
		from := r.IntN(nodes)
		to := min(nodes-1, from+1+r.IntN(1+nodes/8))
		if r.IntN(20) == 0 {
			from, to = to, from
		}
		e := Edge{From: from, To: to}
		if r.IntN(3) == 0 {
			e.LabelWidth, e.LabelHeight = 40, 16
		}
		g.Edges = append(g.Edges, e)
	}
	return g
}

func TestEdgesLeadToTheRight(t *testing.T) {
	// A diamond with a long side.
	g := Graph{Nodes: boxes(5), Edges: []Edge{{From: 0, To: 1}, {From: 0, To: 2}, {From: 1, To: 3}, {From: 2, To: 3}, {From: 0, To: 4}, {From: 3, To: 4}}}
	p := Place(g)
	for i, e := range g.Edges {
		if p.Nodes[e.From].X >= p.Nodes[e.To].X {
			t.Errorf("edge %d leads from x %v to %v", i, p.Nodes[e.From].X, p.Nodes[e.To].X)
		}
		r := p.Routes[i]
		last := r.Curve[len(r.Curve)-1]
		if r.Back || r.Curve[0].X != p.Nodes[e.From].X+g.Nodes[e.From].Width/2 || last.X != p.Nodes[e.To].X-g.Nodes[e.To].Width/2 {
			t.Errorf("edge %d: route %+v does not join the boxes", i, r)
		}
	}
}

func TestCycleIsDrawnBack(t *testing.T) {
	g := Graph{Nodes: boxes(3), Edges: []Edge{{From: 0, To: 1}, {From: 1, To: 2}, {From: 2, To: 0}, {From: 1, To: 1}}}
	p := Place(g)
	if p.Routes[0].Back || p.Routes[1].Back || !p.Routes[2].Back {
		t.Errorf("got %+v, want the third edge alone to lead back", p.Routes)
	}
	start := p.Routes[2].Curve[0]
	if start.X >= p.Nodes[2].X || start.Y < p.Nodes[2].Y-20 || start.Y > p.Nodes[2].Y+20 {
		t.Errorf("the way back starts at %v, node 2 is at %v", start, p.Nodes[2])
	}
	if len(p.Routes[3].Curve) != 4 {
		t.Errorf("no loop is drawn for an edge to itself: %+v", p.Routes[3])
	}
}

func TestCrossingsAreAvoided(t *testing.T) {
	// Two ladders whose nodes come in mixed order can be drawn without crossings.
	g := Graph{Nodes: boxes(8), Edges: []Edge{{From: 0, To: 5}, {From: 1, To: 4}, {From: 2, To: 7}, {From: 3, To: 6}, {From: 0, To: 4}, {From: 1, To: 7}, {From: 2, To: 6}}}
	parts := components(g)
	if len(parts) != 1 {
		t.Fatalf("%d components, want 1", len(parts))
	}
	parts[0].place(&Placement{Nodes: make([]Point, 8), Routes: make([]Route, 7)})
	if n := parts[0].crossings(); n != 0 {
		t.Errorf("%d crossings, want none", n)
	}
}

func TestCountInversions(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 200 {
		numbers := make([]int, r.IntN(12))
		want := 0
		for i := range numbers {
			numbers[i] = r.IntN(9)
			for _, before := range numbers[:i] {
				if before > numbers[i] {
					want++
				}
			}
		}
		if got := countInversions(numbers, 9); got != want {
			t.Fatalf("%v: %d, want %d", numbers, got, want)
		}
	}
}

// Whatever the graph: boxes and labels do not overlap, everything lies inside of the
// picture, and the same graph gets the same places.
func TestPlacementsAreSound(t *testing.T) {
	for seed := range uint64(60) {
		g := random(5+int(seed), 3+2*int(seed), seed)
		p := Place(g)
		if again := Place(g); !reflect.DeepEqual(p, again) {
			t.Fatalf("seed %d: two placements of one graph differ", seed)
		}
		type area struct {
			name       string
			x, y, w, h float64
		}
		var areas []area
		for i, n := range g.Nodes {
			areas = append(areas, area{fmt.Sprint("node ", i), p.Nodes[i].X, p.Nodes[i].Y, n.Width, n.Height})
		}
		for i, e := range g.Edges {
			if e.LabelWidth > 0 && e.From != e.To {
				areas = append(areas, area{fmt.Sprint("label ", i), p.Routes[i].Label.X, p.Routes[i].Label.Y, e.LabelWidth, e.LabelHeight})
			}
			if len(p.Routes[i].Curve)%3 != 1 {
				t.Errorf("seed %d: curve of edge %d has %d points", seed, i, len(p.Routes[i].Curve))
			}
		}
		for i, a := range areas {
			if a.x-a.w/2 < -0.01 || a.y-a.h/2 < -0.01 || a.x+a.w/2 > p.Width+0.01 || a.y+a.h/2 > p.Height+0.01 {
				t.Errorf("seed %d: %+v is outside of %v × %v", seed, a, p.Width, p.Height)
			}
			for _, b := range areas[:i] {
				if abs(a.x-b.x) < (a.w+b.w)/2-0.01 && abs(a.y-b.y) < (a.h+b.h)/2-0.01 {
					t.Errorf("seed %d: %+v and %+v overlap", seed, a, b)
				}
			}
		}
	}
}

func abs(x float64) float64 { return max(x, -x) }

func TestPlaceOfLittle(t *testing.T) {
	for _, g := range []Graph{{}, {Nodes: boxes(1)}, {Edges: []Edge{{From: 0, To: 3}}}, {Nodes: boxes(2), Edges: []Edge{{From: -1, To: 1}, {From: 1, To: 9}}}} {
		p := Place(g)
		if len(p.Nodes) != len(g.Nodes) || len(p.Routes) != len(g.Edges) {
			t.Errorf("%+v: got %+v", g, p)
		}
	}
}

func BenchmarkPlace(b *testing.B) {
	for _, size := range []struct{ nodes, edges int }{{100, 200}, {500, 1000}, {2000, 5000}, {10_000, 20_000}} {
		g := random(size.nodes, size.edges, 1)
		b.Run(fmt.Sprintf("%d-%d", size.nodes, size.edges), func(b *testing.B) {
			for b.Loop() {
				Place(g)
			}
		})
	}
}
