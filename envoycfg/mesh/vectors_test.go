package mesh_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/commslint/commslint/callgraph"
)

// The numbers of these tests are those of the vectors in the definition of amplification: one
// request to a target, with the layers that a configuration puts around it.

// figures evaluates a request of a protocol inside of layers, the innermost first.
func figures(t *testing.T, protocol string, layers ...callgraph.Layer) *callgraph.Row {
	t.Helper()
	return figuresAt(t, protocol, callgraph.Conditions{}, layers...)
}

// steadyAt is the steady factor of a layer that gets so many requests a second, of 100 ms each.
func steadyAt(t *testing.T, layer callgraph.Layer, rate float64) string {
	t.Helper()
	return figuresAt(t, "http", callgraph.Conditions{Rate: rate, Hold: 100 * time.Millisecond}, layer).Steady().String()
}

func figuresAt(t *testing.T, protocol string, conditions callgraph.Conditions, layers ...callgraph.Layer) *callgraph.Row {
	t.Helper()
	e := callgraph.Effects{Nodes: []callgraph.Node{
		{Kind: callgraph.Nothing},
		{Kind: callgraph.Send, Request: &callgraph.Request{Protocol: protocol, Operation: "target", Resolved: true}},
	}, Root: 1}
	for _, l := range layers {
		e.Nodes = append(e.Nodes, callgraph.Node{Kind: callgraph.Repeat, Layer: &l, Parts: []callgraph.Ref{e.Root}})
		e.Root = callgraph.Ref(len(e.Nodes) - 1)
	}
	v := callgraph.Scope{Conditions: conditions}.Evaluate(e)
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
	want(t, "37", steadyAt(t, layer, 1000), "4")
	budget := "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d}\nspec: {host: d, trafficPolicy: {retryBudget: {percent: 20}}}\n"
	layer = onlyLayer(t, virtualService(retries)+budget)
	if layer.BudgetShare != 0.2 || layer.BudgetMin != 3 {
		t.Errorf("budget %v at least %d; want 0.2 and 3", layer.BudgetShare, layer.BudgetMin)
	}
	want(t, "38", steadyAt(t, layer, 10_000), "1.25")
	want(t, "51", steadyAt(t, layer, 1), "4") // each of 500 proxies has less than 15 requests at a time
	breaker := "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d}\nspec: {host: d, trafficPolicy: {connectionPool: {http: {maxRetries: 3}}}}\n"
	want(t, "36", steadyAt(t, onlyLayer(t, virtualService(retries)+breaker), 1000), "1.03")
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

// Vector 16: Contour repeats any 5xx where a policy names no condition.
func TestVector16(t *testing.T) {
	layer := onlyLayer(t, `apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: d}
spec:
  virtualhost: {fqdn: d.example.com}
  routes:
  - services: [{name: d, port: 80}]
    timeoutPolicy: {response: 1s}
    retryPolicy: {count: 3, perTryTimeout: 150ms}
`)
	row := figures(t, "http", layer)
	want(t, "16 at once", row.Hard().String(), "4")
	want(t, "16 hang", row.Hang().String(), "4")
	if len(layer.Methods) != 0 || layer.Modes&callgraph.Status503 == 0 {
		t.Errorf("repeats %v of %v; want any 5xx of any method", layer.Modes, layer.Methods)
	}
}

// Vector 17: of six attempts two fit into the timeout.
func TestVector17(t *testing.T) {
	row := figures(t, "http", onlyLayer(t, `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: d}
spec:
  rules:
  - retry: {codes: [500], attempts: 5}
    timeouts: {backendRequest: 200ms, request: 400ms}
    backendRefs: [{name: d, port: 80}]
`))
	want(t, "17 at once", row.Hard().String(), "6")
	want(t, "17 hang", row.Hang().String(), "2")
}

// byMethod gives the layer of the route for a method.
func byMethod(t *testing.T, text, method string) callgraph.Layer {
	t.Helper()
	for _, r := range check(t, text).Routes {
		if len(r.Methods) == 0 || r.Methods[0] == method {
			return r.Layers[0]
		}
	}
	t.Fatalf("no route for %s", method)
	return callgraph.Layer{}
}

// Vector 34: Traefik's attempts are all that are made, and POST is not sent again.
func TestVector34(t *testing.T) {
	text := "apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {name: again}\nspec: {retry: {attempts: 4%s}}\n---\n" +
		"apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: d}\nspec: {routes: [{match: 'Host(`d`)', middlewares: [{name: again}], services: [{name: d, port: 80}]}]}\n"
	careful, always := fmt.Sprintf(text, ""), fmt.Sprintf(text, ", retryNonIdempotentMethod: true")
	want(t, "34 GET", figures(t, "http", byMethod(t, careful, "GET")).Hard().String(), "4")
	if post := byMethod(t, careful, "POST"); post.Modes != callgraph.Refused {
		t.Errorf("POST is sent again after %v", post.Modes)
	}
	want(t, "34 POST on demand", figures(t, "http", byMethod(t, always, "POST")).Hard().String(), "4")
}

// Vector 35: Kong makes six attempts of a minute each.
func TestVector35(t *testing.T) {
	row := figures(t, "http", byMethod(t, `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: d}
spec:
  ingressClassName: kong
  rules:
  - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: d, port: {number: 80}}}}]}
`, "GET"))
	want(t, "35 hang", row.Hang().String(), "6")
	wall, _ := row.Wall.Known()
	want(t, "35 wall", wall.String(), "6m0s")
}

// Vector 41: a budget of Linkerd is a ratio to the requests that are no retries; the number of retries has no limit.
func TestVector41(t *testing.T) {
	layer := onlyLayer(t, `apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: {name: d.default.svc.cluster.local}
spec:
  routes:
  - name: GET /d
    condition: {method: GET, pathRegex: /d}
    isRetryable: true
  retryBudget: {retryRatio: 0.2, minRetriesPerSecond: 10, ttl: 10s}
`)
	row := figures(t, "http", layer)
	want(t, "41 one request", row.Hard().String(), "unbounded")
	want(t, "41 at 100 rps", steadyAt(t, layer, 100), "1.3")
	want(t, "41 at 5 rps", steadyAt(t, layer, 5), "3.2")
}

// TestIngressNginx has what ingress-nginx does where an Ingress says nothing: three attempts of a minute, of POST only before it is sent
// (its user guide: proxy-next-upstream, -tries, retry-non-idempotent).
func TestIngressNginx(t *testing.T) {
	text := fmt.Sprintf(ingressNginx, "    a: b\n")
	get, post := byMethod(t, text, "GET"), check(t, text).Routes[1].Layers[0]
	if get.Attempts.N != 3 || get.PerTry != time.Minute || get.Overall != 3*time.Minute || get.Modes != callgraph.Refused|callgraph.Reset|callgraph.Hang {
		t.Errorf("GET: %+v", get)
	}
	if post.Attempts.N != 3 || post.Modes != callgraph.Refused || post.Overall != time.Minute {
		t.Errorf("POST: %+v", post)
	}
}
