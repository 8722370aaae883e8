package callgraph

import (
	"fmt"
	"testing"
	"time"
)

// The numbers of these tests are those of the vectors in the definition of
// amplification, of which these are what layers and functions express.

func TestVector4And5(t *testing.T) {
	tests := []struct {
		layers, tries int
		want          string
	}{
		{3, 4, "64"},
		{5, 3, "243"},
		{5, 4, "1024"},
	}
	for _, tt := range tests {
		var b builder
		ref := b.send("http", "db")
		for range tt.layers {
			ref = b.tries(tt.tries, ref)
		}
		wantHard(t, Evaluate(b.e, nil), "db", tt.want)
	}
}

func TestVector6(t *testing.T) {
	var b builder
	ref := b.send("grpc", "/pay.v1.Payments/Charge")
	for _, n := range []int{4, 3, 3} {
		ref = b.repeat(Layer{Kind: ConfigLayer, Attempts: Amount{N: n}, Modes: GRPCUnavailable}, ref)
	}
	v := Evaluate(b.e, nil)
	wantHard(t, v, "/pay.v1.Payments/Charge", "36")
	r := row(t, v, "/pay.v1.Payments/Charge")
	_, modes := r.Worst(1)
	want(t, "mode", modes.String(), "gRPC UNAVAILABLE")
	want(t, "hang", r.Hang().String(), "1")
}

func TestVector8(t *testing.T) {
	p := linked(
		fn("fe", Handler, func(b *builder) { b.seq(b.tries(2, b.fn("A")), b.tries(3, b.fn("B"))) }),
		fn("A", NoEntry, func(b *builder) { b.seq(b.send("http", "A"), b.tries(2, b.fn("D"))) }),
		fn("B", NoEntry, func(b *builder) { b.seq(b.send("http", "B"), b.tries(2, b.fn("D"))) }),
		fn("D", NoEntry, func(b *builder) { b.send("http", "D") }),
	)
	v, _ := p.Value("fe")
	wantHard(t, v, "D", "10")
	d, a, b := row(t, v, "D"), row(t, v, "A"), row(t, v, "B")
	want(t, "D when healthy", d.Base.String(), "2")
	want(t, "A while D fails", a.Bystander.String(), "2")
	want(t, "B while D fails", b.Bystander.String(), "3")
}

// shop is a gateway before an order service, which calls inventory and payment.
func shop(inventory func(b *builder) Ref) *Program {
	return linked(
		fn("gateway", Handler, func(b *builder) { b.tries(3, b.fn("order")) }),
		fn("order", NoEntry, func(b *builder) {
			b.seq(b.send("http", "order"), inventory(b), b.tries(3, b.send("http", "payment")))
		}),
	)
}

func TestVector9(t *testing.T) {
	p := shop(func(b *builder) Ref { return b.tries(2, b.send("http", "inventory")) })
	v, _ := p.Value("gateway")
	wantHard(t, v, "payment", "9")
	order, inventory := row(t, v, "order"), row(t, v, "inventory")
	want(t, "order while others fail", order.Bystander.String(), "3")
	want(t, "inventory while others fail", inventory.Bystander.String(), "3")
	want(t, "inventory itself failing", inventory.Hard().String(), "6")
}

func TestVector10(t *testing.T) {
	p := shop(func(b *builder) Ref { return b.loop(Amount{N: 10}, b.send("http", "inventory")) })
	v, _ := p.Value("gateway")
	inventory := row(t, v, "inventory")
	want(t, "inventory while others fail", inventory.Bystander.String(), "30")
	want(t, "inventory when healthy", inventory.Base.String(), "10")
}

// Vector 11 is vector 9 with the failure of payment swallowed.
func TestVector11(t *testing.T) {
	p := linked(
		fn("gateway", Handler, func(b *builder) { b.tries(3, b.fn("order")) }),
		fn("order", NoEntry, func(b *builder) {
			payment := b.add(Node{Kind: Optional, Parts: []Ref{b.tries(3, b.send("http", "payment"))}})
			b.seq(b.send("http", "order"), b.send("http", "inventory"), payment)
		}),
	)
	v, _ := p.Value("gateway")
	payment := row(t, v, "payment")
	want(t, "payment", payment.Hard().String(), "3")
	order := row(t, v, "order")
	want(t, "order when healthy", order.Base.String(), "1")
	alone := row(t, payerOnly(), "order")
	want(t, "order while only payment can fail", alone.Bystander.String(), "1")
}

// payerOnly is vector 11 where only payment can fail.
func payerOnly() Value {
	var b builder
	payment := b.add(Node{Kind: Optional, Parts: []Ref{b.tries(3, b.send("http", "payment"))}})
	b.tries(3, b.seq(b.send("http", "order"), payment))
	return Evaluate(b.e, nil)
}

