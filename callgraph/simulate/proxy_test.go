package simulate

import (
	"reflect"
	"testing"

	"github.com/commslint/commslint/callgraph"
)

// hops is a → b → c → d, each asked through a sidecar with a layer.
func hops(protocol string, layer callgraph.Layer) *callgraph.Program {
	operation := func(service string) string {
		if protocol == "grpc" {
			return "/shop." + service + "/Do"
		}
		return "POST " + service + "/do"
	}
	var packages []callgraph.Package
	estate := callgraph.Estate{}
	for i, name := range []string{"A", "B", "C", "D"} {
		pkg := callgraph.Package{Path: "shop/" + name, Dir: name}
		if i < 3 {
			next := string(rune('A' + i + 1))
			f := function("shop/"+name+".Do", func(b *builder) {
				b.add(callgraph.Node{Kind: callgraph.Send, Request: &callgraph.Request{Protocol: protocol, Operation: operation(next), Authority: next, Method: "POST", Resolved: true}})
			})
			served := callgraph.Served{Operation: "POST /do", Func: f.ID, At: callgraph.Posn{File: name + "/http.go", Line: 1}}
			if protocol == "grpc" {
				served.Operation = operation(name)
			}
			pkg.Functions, pkg.Served = []callgraph.Function{f}, []callgraph.Served{served}
			estate.Routes = append(estate.Routes, callgraph.Route{
				ID: "istio:" + next, System: "istio", RouteMatch: callgraph.RouteMatch{Sidecar: true, Hosts: []string{next}},
				Layers: []callgraph.Layer{layer}, To: []callgraph.Upstream{{Name: next, Addresses: []string{next}}},
			})
		}
		packages = append(packages, pkg)
		estate.Services = append(estate.Services, callgraph.ServiceNames{Name: name, Dir: name})
	}
	return callgraph.LinkSystem(packages, callgraph.System{Estate: estate})
}

// Vectors 18 to 20 over sidecars, counted in every way of failing.
func TestSidecarsAreCounted(t *testing.T) {
	notSent := callgraph.Layer{Kind: callgraph.ProxyLayer, Attempts: callgraph.Amount{N: 3}, Modes: callgraph.Refused | callgraph.GRPCUnavailable, Growth: callgraph.NoWait}
	on5xx := notSent
	on5xx.Modes |= callgraph.Status500 | callgraph.Status502 | callgraph.Status503 | callgraph.Status504 | callgraph.Status5xx | callgraph.Reset
	for _, tt := range []struct {
		name, protocol, target string
		layer                  callgraph.Layer
		mode                   callgraph.ModeSet
		want                   int
	}{
		{"18", "http", "POST D/do", notSent, callgraph.Refused, 3},
		{"18, a status", "http", "POST D/do", notSent, callgraph.Status503, 1},
		{"19", "grpc", "/shop.D/Do", notSent, callgraph.GRPCUnavailable, 27},
		{"20", "http", "POST D/do", on5xx, callgraph.Refused, 27},
		{"20, a status", "http", "POST D/do", on5xx, callgraph.Status503, 27},
	} {
		p := hops(tt.protocol, tt.layer)
		got := once(t, p, "shop/A.Do", Options{Target: tt.target, Mode: tt.mode})[tt.target]
		if hard := hardOf(t, p, "shop/A.Do", tt.target, tt.mode); got != tt.want || float64(got) != hard {
			t.Errorf("vector %s: counted %d, want %d; the graph says %v", tt.name, got, tt.want, hard)
		}
	}
}

// Vector 43 over the route of a gateway with two mirrors, one of half of the requests.
func TestGatewayIsCounted(t *testing.T) {
	retries := callgraph.Layer{
		Kind: callgraph.ProxyLayer, Attempts: callgraph.Amount{N: 4}, Modes: callgraph.Status503 | callgraph.Refused, Growth: callgraph.NoWait,
	}
	shadow := func(name string, share float64) callgraph.Mirror {
		return callgraph.Mirror{Upstream: callgraph.Upstream{Name: name}, Fraction: share}
	}
	route := callgraph.Route{
		ID: "envoy:edge.yaml:1", Name: "route", System: "envoy", RouteMatch: callgraph.RouteMatch{Listens: []string{"edge:80"}},
		Layers: []callgraph.Layer{retries}, To: []callgraph.Upstream{{Name: "app", Addresses: []string{"app:8080"}}},
		Mirrors: []callgraph.Mirror{shadow("s", 1), shadow("half", 0.5)},
	}
	p := callgraph.LinkSystem([]callgraph.Package{{Path: "c", Functions: []callgraph.Function{
		function("c.main", func(b *builder) { b.tries(4, b.send("POST edge:80/do")) }),
	}}}, callgraph.System{Estate: callgraph.Estate{Routes: []callgraph.Route{route}}})
	got := once(t, p, "c.main", Options{Target: "POST app:8080/do", Seed: 3})
	if half := got["POST half/do"]; half > 4 {
		t.Errorf("a mirror of half got %d of 4", half)
	}
	delete(got, "POST half/do")
	want := map[string]int{"POST edge:80/do": 4, "POST app:8080/do": 16, "POST s/do": 4}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
	got = once(t, p, "c.main", Options{Target: "POST s/do"})
	if got["POST app:8080/do"] != 1 || got["POST s/do"] != 1 {
		t.Errorf("while the mirror fails: %v, want one request everywhere", got)
	}
}

// A client that repeats refused connections alone is not refused by its sidecar, nor by
// a gateway: they answer. What counts is a method of gRPC behind both alike.
func TestAnswersOfProxiesAreCounted(t *testing.T) {
	notSent := callgraph.Layer{Kind: callgraph.ProxyLayer, Attempts: callgraph.Amount{N: 3}, Modes: callgraph.Refused, Growth: callgraph.NoWait}
	for _, tt := range []struct {
		name    string
		sidecar bool
		repeats callgraph.ModeSet
		want    int
	}{
		{"sidecar", true, callgraph.Refused, 3},
		{"sidecar, repeated by its answer", true, callgraph.GRPCUnavailable, 6},
		{"gateway", false, callgraph.Refused, 3},
		{"gateway, repeated by its answer", false, callgraph.GRPCUnavailable, 6},
	} {
		match := callgraph.RouteMatch{Listens: []string{"edge:80"}}
		if tt.sidecar {
			match = callgraph.RouteMatch{Sidecar: true, Hosts: []string{"edge"}}
		}
		p := callgraph.LinkSystem([]callgraph.Package{{Path: "c", Functions: []callgraph.Function{function("c.main", func(b *builder) {
			b.repeat(callgraph.Layer{Attempts: callgraph.Amount{N: 2}, Modes: tt.repeats, Growth: callgraph.NoWait}, b.add(callgraph.Node{
				Kind: callgraph.Send, Request: &callgraph.Request{Protocol: "grpc", Operation: "/a.B/C", Authority: "edge:80", Resolved: true},
			}))
		})}}}, callgraph.System{Estate: callgraph.Estate{Routes: []callgraph.Route{{
			ID: "envoy:1", System: "envoy", RouteMatch: match, Layers: []callgraph.Layer{notSent}, To: []callgraph.Upstream{{Name: "app", Addresses: []string{"app:80"}}},
		}}}})
		got := once(t, p, "c.main", Options{Target: "/a.B/C", Mode: callgraph.Refused})["/a.B/C"]
		if hard := hardOf(t, p, "c.main", "/a.B/C", callgraph.Refused); got != tt.want || float64(got) != hard {
			t.Errorf("%s: counted %d, want %d; the graph says %v", tt.name, got, tt.want, hard)
		}
	}
}
