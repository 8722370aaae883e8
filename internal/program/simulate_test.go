package program_test

import (
	"math/bits"
	"testing"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/callgraph/simulate"
	"github.com/commslint/commslint/internal/program"
)

// TestSimulationAgrees counts, for every entry, target and way of failing of real
// code, what one request alone becomes, and compares it with the figure. It may be
// less where the figure takes the worst of several alternatives for each target; it is
// never more.
func TestSimulationAgrees(t *testing.T) {
	for _, tt := range []struct {
		dir   string
		least int // figures to compare
	}{
		{"../../examples/shop", 200},
		{"../../testdata/amplification", 500},
	} {
		t.Run(tt.dir, func(t *testing.T) {
			p := load(t, tt.dir)
			compared, equal := 0, 0
			for _, f := range p.Entries() {
				for _, a := range p.Amplification(f.ID, 1) {
					c, e := compare(t, p, &a)
					compared, equal = compared+c, equal+e
				}
			}
			t.Logf("%d figures compared, %d of them equal", compared, equal)
			if compared < tt.least || equal < compared*98/100 {
				t.Errorf("%d figures compared, %d of them equal; want at least %d, and 98 of 100 equal", compared, equal, tt.least)
			}
		})
	}
}

// compare counts in each way of failing.
func compare(t *testing.T, p *program.Program, a *callgraph.Amplification) (compared, equal int) {
	plan, ok := p.Plan(a.Entry, callgraph.PlanOptions{})
	if !ok {
		t.Fatalf("no plan of %s", a.Entry)
	}
	first, ok := p.InMode(a.Entry, a.Target, 0, 1)
	if !ok {
		return 0, 0 // not followed
	}
	for m := first.Possible; m != 0; m &= m - 1 {
		mode := callgraph.ModeSet(1) << bits.TrailingZeros32(uint32(m))
		figure, _ := p.InMode(a.Entry, a.Target, mode, 1)
		if figure.Hard > 1e6 {
			continue // unbounded
		}
		counts, err := simulate.Once(plan, simulate.Options{
			Target: a.Target, Mode: mode, Time: time.Millisecond, Length: 1000 * time.Hour, Policy: simulate.WithoutBudgets,
		})
		if err != nil {
			t.Errorf("%s → %s, %s: %v", a.Entry, a.Target, mode, err)
			continue
		}
		compared++
		switch got := callgraph.Count(counts[a.Target]); {
		case got > figure.Hard:
			t.Errorf("%s → %s, %s: counted %v, the graph says %v", a.Entry, a.Target, mode, got, figure.Hard)
		case got == figure.Hard:
			equal++
		default:
			t.Logf("%s → %s, %s: counted %v, the graph says %v; left out %q", a.Entry, a.Target, mode, got, figure.Hard, plan.Left)
		}
	}
	return compared, equal
}
