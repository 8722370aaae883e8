package mesh_test

import (
	"testing"

	"github.com/commslint/commslint/callgraph"
)

// The numbers of these tests are those of the vectors in the definition of amplification: one
// request to a target, with the layers that a configuration puts around it.

// figures evaluates a request of a protocol inside of layers, the innermost first.
func figures(t *testing.T, protocol string, layers ...callgraph.Layer) *callgraph.Row {
	t.Helper()
	e := callgraph.Effects{Nodes: []callgraph.Node{
		{Kind: callgraph.Nothing},
		{Kind: callgraph.Send, Request: &callgraph.Request{Protocol: protocol, Operation: "target", Resolved: true}},
	}, Root: 1}
	for _, l := range layers {
		e.Nodes = append(e.Nodes, callgraph.Node{Kind: callgraph.Repeat, Layer: &l, Parts: []callgraph.Ref{e.Root}})
		e.Root = callgraph.Ref(len(e.Nodes) - 1)
	}
	v := callgraph.Evaluate(e, nil)
	if len(v.Rows) != 1 {
		t.Fatalf("%d targets; want 1", len(v.Rows))
	}
	return &v.Rows[0]
}

// onlyLayer is the one layer of the one route of a document.
func onlyLayer(t *testing.T, text string) callgraph.Layer {
	t.Helper()
	routes := check(t, text).Routes
	if len(routes) != 1 || len(routes[0].Layers) != 1 {
		t.Fatalf("routes %+v; want one with one layer", routes)
	}
	return routes[0].Layers[0]
}

func want(t *testing.T, what, got, expected string) {
	t.Helper()
	if got != expected {
		t.Errorf("%s: %s; want %s", what, got, expected)
	}
}

func virtualService(route string) string {
	return "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: d}\nspec:\n  hosts: [d]\n  http:\n  - route: [{destination: {host: d}}]\n" + route
}

// Vectors 18 and 19: Istio's defaults on three hops. A handler that answers 500 to a refused connection ends the
// retries of HTTP; UNAVAILABLE is passed up by every gRPC client.
func TestVectors18And19(t *testing.T) {
	layer := onlyLayer(t, virtualService(""))
	if want := (callgraph.Refused | callgraph.GRPCUnavailable); layer.Modes != want {
		t.Errorf("repeats %v; want %v", layer.Modes, want)
	}
	handler := callgraph.Layer{Attempts: callgraph.Amount{N: 1}, Opaque: true}
	want(t, "18", figures(t, "http", layer, handler, layer, handler, layer).Hard().String(), "3")
	want(t, "19", figures(t, "grpc", layer, layer, layer).Hard().String(), "27")
}

// Vector 20: conditions that repeat statuses multiply on every hop.
func TestVector20(t *testing.T) {
	layer := onlyLayer(t, virtualService("    retries: {attempts: 2, retryOn: 5xx}\n"))
	want(t, "20", figures(t, "http", layer, layer, layer).Hard().String(), "27")
}

// Vector 21: productpage of bookinfo tries reviews twice, each through its sidecar.
func TestVector21(t *testing.T) {
	loop := callgraph.Layer{Kind: callgraph.LoopLayer, Attempts: callgraph.Amount{N: 2}}
	want(t, "21", figures(t, "http", onlyLayer(t, virtualService("")), loop).Hard().String(), "6")
}

// Vector 37: the breaker that Istio sets by default limits nothing; vector 51: a budget has a minimum.
func TestVectors37And51(t *testing.T) {
	retries := "    retries: {attempts: 3, retryOn: 5xx}\n"
	layer := onlyLayer(t, virtualService(retries))
	if layer.Breaker != 1<<32-1 || layer.Budget != callgraph.No {
		t.Errorf("breaker %d, budget %v", layer.Breaker, layer.Budget)
	}
	want(t, "37", figures(t, "http", layer).Steady().String(), "4")
	budget := "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d}\nspec: {host: d, trafficPolicy: {retryBudget: {percent: 20}}}\n"
	layer = onlyLayer(t, virtualService(retries)+budget)
	if layer.BudgetShare != 0.2 || layer.BudgetMin != 3 {
		t.Errorf("budget %v at least %d; want 0.2 and 3", layer.BudgetShare, layer.BudgetMin)
	}
	want(t, "38", figures(t, "http", layer).Steady().String(), "1.25")
}

// Vectors 12 to 15 as Istio writes them.
func TestVectors12To15(t *testing.T) {
	for _, tt := range []struct{ name, route, hard, hang string }{
		{"12", "    timeout: 1s\n    retries: {attempts: 5, perTryTimeout: 250ms, retryOn: 5xx}\n", "6", "4"},
		{"13", "    timeout: 1s\n    retries: {attempts: 5, retryOn: 5xx}\n", "6", "1"},
		{"14", "    timeout: 1s\n    retries: {attempts: 5, perTryTimeout: 2s, retryOn: 5xx}\n", "6", "1"},
		{"15", "    timeout: 0s\n    retries: {attempts: 5, perTryTimeout: 250ms, retryOn: 5xx}\n", "6", "6"},
	} {
		row := figures(t, "http", onlyLayer(t, virtualService(tt.route)))
		want(t, tt.name+" at once", row.Hard().String(), tt.hard)
		want(t, tt.name+" hang", row.Hang().String(), tt.hang)
	}
}
