package simulate

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/commslint/commslint/callgraph"
)

const ms = time.Millisecond

// A builder puts Effects together.
type builder struct{ e callgraph.Effects }

func (b *builder) add(n callgraph.Node) callgraph.Ref {
	if len(b.e.Nodes) == 0 {
		b.e.Nodes = append(b.e.Nodes, callgraph.Node{})
	}
	b.e.Nodes = append(b.e.Nodes, n)
	b.e.Root = callgraph.Ref(len(b.e.Nodes) - 1)
	return b.e.Root
}

func (b *builder) send(operation string) callgraph.Ref { return b.sendBy("http", operation) }

func (b *builder) sendBy(protocol, operation string) callgraph.Ref {
	return b.add(callgraph.Node{Kind: callgraph.Send, Request: &callgraph.Request{Protocol: protocol, Operation: operation, Resolved: true}})
}

func (b *builder) repeat(l callgraph.Layer, body callgraph.Ref) callgraph.Ref {
	return b.add(callgraph.Node{Kind: callgraph.Repeat, Layer: &l, Parts: []callgraph.Ref{body}})
}

func (b *builder) tries(n int, body callgraph.Ref) callgraph.Ref {
	return b.repeat(callgraph.Layer{Attempts: callgraph.Amount{N: n}}, body)
}

func (b *builder) of(kind callgraph.NodeKind, parts ...callgraph.Ref) callgraph.Ref {
	return b.add(callgraph.Node{Kind: kind, Parts: parts})
}

func (b *builder) call(id string) callgraph.Ref {
	return b.add(callgraph.Node{Kind: callgraph.Invoke, Call: &callgraph.Call{Func: id}})
}

func function(id string, build func(b *builder)) callgraph.Function {
	var b builder
	build(&b)
	return callgraph.Function{ID: id, Name: id, Entry: callgraph.Handler, Body: b.e}
}

func program(conditions callgraph.Conditions, functions ...callgraph.Function) *callgraph.Program {
	return callgraph.LinkSystem([]callgraph.Package{{Path: "example.com/shop", Functions: functions}}, callgraph.System{Conditions: conditions})
}

func planOf(t *testing.T, p *callgraph.Program, id string) *callgraph.Plan {
	t.Helper()
	plan, ok := p.Plan(id, callgraph.PlanOptions{})
	if !ok {
		t.Fatalf("no plan of %s", id)
	}
	return plan
}

