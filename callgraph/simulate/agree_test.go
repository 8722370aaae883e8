package simulate

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/commslint/commslint/callgraph"
)

// modes that a layer of a random graph may repeat; 0 stands for all.
var someModes = []callgraph.ModeSet{
	0, callgraph.Status503, callgraph.Refused | callgraph.Status500, callgraph.OpaqueError, callgraph.Status503 | callgraph.Status500 | callgraph.OpaqueError,
}

// tree adds a random construct of at most so many levels.
func (b *builder) tree(r *rand.Rand, depth int, alternatives bool) callgraph.Ref {
	if depth == 0 || r.IntN(5) == 0 {
		return b.send([]string{"A", "B", "t", "t"}[r.IntN(4)])
	}
	part := func() callgraph.Ref { return b.tree(r, depth-1, alternatives) }
	switch r.IntN(8) {
	case 0, 1:
		return b.of(callgraph.Seq, part(), part())
	case 2:
		return b.of(callgraph.Optional, part())
	case 3:
		return b.add(callgraph.Node{Kind: callgraph.Loop, Count: &callgraph.Amount{N: 1 + r.IntN(3)}, Parts: []callgraph.Ref{part()}})
	case 4:
		if alternatives {
			return b.of(callgraph.Alt, part(), part())
		}
	case 5:
		return b.call("helper")
	}
	return b.repeat(callgraph.Layer{
		Attempts: callgraph.Amount{N: 1 + r.IntN(3)}, Modes: someModes[r.IntN(len(someModes))], Opaque: r.IntN(4) == 0,
	}, part())
}

// One request alone makes at the target exactly as many requests as the graph says,
// in every mode, whatever the graph; where there are alternatives, no more.
func TestHardIsCounted(t *testing.T) {
	compared := 0
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 3))
		alternatives := seed%3 == 0
		p := program(callgraph.Conditions{},
			function("entry", func(b *builder) { b.tree(r, 6, alternatives) }),
			function("helper", func(b *builder) { b.tries(2, b.of(callgraph.Seq, b.send("t"), b.send("B"))) }))
		if p.Amplification("entry", 1) == nil {
			continue
		}
		for _, mode := range []callgraph.ModeSet{callgraph.Status503, callgraph.Status500, callgraph.Refused, callgraph.Status4xx} {
			counts, err := Once(planOf(t, p, "entry"), Options{Target: "t", Mode: mode, Time: ms, Length: time.Hour})
			if err != nil {
				continue // the graph does not send it
			}
			compared++
			want := hardOf(t, p, "entry", "t", mode)
			if got := float64(counts["t"]); got > want || !alternatives && got != want {
				t.Errorf("seed %d, %v: counted %v, the graph says %v", seed, mode, got, want)
			}
		}
	}
	if compared < 3000 {
		t.Errorf("only %d figures were compared", compared)
	}
}

// While nothing fails, every operation gets what the graph says it gets then.
func TestBaseIsCounted(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 4))
		p := program(callgraph.Conditions{},
			function("entry", func(b *builder) { b.tree(r, 6, false) }),
			function("helper", func(b *builder) { b.tries(2, b.send("t")) }))
		e, err := newEngine(planOf(t, p, "entry"), Options{Target: "t", Mode: callgraph.Status503})
		if err != nil {
			continue
		}
		e.run(e.root, nil, ignore)
		e.work(int64(time.Hour))
		counts := make(map[string]int)
		for i, s := range e.counts {
			for _, n := range s {
				counts[e.operations[i]] += n
			}
		}
		for _, a := range p.Amplification("entry", 1) {
			if got := callgraph.Count(counts[a.Target]); got != a.Base {
				t.Errorf("seed %d: %s got %v, the graph says %v", seed, a.Target, got, a.Base)
			}
		}
	}
}