func TestVectors12To15(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		number          int
		perTry, overall time.Duration
		hard, hang      string
	}{
		{12, 250 * ms, 1000 * ms, "6", "4"},
		{13, 0, 1000 * ms, "6", "1"},
		{14, 2000 * ms, 1000 * ms, "6", "1"},
		{15, 250 * ms, 0, "6", "6"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.number), func(t *testing.T) {
			var b builder
			b.repeat(Layer{
				Kind: ClientLayer, Attempts: Amount{N: 6}, PerTry: tt.perTry, Overall: tt.overall,
				Modes: Status5xx | Reset | Hang, Growth: NoWait,
			}, b.send("http", "t"))
			r := row(t, Evaluate(b.e, nil), "t")
			want(t, "hard", r.Hard().String(), tt.hard)
			want(t, "hang", r.Hang().String(), tt.hang)
			if tt.number == 15 {
				wall, _ := r.Wall.Known()
				want(t, "wall", wall.String(), "1.5s")
			}
		})
	}
}

func TestVectors31To33(t *testing.T) {
	config := Layer{Kind: ConfigLayer, Attempts: Amount{N: 5}, Modes: GRPCUnavailable}
	throttled := config
	throttled.Attempts.N, throttled.Throttled = 4, Yes
	tests := []struct {
		name               string
		layer              Layer
		hard, steady, hang string
	}{
		{"31, 33: maxAttempts 5", config, "5", "5", "1"},
		{"32: maxAttempts 4, throttled", throttled, "4", "1", "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b builder
			b.repeat(tt.layer, b.bounded("grpc", "t", 300*time.Millisecond))
			r := row(t, Evaluate(b.e, nil), "t")
			want(t, "hard", r.Hard().String(), tt.hard)
			want(t, "steady", r.Steady().String(), tt.steady)
			want(t, "hang", r.Hang().String(), tt.hang)
		})
	}
}

func TestVectors38And40To42(t *testing.T) {
	tests := []struct {
		name         string
		layer        Layer
		depth        int
		hard, steady string
	}{
		{"38", Layer{BudgetShare: 0.2}, 1, "4", "1.25"},
		{"40, 50 %", Layer{BudgetShare: 0.5}, 1, "4", "2"},
		{"40, 100 %", Layer{BudgetShare: 1}, 1, "4", "4"},
		{"1.4: three ratio budgets", Layer{BudgetRatio: 0.1}, 3, "64", "1.33"},
		{"42", Layer{BudgetShare: 0.2}, 3, "64", "1.95"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b builder
			tt.layer.Attempts.N = 4
			ref := b.send("http", "t")
			for range tt.depth {
				ref = b.repeat(tt.layer, ref)
			}
			r := row(t, Evaluate(b.e, nil), "t")
			want(t, "hard", r.Hard().String(), tt.hard)
			want(t, "steady", r.Steady().String(), tt.steady)
		})
	}
}

// Vector 47, without cancellation: the inner attempts go on for nobody.
func TestVector47(t *testing.T) {
	var b builder
	inner := b.repeat(Layer{Attempts: Amount{N: 6}, PerTry: 300 * time.Millisecond}, b.send("http", "t"))
	b.repeat(Layer{Attempts: Amount{N: 3}, PerTry: time.Second, Overall: 3 * time.Second}, inner)
	r := row(t, Evaluate(b.e, nil), "t")
	want(t, "hang", r.Hang().String(), "18")
}

// Vector 18 and 19: what a handler passes up decides how far a retry reaches.
func TestVectors18And19(t *testing.T) {
	hop := func(protocol string, modes ModeSet, opaque bool) string {
		var b builder
		ref := b.send(protocol, "d")
		for range 3 {
			ref = b.repeat(Layer{Kind: ClientLayer, Attempts: Amount{N: 3}, Modes: modes, Opaque: opaque}, ref)
		}
		r := row(t, Evaluate(b.e, nil), "d")
		hard := r.Hard()
		return hard.String()
	}
	want(t, "18: refused, and a status above", hop("http", Refused, true), "3")
	want(t, "19: UNAVAILABLE passed up", hop("grpc", GRPCUnavailable, false), "27")
}

// Vector 48: A sends B's operation twice and B sends A's.
func TestVector48(t *testing.T) {
	p := Link([]Package{{
		Functions: []Function{
			fn("A", Handler, func(b *builder) { b.tries(2, b.send("grpc", "/b.B/Do")) }),
			fn("B", Handler, func(b *builder) { b.tries(2, b.send("grpc", "/a.A/Do")) }),
		},
		Served: []Served{{Operation: "/a.A/Do", Func: "A"}, {Operation: "/b.B/Do", Func: "B"}},
	}})
	if found := p.Check(nil, DefaultLimits); len(found) != 1 || found[0].Rule != "graph/retry-cycle" || found[0].Properties["gain"] != "4" {
		t.Errorf("found %+v, want one cycle with a gain of 4", found)
	}
	want(t, "A", hardOf(t, p, "A", "/b.B/Do"), "unbounded")
	want(t, "B", hardOf(t, p, "B", "/b.B/Do"), "unbounded")
}