// once counts what arrives for one request.
func once(t *testing.T, p *callgraph.Program, entry string, o Options) map[string]int {
	t.Helper()
	if o.Mode == 0 {
		o.Mode = callgraph.Status503
	}
	if o.Length == 0 {
		o.Length = time.Hour
	}
	counts, err := Once(planOf(t, p, entry), o)
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// hardOf is the static figure of a target in a mode.
func hardOf(t *testing.T, p *callgraph.Program, entry, target string, mode callgraph.ModeSet) float64 {
	t.Helper()
	v, _ := p.Value(entry)
	for i := range v.Rows {
		if r := &v.Rows[i]; r.Target.Name == target {
			for _, c := range r.Cases {
				if c.Modes&mode != 0 {
					return float64(c.Hard.At(1))
				}
			}
		}
	}
	t.Fatalf("%s has no figure for %s", entry, target)
	return 0
}

// steadyOf is the static steady figure.
func steadyOf(p *callgraph.Program, entry, target string) float64 {
	for _, a := range p.Amplification(entry, 1) {
		if a.Target == target {
			return float64(a.Steady)
		}
	}
	return 0
}

// factor runs a load, and is by how much requests to the target grow while it fails:
// counted in the second half, when budgets have settled.
func factor(t *testing.T, p *callgraph.Program, entry string, o Options) float64 {
	t.Helper()
	o.Down = [2]time.Duration{0, o.Length}
	if o.Mode == 0 {
		o.Mode = callgraph.Status503
	}
	c, err := Run(planOf(t, p, entry), o)
	if err != nil {
		t.Fatal(err)
	}
	if c.Stopped {
		t.Fatal("the run was ended early")
	}
	seconds := int(o.Length / time.Second)
	return c.Of(o.Target).Mean(seconds/2, seconds) / c.Entry.Mean(seconds/2, seconds)
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > tolerance*want {
		t.Errorf("%s: simulated %.3f, want %.3f within %.0f %%", what, got, want, tolerance*100)
	}
}

// The numbers are those of the vectors in the definition of amplification.

func TestVectors4To6AreCountedExactly(t *testing.T) {
	for _, tt := range []struct {
		layers, tries, want int
	}{{3, 4, 64}, {5, 3, 243}, {5, 4, 1024}} {
		p := program(callgraph.Conditions{}, function("entry", func(b *builder) {
			ref := b.send("db")
			for range tt.layers {
				ref = b.tries(tt.tries, ref)
			}
		}))
		got := once(t, p, "entry", Options{Target: "db"})["db"]
		if hard := hardOf(t, p, "entry", "db", callgraph.Status503); got != tt.want || float64(got) != hard {
			t.Errorf("%d layers of %d: counted %d, want %d; the graph says %v", tt.layers, tt.tries, got, tt.want, hard)
		}
	}
	p := program(callgraph.Conditions{}, function("entry", func(b *builder) {
		ref := b.sendBy("grpc", "/pay.v1.Payments/Charge")
		for _, n := range []int{4, 3, 3} {
			ref = b.repeat(callgraph.Layer{Attempts: callgraph.Amount{N: n}, Modes: callgraph.GRPCUnavailable}, ref)
		}
	}))
	for mode, want := range map[callgraph.ModeSet]int{callgraph.GRPCUnavailable: 36, callgraph.GRPCInternal: 1, callgraph.Hang: 1} {
		got := once(t, p, "entry", Options{Target: "/pay.v1.Payments/Charge", Mode: mode})["/pay.v1.Payments/Charge"]
		if hard := hardOf(t, p, "entry", "/pay.v1.Payments/Charge", mode); got != want || float64(got) != hard {
			t.Errorf("vector 6, %v: counted %d, want %d; the graph says %v", mode, got, want, hard)
		}
	}
}

// shop is a gateway before an order service, which calls inventory and payment.
func shop(payment func(b *builder) callgraph.Ref) *callgraph.Program {
	return program(callgraph.Conditions{},
		function("gateway", func(b *builder) { b.tries(3, b.call("order")) }),
		function("order", func(b *builder) {
			inventory := b.add(callgraph.Node{Kind: callgraph.Loop, Count: &callgraph.Amount{N: 10}, Parts: []callgraph.Ref{b.send("inventory")}})
			b.of(callgraph.Seq, b.send("order"), inventory, payment(b))
		}))
}

func TestVectors8To11(t *testing.T) {
	diamond := program(callgraph.Conditions{},
		function("fe", func(b *builder) { b.of(callgraph.Seq, b.tries(2, b.call("A")), b.tries(3, b.call("B"))) }),
		function("A", func(b *builder) { b.of(callgraph.Seq, b.send("A"), b.tries(2, b.call("D"))) }),
		function("B", func(b *builder) { b.of(callgraph.Seq, b.send("B"), b.tries(2, b.call("D"))) }),
		function("D", func(b *builder) { b.send("D") }))
	required := shop(func(b *builder) callgraph.Ref { return b.tries(3, b.send("payment")) })
	optional := shop(func(b *builder) callgraph.Ref { return b.of(callgraph.Optional, b.tries(3, b.send("payment"))) })
	for _, tt := range []struct {
		name          string
		program       *callgraph.Program
		entry, target string
		want          map[string]int
	}{
		{"8", diamond, "fe", "D", map[string]int{"D": 10, "A": 2, "B": 3}},
		{"9 and 10", required, "gateway", "payment", map[string]int{"payment": 9, "order": 3, "inventory": 30}},
		{"11", optional, "gateway", "payment", map[string]int{"payment": 3, "order": 1, "inventory": 10}},
	} {
		if got := once(t, tt.program, tt.entry, Options{Target: tt.target}); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("vector %s: counted %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestVectors12To15(t *testing.T) {
	for _, tt := range []struct {
		number             int
		perTry, overall    time.Duration
		atOnce, whileHangs int
	}{
		{12, 250 * ms, 1000 * ms, 6, 4},
		{13, 0, 1000 * ms, 6, 1},
		{14, 2000 * ms, 1000 * ms, 6, 1},
		{15, 250 * ms, 0, 6, 6},
	} {
		p := program(callgraph.Conditions{}, function("entry", func(b *builder) {
			b.repeat(callgraph.Layer{
				Attempts: callgraph.Amount{N: 6}, PerTry: tt.perTry, Overall: tt.overall,
				Modes: callgraph.Status5xx | callgraph.Status503 | callgraph.Hang, Growth: callgraph.NoWait,
			}, b.send("t"))
		}))
		for mode, want := range map[callgraph.ModeSet]int{callgraph.Status503: tt.atOnce, callgraph.Hang: tt.whileHangs} {
			got := once(t, p, "entry", Options{Target: "t", Mode: mode, Time: ms})["t"]
			if hard := hardOf(t, p, "entry", "t", mode); got != want || float64(got) != hard {
				t.Errorf("vector %d, %v: counted %d, want %d; the graph says %v", tt.number, mode, got, want, hard)
			}
		}
	}
}

// Vector 43: a mirror gets a copy of each request that arrives at the proxy, whatever
// the route does with it.
func TestVector43(t *testing.T) {
	p := program(callgraph.Conditions{},
		function("gateway", func(b *builder) { b.tries(4, b.call("route")) }),
		function("route", func(b *builder) {
			mirror := b.add(callgraph.Node{Kind: callgraph.Mirrored, Share: 1, Parts: []callgraph.Ref{b.send("S")}})
			b.of(callgraph.Seq, b.tries(4, b.send("app")), mirror)
		}))
	if got, want := once(t, p, "gateway", Options{Target: "app"}), map[string]int{"app": 16, "S": 4}; !reflect.DeepEqual(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
	if got, want := once(t, p, "gateway", Options{Target: "app", Mode: callgraph.Hang}), map[string]int{"app": 1, "S": 1}; !reflect.DeepEqual(got, want) {
		t.Errorf("while app hangs: counted %v, want %v", got, want)
	}
}

// Vector 47: a layer that gives up starts anew while what is below goes on, or not.
func TestVector47(t *testing.T) {
	for _, tt := range []struct {
		cancels bool
		want    int
	}{{false, 18}, {true, 12}} {
		p := program(callgraph.Conditions{Cancels: tt.cancels}, function("entry", func(b *builder) {
			inner := b.repeat(callgraph.Layer{Attempts: callgraph.Amount{N: 6}, PerTry: 300 * ms}, b.send("t"))
			b.repeat(callgraph.Layer{Attempts: callgraph.Amount{N: 3}, PerTry: time.Second, Overall: 3 * time.Second}, inner)
		}))
		got := once(t, p, "entry", Options{Target: "t", Mode: callgraph.Hang, Cancels: tt.cancels})["t"]
		if hard := hardOf(t, p, "entry", "t", callgraph.Hang); got != tt.want || float64(got) != hard {
			t.Errorf("cancels %v: counted %d, want %d; the graph says %v", tt.cancels, got, tt.want, hard)
		}
	}
}

// fleet is one layer of 4 attempts around a request.
func fleet(c callgraph.Conditions, l callgraph.Layer, depth int) *callgraph.Program {
	return program(c, function("entry", func(b *builder) {
		ref := b.send("t")
		for range depth {
			l.Attempts.N = 4
			ref = b.repeat(l, ref)
		}
	}))
}

// backoff is Envoy's of three retries: at random up to 25, 75 and 175 ms.
var backoff = callgraph.Layer{MaxWait: 275 * ms, Jitter: callgraph.Yes, Growth: callgraph.Growing}

// The steady figures, simulated and by their formulas. Where the definition gives a
// simulated value, that is wanted; else the formula's. That of vector 39 includes
// Envoy's back-off, during which a retry counts: by Erlang's loss formula for three
// places and 4.4 wanted at once, 52 % of the retries pass; without back-off it would
// be 66 %.
func TestSteadyVectors(t *testing.T) {
	for _, tt := range []struct {
		name      string
		layer     callgraph.Layer
		depth     int
		rate      float64
		length    time.Duration
		want      float64
		tolerance float64
		formula   float64 // tolerance of the static figure; 0 where it does not bound so
	}{
		{"36, busy", callgraph.Layer{Breaker: 3}, 1, 1000, 60 * time.Second, 1.02, 0.02, 0.03},
		{"36, quiet", callgraph.Layer{Breaker: 3}, 1, 1, 3000 * time.Second, 3.97, 0.02, 0.03},
		{"37", callgraph.Layer{}, 1, 1000, 10 * time.Second, 4, 0.001, 0.001},
		{"38", callgraph.Layer{BudgetShare: 0.2, BudgetMin: 3}, 1, 10_000, 20 * time.Second, 1.25, 0.02, 0.02},
		{"39", callgraph.Layer{BudgetShare: 0.2, BudgetMin: 3, MaxWait: backoff.MaxWait, Jitter: backoff.Jitter, Growth: backoff.Growth}, 1, 10, 4000 * time.Second, 2.55, 0.02, 0},
		{"39 without back-off", callgraph.Layer{BudgetShare: 0.2, BudgetMin: 3}, 1, 10, 4000 * time.Second, 2.96, 0.02, 0},
		{"38 with back-off", callgraph.Layer{BudgetShare: 0.2, BudgetMin: 3, MaxWait: backoff.MaxWait, Jitter: backoff.Jitter, Growth: backoff.Growth}, 1, 2000, 20 * time.Second, 1.2, 0.04, 0},
		{"40, 50 %", callgraph.Layer{BudgetShare: 0.5, BudgetMin: 3}, 1, 2000, 20 * time.Second, 2, 0.03, 0.03},
		{"40, 100 %", callgraph.Layer{BudgetShare: 1, BudgetMin: 3}, 1, 1000, 20 * time.Second, 4, 0.02, 0.02},
		{"41, busy", callgraph.Layer{BudgetRatio: 0.2, BudgetRate: 10}, 1, 100, 200 * time.Second, 1.3, 0.02, 0.02},
		{"41, quiet", callgraph.Layer{BudgetRatio: 0.2, BudgetRate: 10}, 1, 5, 2000 * time.Second, 3.2, 0.05, 0.05},
		{"42", callgraph.Layer{BudgetShare: 0.2, BudgetMin: 3}, 3, 5000, 20 * time.Second, 1.95, 0.04, 0.04},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := fleet(callgraph.Conditions{Rate: tt.rate, Hold: 100 * ms}, tt.layer, tt.depth)
			got := factor(t, p, "entry", Options{Target: "t", Rate: tt.rate, Length: tt.length, Time: 100 * ms, Seed: 1})
			near(t, "vector "+tt.name, got, tt.want, tt.tolerance)
			if tt.formula > 0 {
				near(t, "against the graph", got, steadyOf(p, "entry", "t"), tt.formula)
			}
		})
	}
}

// Vector 32: retryThrottling lets few retries pass.
func TestVector32(t *testing.T) {
	p := program(callgraph.Conditions{}, function("entry", func(b *builder) {
		b.repeat(callgraph.Layer{Attempts: callgraph.Amount{N: 4}, Modes: callgraph.GRPCUnavailable, Throttled: callgraph.Yes}, b.sendBy("grpc", "/t/T"))
	}))
	o := Options{Target: "/t/T", Mode: callgraph.GRPCUnavailable, Rate: 1, Length: 100 * time.Second, Down: [2]time.Duration{0, time.Hour}}
	c, err := Run(planOf(t, p, "entry"), o)
	if err != nil {
		t.Fatal(err)
	}
	sent, asked := 0, 0
	for i, n := range c.Of("/t/T").PerSecond {
		sent, asked = sent+n, asked+c.Entry.PerSecond[i]
	}
	if extra := sent - asked; extra != 3 {
		t.Errorf("%d retries of %d calls, want 3 in all", extra, asked)
	}
	near(t, "in the end", factor(t, p, "entry", o), steadyOf(p, "entry", "/t/T"), 0.001)
}

// Vector 51: a budget in each of 500 processes at one request a second bounds nothing.
func TestVector51(t *testing.T) {
	layer := callgraph.Layer{BudgetShare: 0.2, BudgetMin: 3}
	p := fleet(callgraph.Conditions{Rate: 1, Hold: 100 * ms}, layer, 1)
	o := Options{Target: "t", Rate: 500, Length: 60 * time.Second, Time: 100 * ms, Clients: 500}
	near(t, "500 processes", factor(t, p, "entry", o), 4, 0.05)
	o.Clients = 1
	near(t, "one process", factor(t, p, "entry", o), 1.25, 0.05)
}

// Vector 52: where half of the requests fail, 1 + 1/2 + 1/4 + 1/8 are made.
func TestVector52(t *testing.T) {
	p := fleet(callgraph.Conditions{}, callgraph.Layer{}, 1)
	got := factor(t, p, "entry", Options{Target: "t", Rate: 1000, Length: 60 * time.Second, Share: 0.5, Time: 100 * ms})
	near(t, "half fail", got, 1.875, 0.01)
}

func TestPolicies(t *testing.T) {
	p := fleet(callgraph.Conditions{}, callgraph.Layer{BudgetShare: 0.2}, 1)
	o := Options{Target: "t", Rate: 500, Length: 20 * time.Second, Time: 100 * ms}
	for policy, want := range map[Policy]float64{AsConfigured: 1.25, WithoutBudgets: 4, WithoutRetries: 1} {
		o.Policy = policy
		near(t, fmt.Sprint("policy ", policy), factor(t, p, "entry", o), want, 0.03)
	}
}

// Only while the target is down is there more than usual.
func TestLoadOverTime(t *testing.T) {
	p := fleet(callgraph.Conditions{}, callgraph.Layer{}, 2)
	o := Options{Target: "t", Mode: callgraph.Status503, Rate: 200, Length: 40 * time.Second, Down: [2]time.Duration{10 * time.Second, 30 * time.Second}, Time: 10 * ms}
	c, err := Run(planOf(t, p, "entry"), o)
	if err != nil {
		t.Fatal(err)
	}
	s := c.Of("t")
	near(t, "before", s.Mean(0, 10), 200, 0.05)
	near(t, "down", s.Mean(11, 30), 3200, 0.05)
	near(t, "after", s.Mean(32, 40), 200, 0.05)
}

func TestSameSeedSameCounts(t *testing.T) {
	p := fleet(callgraph.Conditions{}, callgraph.Layer{BudgetShare: 0.2, BudgetMin: 3, MaxWait: 300 * ms, Jitter: callgraph.Yes, Growth: callgraph.Growing}, 2)
	o := Options{Target: "t", Mode: callgraph.Status503, Rate: 300, Length: 10 * time.Second, Down: [2]time.Duration{0, time.Hour}, Time: 10 * ms, Seed: 7, Clients: 3}
	run := func() *Counts {
		c, err := Run(planOf(t, p, "entry"), o)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	first := run()
	if again := run(); !reflect.DeepEqual(first, again) {
		t.Error("two runs of one seed differ")
	}
	o.Seed = 8
	if other := run(); reflect.DeepEqual(first, other) {
		t.Error("two seeds give the same counts")
	}
}

func TestRefusesWhatCannotBe(t *testing.T) {
	p := fleet(callgraph.Conditions{}, callgraph.Layer{}, 1)
	for _, o := range []Options{
		{Target: "elsewhere", Mode: callgraph.Status503, Rate: 1, Length: time.Second},
		{Target: "t", Mode: callgraph.GRPCAborted, Rate: 1, Length: time.Second},
		{Target: "t", Mode: callgraph.Status503 | callgraph.Status500, Rate: 1, Length: time.Second},
		{Target: "t", Mode: callgraph.Status503, Rate: 0, Length: time.Second},
		{Target: "t", Mode: callgraph.Status503, Rate: 1},
	} {
		if c, err := Run(planOf(t, p, "entry"), o); err == nil {
			t.Errorf("%+v: ran to %+v", o, c)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	p := fleet(callgraph.Conditions{}, callgraph.Layer{}, 3) // 64 requests for each
	plan, _ := p.Plan("entry", callgraph.PlanOptions{})
	for b.Loop() {
		o := Options{Target: "t", Mode: callgraph.Status503, Rate: 1000, Length: 60 * time.Second, Down: [2]time.Duration{15 * time.Second, 45 * time.Second}, Time: 20 * ms}
		c, err := Run(plan, o)
		if err != nil || c.Stopped {
			b.Fatal(err, c.Stopped)
		}
	}
}
