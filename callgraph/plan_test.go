package callgraph

import (
	"slices"
	"testing"
)

// sends counts the requests that a plan makes if everything that repeats does so to
// the full.
func (n *PlanNode) sends(counts map[string]Count, times Count) {
	switch n.Kind {
	case PlanSend:
		counts[n.Operation] += times
	case PlanRepeat, PlanTimes:
		times = times.times(n.Attempts)
	}
	for _, p := range n.Parts {
		p.sends(counts, times)
	}
}

func planned(t *testing.T, p *Program, id string) (map[string]Count, *Plan) {
	t.Helper()
	plan, ok := p.Plan(id, PlanOptions{})
	if !ok {
		t.Fatalf("no plan of %s", id)
	}
	counts := map[string]Count{}
	plan.Root.sends(counts, 1)
	return counts, plan
}

// charge passes a literal and a number to a helper, which repeats the one as often as
// the other says; the literal does so again for a literal of its own.
func TestPlanFollowsWhatIsPassed(t *testing.T) {
	do := func(times int, f string) Call {
		return Call{Func: "retry.Do", Args: []Arg{{To: Param{Index: 0}, Amount: &Amount{N: times}}, {To: Param{Index: 1}, Func: f}}}
	}
	p := linked(
		fn("charge", Handler, func(b *builder) { b.call(do(3, "charge$1")) }),
		fn("charge$1", NoEntry, func(b *builder) { b.seq(b.send("http", "POST bank/charges"), b.call(do(2, "charge$1$1"))) }),
		fn("charge$1$1", NoEntry, func(b *builder) { b.send("http", "POST bank/notes") }),
		fn("retry.Do", NoEntry, func(b *builder) {
			b.repeat(Layer{Kind: LoopLayer, Attempts: Amount{Param: &Param{Index: 0}}}, b.call(Call{Param: &Param{Index: 1}}))
		}),
	)
	counts, plan := planned(t, p, "charge")
	if counts["POST bank/charges"] != 3 || counts["POST bank/notes"] != 6 || len(plan.Left) > 0 {
		t.Errorf("got %v, left out %v; want 3 charges and 6 notes", counts, plan.Left)
	}
}

// A literal calls the parameter of the function around it.
func TestPlanFollowsWhatIsCaptured(t *testing.T) {
	p := linked(
		fn("charge", Handler, func(b *builder) {
			b.call(Call{Func: "twice", Args: []Arg{{To: Param{Index: 0}, Func: "send"}}})
		}),
		fn("send", NoEntry, func(b *builder) { b.send("http", "POST bank/charges") }),
		fn("twice", NoEntry, func(b *builder) { b.tries(2, b.fn("twice$1")) }),
		fn("twice$1", NoEntry, func(b *builder) { b.call(Call{Param: &Param{Index: -1}}) }),
	)
	if counts, plan := planned(t, p, "charge"); counts["POST bank/charges"] != 2 {
		t.Errorf("got %v, left out %v; want 2 charges", counts, plan.Left)
	}
}

// A request leads through its connection's layers and interceptor to its handler.
func TestPlanFollowsRequests(t *testing.T) {
	conn := Posn{File: "pay.go", Line: 7}
	p := Link([]Package{{
		Path: "example.com/shop",
		Functions: []Function{
			fn("entry", Handler, func(b *builder) {
				b.add(Node{Kind: Send, Request: &Request{Protocol: "grpc", Operation: "/pay.v1.Payments/Charge", Resolved: true, Conn: conn}})
			}),
			fn("intercept", NoEntry, func(b *builder) { b.tries(5, b.call(Call{Param: &Param{Index: 5}, Name: "invoker"})) }),
			fn("serve", Handler, func(b *builder) { b.send("sql", "exec") }),
		},
		Served: []Served{{Operation: "/pay.v1.Payments/Charge", Func: "serve"}},
		Connections: []Connection{{
			At:           conn,
			Layers:       []MethodLayer{{Layers: []Layer{{Kind: ConfigLayer, Attempts: Amount{N: 3}}}}},
			Interceptors: []Interceptor{{Func: "intercept"}},
		}},
	}})
	counts, plan := planned(t, p, "entry")
	if counts["/pay.v1.Payments/Charge"] != 15 || counts["exec"] != 15 {
		t.Errorf("got %v, left out %v; want 15 of both", counts, plan.Left)
	}
}

func TestPlanNamesWhatItLeaves(t *testing.T) {
	p := linked(
		fn("entry", Handler, func(b *builder) {
			b.seq(b.add(Node{Kind: Unresolved, Text: "h.next"}), b.call(Call{Iface: "shop.Store.Get"}), b.fn("again"))
		}),
		fn("again", NoEntry, func(b *builder) { b.seq(b.send("http", "GET stock"), b.fn("again")) }),
	)
	counts, plan := planned(t, p, "entry")
	want := []string{"again (calls itself)", "h.next", "shop.Store.Get"}
	if !slices.Equal(plan.Left, want) || counts["GET stock"] != 1 {
		t.Errorf("left out %q, want %q; sends %v", plan.Left, want, counts)
	}
	if _, ok := p.Plan("nobody", PlanOptions{}); ok {
		t.Error("there is a plan of a function that does not exist")
	}
}

func TestPlanTakesTheValueOfVariables(t *testing.T) {
	p := linked(fn("entry", Handler, func(b *builder) { b.loop(Amount{Var: "len(items)", N: 1}, b.send("http", "GET stock")) }))
	plan, _ := p.Plan("entry", PlanOptions{Variable: 5})
	counts := map[string]Count{}
	plan.Root.sends(counts, 1)
	if counts["GET stock"] != 6 {
		t.Errorf("got %v, want 5 + 1", counts)
	}
}
