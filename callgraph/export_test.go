package callgraph

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
)

// figures lists what a program's entries come to.
func figures(p *Program) map[string]string {
	all := map[string]string{}
	for _, f := range p.Entries() {
		for _, a := range p.Amplification(f.ID, 1) {
			all[f.ID+" → "+a.Target] = fmt.Sprint(a.Hard, a.Hang, a.Steady, a.Base, a.Bystander, a.Symbolic, a.Mode, a.Wall)
		}
	}
	return all
}

func sameFigures(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for key, w := range want {
		if got[key] != w {
			t.Errorf("%s: %s: got %s, want %s", what, key, got[key], w)
		}
	}
	for key, g := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("%s: %s: got %s, want nothing", what, key, g)
		}
	}
}

// exported writes and reads what a part of a fleet exports.
func exported(t *testing.T, packages []Package, estate Estate) *Export {
	t.Helper()
	p := LinkSystem(packages, System{Estate: estate})
	g := p.Graph(GraphOptions{Export: true})
	data, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	var back Graph
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	return back.Program
}

// fleet is services that ask each other at random, each only those after it, by host
// names or gRPC, through helpers and interfaces.
func fleet(r *rand.Rand, services int) []Package {
	var all []Package
	for i := range services {
		path := fmt.Sprintf("fleet/s%d", i)
		pkg := Package{Path: path, Dir: fmt.Sprintf("s%d", i), Main: true}
		handler := path + ".serve"
		pkg.Served = []Served{
			{Operation: "POST /do", Func: handler, At: Posn{File: fmt.Sprintf("s%d/main.go", i), Line: 3}},
			{Operation: fmt.Sprintf("/fleet.S%d/Do", i), Func: handler, At: Posn{File: fmt.Sprintf("s%d/main.go", i), Line: 4}},
		}
		pkg.Conversions = []Conversion{{Iface: path + ".Peer", Type: path + ".peer", Methods: map[string]string{"Ask": path + ".ask", "Close": path + ".close"}}}
		body := func(b *builder) {
			parts := []Ref{b.send("sql", "sql:query in "+handler)}
			for range r.IntN(4) {
				if i+1 >= services {
					break
				}
				parts = append(parts, randomRequest(r, b, i+1+r.IntN(services-i-1)))
			}
			if r.IntN(2) == 0 {
				parts = append(parts, b.call(Call{Iface: "(" + path + ".Peer).Ask"}))
			}
			if r.IntN(3) == 0 {
				b.alt(parts...)
				return
			}
			b.seq(parts...)
		}
		pkg.Functions = []Function{fn(handler, Handler, body), fn(path+".close", NoEntry, func(*builder) {})}
		pkg.Functions = append(pkg.Functions, fn(path+".ask", NoEntry, func(b *builder) {
			b.tries(1+r.IntN(3), b.send("http", fmt.Sprintf("GET s%d:80/status", services-1)))
		}))
		all = append(all, pkg)
	}
	return all
}

func randomRequest(r *rand.Rand, b *builder, to int) Ref {
	protocol, operation := "http", fmt.Sprintf("POST s%d:80/do", to)
	modes := Refused | Status503 | Hang
	if r.IntN(2) == 0 {
		protocol, operation, modes = "grpc", fmt.Sprintf("/fleet.S%d/Do", to), GRPCUnavailable|GRPCAborted
	}
	return b.repeat(Layer{
		Kind: LoopLayer, Attempts: Amount{N: 1 + r.IntN(4)}, Modes: modes, BudgetShare: float64(r.IntN(3)) / 10, Growth: NoWait,
	}, b.send(protocol, operation))
}

// What is exported by parts and merged has the figures of the whole.
func TestMergedIsWhole(t *testing.T) {
	for seed := range uint64(40) {
		mergedIsWhole(t, seed)
	}
}

func FuzzMergedIsWhole(f *testing.F) {
	f.Add(uint64(0))
	f.Fuzz(mergedIsWhole)
}

func mergedIsWhole(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	services := 2 + r.IntN(8)
	packages := fleet(r, services)
	whole := figures(LinkSystem(packages, System{}))
	var parts []*Export
	for len(packages) > 0 {
		n := 1 + r.IntN(len(packages))
		parts = append(parts, exported(t, packages[:n], Estate{}))
		packages = packages[n:]
	}
	sameFigures(t, fmt.Sprintf("seed %d, %d services in %d parts", seed, services, len(parts)), figures(Merge(parts, Conditions{})), whole)
}

// More attempts, and more requests, lower no figure; a budget raises none.
func TestMonotonicity(t *testing.T) {
	for seed := range uint64(60) {
		monotone(t, seed)
	}
}

func FuzzMonotonicity(f *testing.F) {
	f.Add(uint64(0))
	f.Fuzz(monotone)
}

func monotone(t *testing.T, seed uint64) {
	number := func(p *Program) map[string]Count {
		all := map[string]Count{}
		for _, f := range p.Entries() {
			for _, a := range p.Amplification(f.ID, 1) {
				all[f.ID+" "+a.Target+" hard"], all[f.ID+" "+a.Target+" steady"] = a.Hard, a.Steady
				all[f.ID+" "+a.Target+" bystander"] = a.Bystander
			}
		}
		return all
	}
	change := func(how func(l *Layer)) map[string]Count {
		r := rand.New(rand.NewPCG(seed, 8))
		packages := fleet(r, 2+r.IntN(6))
		for i := range packages {
			for j := range packages[i].Functions {
				for _, n := range packages[i].Functions[j].Body.Nodes {
					if n.Layer != nil && how != nil {
						how(n.Layer)
					}
				}
			}
		}
		return number(LinkSystem(packages, System{}))
	}
	plain := change(nil)
	more := change(func(l *Layer) { l.Attempts.N++ })
	wider := change(func(l *Layer) { l.Modes |= Status500 })
	budget := change(func(l *Layer) { l.BudgetShare = 0.1 })
	for key, n := range plain {
		if more[key] < n {
			t.Errorf("seed %d: %s: %v, with more attempts %v", seed, key, n, more[key])
		}
		if wider[key] < n {
			t.Errorf("seed %d: %s: %v, with more failures repeated %v", seed, key, n, wider[key])
		}
		if budget[key] > n {
			t.Errorf("seed %d: %s: %v, with a budget %v", seed, key, n, budget[key])
		}
	}
}
