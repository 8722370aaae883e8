package callgraph

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func TestFleetVectors(t *testing.T) {
	on503 := func(n int) []Layer { return []Layer{{Attempts: Amount{N: n}, Modes: Status503}} }
	ask := func(n int) FleetEdge { return FleetEdge{Protocol: "http", Serves: true, Layers: on503(n)} }
	for _, tt := range []struct {
		vector     string
		edges      map[[2]string]FleetEdge
		node       string
		hard, base Count
		bystander  Count
	}{
		{"4", map[[2]string]FleetEdge{{"a", "b"}: ask(4), {"b", "c"}: ask(4), {"c", "d"}: ask(4)}, "d", 64, 1, 16},
		{"8, D", map[[2]string]FleetEdge{{"fe", "A"}: ask(2), {"fe", "B"}: ask(3), {"A", "D"}: ask(2), {"B", "D"}: ask(2)}, "D", 10, 2, 5},
		{"9, payment", map[[2]string]FleetEdge{{"gw", "order"}: ask(3), {"order", "stock"}: ask(1), {"order", "pay"}: ask(3)}, "pay", 9, 1, 3},
		{"9, inventory", map[[2]string]FleetEdge{{"gw", "order"}: ask(3), {"order", "stock"}: ask(1), {"order", "pay"}: ask(3)}, "stock", 3, 1, 3},
		{"10", map[[2]string]FleetEdge{{"gw", "order"}: ask(3), {"order", "stock"}: {Protocol: "http", Serves: true, Times: 10}, {"order", "pay"}: ask(3)}, "stock", 30, 10, 30},
		{"48", map[[2]string]FleetEdge{{"a", "b"}: ask(2), {"b", "a"}: ask(2)}, "b", Infinity, Infinity, Infinity},
		{"below a cycle", map[[2]string]FleetEdge{{"a", "b"}: ask(2), {"b", "a"}: ask(2), {"b", "c"}: ask(1)}, "c", Infinity, Infinity, Infinity},
		{"beside a cycle", map[[2]string]FleetEdge{{"a", "c"}: ask(3), {"x", "y"}: ask(2), {"y", "x"}: ask(2)}, "c", 3, 1, 1},
	} {
		f, nodes := NewFleet(Conditions{}), map[string]FleetNode{}
		node := func(name string) FleetNode {
			if _, ok := nodes[name]; !ok {
				nodes[name] = f.Add(name, name == "a" || name == "fe" || name == "gw")
			}
			return nodes[name]
		}
		for ends, e := range tt.edges {
			f.Connect(node(ends[0]), node(ends[1]), "", e)
		}
		x := f.Figures(-1)[nodes[tt.node]]
		if x.Hard != tt.hard || x.Base != tt.base || x.Bystander != tt.bystander {
			t.Errorf("vector %s: %s: hard %v, base %v, bystander %v; want %v, %v, %v", tt.vector, tt.node, x.Hard, x.Base, x.Bystander, tt.hard, tt.base, tt.bystander)
		}
	}
}

// The figures of a fleet are those of the program, where nothing branches.
func TestFleetAgreesWithProgram(t *testing.T) {
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 11))
		n := 3 + r.IntN(6)
		f := NewFleet(Conditions{})
		nodes := make([]FleetNode, n)
		for i := range nodes {
			nodes[i] = f.Add(fmt.Sprintf("/fleet.S%d/Do", i), i == 0)
		}
		var packages []Package
		for i := range n {
			handler := fmt.Sprintf("fleet/s%d.Do", i)
			pkg := Package{Path: fmt.Sprintf("fleet/s%d", i), Served: []Served{{Operation: fmt.Sprintf("/fleet.S%d/Do", i), Func: handler}}}
			pkg.Functions = []Function{fn(handler, Handler, func(b *builder) {
				var parts []Ref
				for to := i + 1; to < n; to++ {
					if r.IntN(2) == 0 && to != i+1 {
						continue
					}
					layers := randomLayers(r)
					ref := b.bounded("grpc", fmt.Sprintf("/fleet.S%d/Do", to), time.Second)
					for j := range layers {
						ref = b.repeat(layers[len(layers)-1-j], ref)
					}
					parts = append(parts, ref)
					f.Connect(nodes[i], nodes[to], "", FleetEdge{Protocol: "grpc", Serves: true, Layers: layers})
				}
				b.seq(parts...)
			})}
			packages = append(packages, pkg)
		}
		p := Link(packages)
		v, _ := p.Value("fleet/s0.Do")
		got := f.Figures(nodes[0])
		for to := 1; to < n; to++ {
			want := row(t, v, fmt.Sprintf("/fleet.S%d/Do", to))
			hard := Count(0)
			for i := range want.Cases {
				hard = max(hard, want.Cases[i].Hard.At(1))
			}
			if x := got[nodes[to]]; x.Hard != hard || x.Base != want.Base.At(1) || max(x.Bystander, x.Below) != want.Bystander.At(1) {
				t.Errorf("seed %d: S%d: hard %v, base %v, bystander %v, below %v; the program has %v, %v, %v", seed, to, x.Hard, x.Base, x.Bystander, x.Below, hard, want.Base, want.Bystander)
			}
		}
	}
}

func randomLayers(r *rand.Rand) []Layer {
	all := make([]Layer, r.IntN(3))
	for i := range all {
		modes := []ModeSet{0, GRPCUnavailable, GRPCAborted | GRPCUnavailable, Refused, Refused | GRPCInternal}[r.IntN(5)]
		all[i] = Layer{Attempts: Amount{N: 1 + r.IntN(4)}, Modes: modes}
	}
	return all
}

// benchmarkFleet is services in 20 levels, each of which asks ten of the next ones with
// one of 64 policies.
func benchmarkFleet(services, edges int) *Fleet {
	r := rand.New(rand.NewPCG(1, 2))
	f := NewFleet(Conditions{})
	const levels = 20
	for i := range services {
		f.Add(fmt.Sprintf("s%d", i), i < services/levels)
	}
	policies := make([]FleetEdge, 64)
	for i := range policies {
		protocol, modes := "http", Status503|Refused
		if i%2 == 0 {
			protocol, modes = "grpc", GRPCUnavailable|Refused
		}
		layers := []Layer{{Kind: ConfigLayer, Attempts: Amount{N: 1 + i%3}, Modes: modes, BudgetShare: float64(i%4) / 10}}
		if i%8 == 0 {
			layers = append(layers, istioDefault())
		}
		policies[i] = FleetEdge{Protocol: protocol, Serves: true, Layers: layers}
	}
	width := services / levels
	for range edges {
		from := r.IntN(services - width)
		to := (from/width+1)*width + r.IntN(min(3*width, services-(from/width+1)*width))
		i := r.IntN(len(policies))
		f.Connect(FleetNode(from), FleetNode(to), fmt.Sprint(i), policies[i])
	}
	return f
}

// BenchmarkFleet builds and evaluates generated fleets; the growth must be linear. The
// bar is 5 CPU-seconds for the largest.
func BenchmarkFleet(b *testing.B) {
	for _, services := range []int{1_000, 10_000, 50_000, 100_000} {
		b.Run(fmt.Sprintf("services=%d/edges=%d", services, 10*services), func(b *testing.B) {
			for b.Loop() {
				f := benchmarkFleet(services, 10*services)
				if x := f.Figures(-1)[services-1]; x.Hard < x.Base || x.Base == 0 {
					b.Fatalf("the last service gets %v of %v", x.Hard, x.Base)
				}
			}
		})
	}
}
