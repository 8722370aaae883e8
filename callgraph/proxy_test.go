package callgraph

import (
	"fmt"
	"testing"
	"time"
)

// sidecarHops is a → b → c → d, each asked through a sidecar with a layer; every
// service but d is a handler that asks the next one.
func sidecarHops(protocol string, layer Layer) *Program {
	operation := func(service string) string {
		if protocol == "grpc" {
			return "/shop." + service + "/Do"
		}
		return "POST " + service + "/do"
	}
	var pkgs []Package
	estate := Estate{}
	for i, name := range []string{"A", "B", "C", "D"} {
		pkg := Package{Path: "shop/" + name, Dir: name}
		if i < 3 {
			next := string(rune('A' + i + 1))
			f := fn("shop/"+name+".Do", Handler, func(b *builder) {
				b.add(Node{Kind: Send, Request: &Request{Protocol: protocol, Operation: operation(next), Authority: next, Method: "POST", Resolved: true}})
			})
			pkg.Functions = []Function{f}
			served := Served{Operation: "POST /do", Func: f.ID, At: Posn{File: name + "/http.go", Line: 1}}
			if protocol == "grpc" {
				served.Operation = operation(name)
			}
			pkg.Served = []Served{served}
			estate.Routes = append(estate.Routes, Route{
				ID: "istio:" + next, System: "istio", RouteMatch: RouteMatch{Sidecar: true, Hosts: []string{next}},
				Layers: []Layer{layer}, To: []Upstream{{Name: next, Addresses: []string{next}}},
			})
		}
		pkgs = append(pkgs, pkg)
		estate.Services = append(estate.Services, ServiceNames{Name: name, Dir: name})
	}
	return LinkSystem(pkgs, System{Estate: estate})
}

// Istio's defaults: 2 retries on what was not sent, and on gRPC's UNAVAILABLE and
// CANCELLED.
func istioDefault() Layer {
	return Layer{Kind: ProxyLayer, Attempts: Amount{N: 3}, Modes: Refused | GRPCUnavailable, Growth: NoWait}
}

func TestVectors18To20OverRoutes(t *testing.T) {
	on5xx := istioDefault()
	on5xx.Modes |= Status500 | Status502 | Status503 | Status504 | Status5xx | Reset
	for _, tt := range []struct {
		name, protocol, target string
		layer                  Layer
		want                   string
	}{
		{"18: HTTP, refused", "http", "POST D/do", istioDefault(), "3"},
		{"19: gRPC, UNAVAILABLE passed up", "grpc", "/shop.D/Do", istioDefault(), "27"},
		{"20: retryOn 5xx, POST included", "http", "POST D/do", on5xx, "27"},
	} {
		want(t, tt.name, hardOf(t, sidecarHops(tt.protocol, tt.layer), "shop/A.Do", tt.target), tt.want)
	}
}

// Vector 21: two turns of a loop around a default sidecar.
func TestVector21(t *testing.T) {
	p := LinkSystem([]Package{{Path: "page", Functions: []Function{
		fn("page.Get", Handler, func(b *builder) { b.tries(2, b.send("http", "GET reviews:9080/reviews/0")) }),
	}}}, System{Estate: Estate{Routes: []Route{{
		ID: "istio:reviews", System: "istio", RouteMatch: RouteMatch{Sidecar: true, Hosts: []string{"reviews"}},
		Layers: []Layer{istioDefault()}, To: []Upstream{{Name: "reviews", Addresses: []string{"reviews:9080"}}},
	}}}})
	want(t, "reviews", hardOf(t, p, "page.Get", "GET reviews:9080/reviews/0"), "6")
}

// gateway is a proxy at edge:80 with a route to app.
func gateway(r Route) System {
	r.ID, r.Name, r.System = "envoy:edge.yaml:1", "route", "envoy"
	r.Listens = []string{"edge:80"}
	if r.To == nil {
		r.To = []Upstream{{Name: "app", Addresses: []string{"app:8080"}}}
	}
	return System{Estate: Estate{Routes: []Route{r}}}
}

func client(operation string, tries int) []Package {
	return []Package{{Path: "c", Functions: []Function{
		fn("c.main", Main, func(b *builder) { b.tries(tries, b.send("http", operation)) }),
	}}}
}

func retries(n int) []Layer {
	return []Layer{{Kind: ProxyLayer, Attempts: Amount{N: 1 + n}, Modes: anyStatus&^(Status408|Status425|Status429|Status4xx) | Refused | Reset, Growth: NoWait}}
}

// Vector 43: a mirror gets one copy for each request that arrives at its route,
// whatever that repeats.
func TestVectors43And44(t *testing.T) {
	shadow := func(name string, share float64) Mirror {
		return Mirror{Upstream: Upstream{Name: name}, Fraction: share}
	}
	p := LinkSystem(client("POST edge:80/do", 4), gateway(Route{Layers: retries(3), Mirrors: []Mirror{shadow("s", 1), shadow("half", 0.5)}}))
	want(t, "43: app", hardOf(t, p, "c.main", "POST app:8080/do"), "16")
	want(t, "43: the mirror while app fails", hardOf(t, p, "c.main", "POST s/do"), "4")
	want(t, "a mirror of half", hardOf(t, p, "c.main", "POST half/do"), "2")
	want(t, "43: the proxy", hardOf(t, p, "c.main", "POST edge:80/do"), "4")
	v, _ := p.Value("c.main")
	s := row(t, v, "POST s/do")
	want(t, "the mirror itself failing", s.Cases[0].Hard.String(), "1")

	edge := gateway(Route{Mirrors: []Mirror{shadow("s", 1)}})
	p = LinkSystem([]Package{{Path: "c", Functions: []Function{
		fn("c.main", Main, func(b *builder) {
			b.e.Nodes[b.send("grpc", "/pay.v1.Payments/Charge")].Request.Authority = "edge:80"
		}),
	}}}, edge)
	want(t, "43: gRPC, the service", hardOf(t, p, "c.main", "/pay.v1.Payments/Charge"), "1")
	want(t, "43: gRPC, the mirror", hardOf(t, p, "c.main", "/pay.v1.Payments/Charge at s"), "1")

	p = LinkSystem(client("GET edge:80/do", 1), gateway(Route{Mirrors: []Mirror{shadow("s", 1), shadow("t", 1)}}))
	total := Count(0)
	v, _ = p.Value("c.main")
	for _, r := range v.Rows {
		if r.Target.Name != "GET edge:80/do" {
			total += r.Base.At(1)
		}
	}
	want(t, "44: requests that leave the proxy", total.String(), "3")
}

// Vector 45: hedged attempts are attempts; they do not wait for each other.
func TestVector45(t *testing.T) {
	layer := Layer{Kind: ProxyLayer, Attempts: Amount{N: 3}, PerTry: 500 * time.Millisecond, Overall: 3 * time.Second, Modes: Hang, Growth: NoWait}
	p := LinkSystem(client("GET edge:80/", 1), gateway(Route{Layers: []Layer{layer}}))
	v, _ := p.Value("c.main")
	r := row(t, v, "GET app:8080/")
	want(t, "hang", r.Hang().String(), "3")
}

// Vector 46: a check before the route is repeated, and what it answers (403) is not.
func TestVector46(t *testing.T) {
	check := Upstream{Name: "authz", Addresses: []string{"authz"}, Layers: retries(2)}
	sys := gateway(Route{To: []Upstream{check}})
	p := LinkSystem([]Package{{Path: "c", Functions: []Function{
		fn("c.main", Main, func(b *builder) {
			// What the gateway makes of a failed check is a 403 of its own.
			b.repeat(Layer{Kind: ProxyLayer, Attempts: Amount{N: 3}, Modes: Status5xx | Status500 | Status503},
				b.repeat(Layer{Kind: DeadlineLayer, Attempts: Amount{N: 1}, Opaque: true}, b.send("http", "GET edge:80/")))
		}),
	}}}, sys)
	want(t, "authz", hardOf(t, p, "c.main", "GET authz/"), "3")
}

// A check is asked once for each request that arrives, as often as its own layers say, and is not repeated with the route.
// Its failure is an answer that nobody repeats (vector 46).
func TestChecks(t *testing.T) {
	sys := gateway(Route{Layers: retries(2), Checks: []Check{
		{Upstream: Upstream{Name: "authz", Addresses: []string{"authz:80"}, Layers: retries(2)}},
		{Upstream: Upstream{Name: "limits"}, Operation: "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit"},
	}})
	p := LinkSystem(client("GET edge:80/x", 3), sys)
	want(t, "app", hardOf(t, p, "c.main", "GET app:8080/x"), "9")
	want(t, "limits", hardOf(t, p, "c.main", "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit"), "3")
	v, _ := p.Value("c.main")
	authz := row(t, v, "GET authz:80/x")
	want(t, "authz while app fails", authz.Bystander.String(), "3")
	want(t, "authz while it fails itself", hardOf(t, p, "c.main", "GET authz:80/x"), "3")
}

// Vectors 49 and 50: attempts that a client chooses; and connections, which are
// attempts only while they are refused.
func TestVectors49And50(t *testing.T) {
	chosen := Layer{Kind: ProxyLayer, Name: "chosen by the client", Attempts: Amount{N: 101}, Modes: Status503, Overall: 15 * time.Second, Growth: NoWait}
	p := LinkSystem(client("GET edge:80/", 1), gateway(Route{Layers: []Layer{chosen}}))
	want(t, "49", hardOf(t, p, "c.main", "GET app:8080/"), "101")

	connects := Layer{Kind: ProxyLayer, Attempts: Amount{N: 21}, Modes: Refused}
	p = LinkSystem(client("GET edge:80/", 1), gateway(Route{Layers: []Layer{connects}}))
	v, _ := p.Value("c.main")
	for _, c := range row(t, v, "GET app:8080/").Cases {
		wanted := "1"
		if c.Modes == Refused {
			wanted = "21"
		}
		want(t, "50: "+c.Modes.String(), c.Hard.String(), wanted)
	}
}

// What a proxy makes of a failure decides what the layer before it repeats.
func TestProxyAnswers(t *testing.T) {
	for _, tt := range []struct {
		system, protocol string
		fails, repeats   ModeSet
		want             string
	}{
		{"envoy", "http", Refused, Status503, "2"},
		{"envoy", "http", Refused, Refused, "1"},
		{"envoy", "http", Refused, Status502, "1"},
		{"nginx", "http", Refused, Status502, "2"},
		{"haproxy", "http", Reset, Status502, "2"},
		{"haproxy", "http", Refused, Status503, "2"},
		{"envoy", "http", Status500, Status500, "2"}, // an exhausted status passes unchanged
		{"envoy", "http", Status500, Status503, "1"},
		{"envoy", "grpc", Refused, GRPCUnavailable, "2"},
		{"envoy", "grpc", GRPCAborted, GRPCAborted, "2"},
		{"envoy", "grpc", GRPCAborted, GRPCUnavailable, "1"},
	} {
		operation, target := "POST edge:80/do", "POST app:8080/do"
		if tt.protocol == "grpc" {
			operation, target = "/a.B/C", "/a.B/C"
		}
		sys := gateway(Route{})
		sys.Routes[0].System = tt.system
		p := LinkSystem([]Package{{Path: "c", Functions: []Function{fn("c.main", Main, func(b *builder) {
			b.repeat(Layer{Attempts: Amount{N: 2}, Modes: tt.repeats}, b.add(Node{Kind: Send, Request: &Request{
				Protocol: tt.protocol, Operation: operation, Authority: "edge:80", Resolved: true,
			}}))
		})}}}, sys)
		v, _ := p.Value("c.main")
		r, tested := row(t, v, target), false
		for _, c := range r.Cases {
			if c.Modes&tt.fails != 0 {
				want(t, fmt.Sprintf("%s, %s repeated on %s", tt.system, tt.fails, tt.repeats), c.Hard.String(), tt.want)
				tested = true
			}
		}
		if !tested {
			t.Errorf("%s, %s: no case of it", tt.system, tt.fails)
		}
	}
}

// A method of gRPC has one name, before a gateway and behind it: what passes one counts
// once, in the figures, in the simulation and in the picture.
func TestGatewayPassesOnMethods(t *testing.T) {
	p := LinkSystem([]Package{{Path: "c", Functions: []Function{fn("c.main", Main, func(b *builder) {
		b.tries(2, b.add(Node{Kind: Send, Request: &Request{Protocol: "grpc", Operation: "/a.B/C", Authority: "edge:80", Resolved: true}}))
	})}}}, gateway(Route{Layers: []Layer{{Kind: ProxyLayer, Attempts: Amount{N: 3}, Modes: GRPCUnavailable}}}))
	want(t, "hard", hardOf(t, p, "c.main", "/a.B/C"), "6")
	v, _ := p.Value("c.main")
	want(t, "when healthy", row(t, v, "/a.B/C").Base.String(), "1")

	plan, _ := p.Plan("c.main", PlanOptions{})
	sends := 0
	for n := plan.Root; n != nil; {
		if n.Kind == PlanSend && !n.Passed {
			sends++
		}
		if len(n.Parts) == 0 {
			break
		}
		n = n.Parts[0]
	}
	want(t, "requests in the plan", fmt.Sprint(sends), "1")
	for _, e := range p.Graph(GraphOptions{}).Edges {
		if e.From == "/a.B/C" {
			t.Errorf("the method leads to %s, which leads to it", e.To)
		}
	}
}

// The timeout of a route becomes a 504, which a layer before it may repeat.
func TestProxyTimeout(t *testing.T) {
	limit := Layer{Kind: ProxyLayer, Attempts: Amount{N: 1}, Overall: time.Second}
	for modes, wanted := range map[ModeSet]string{Status504: "4", Status503: "1"} {
		p := LinkSystem([]Package{{Path: "c", Functions: []Function{fn("c.main", Main, func(b *builder) {
			b.repeat(Layer{Attempts: Amount{N: 4}, Modes: modes}, b.send("http", "GET edge:80/"))
		})}}}, gateway(Route{Layers: []Layer{limit}}))
		v, _ := p.Value("c.main")
		r := row(t, v, "GET app:8080/")
		want(t, "hang, repeated on "+modes.String(), r.Hang().String(), wanted)
	}
}

// The first route that is for a request takes it; one that something else decides
// about may.
func TestRouteOrder(t *testing.T) {
	to := func(name string) []Upstream { return []Upstream{{Name: name, Addresses: []string{name}}} }
	match := func(order int, m RouteMatch) RouteMatch { m.Order, m.Listens = order, []string{"edge:80"}; return m }
	routes := []Route{
		{ID: "1", RouteMatch: match(1, RouteMatch{Path: PathMatch{PrefixPath, "/a"}, Methods: []string{"GET"}}), To: to("get"), Layers: retries(1)},
		{ID: "2", RouteMatch: match(2, RouteMatch{Path: PathMatch{PrefixPath, "/a"}, Conditional: true}), To: to("canary"), Layers: retries(4)},
		{ID: "3", RouteMatch: match(3, RouteMatch{Path: PathMatch{SegmentsPath, "/a"}}), To: to("a"), Layers: retries(2)},
		{ID: "4", RouteMatch: match(4, RouteMatch{Path: PathMatch{TemplatePath, "/b/{id}"}}), Dynamic: "header x-cluster"},
		{ID: "5", RouteMatch: match(5, RouteMatch{}), To: to("rest")},
	}
	for _, tt := range []struct {
		operation string
		want      map[string]string
	}{
		{"GET edge:80/a/x", map[string]string{"GET get/a/x": "2"}},
		{"POST edge:80/a/x", map[string]string{"POST canary/a/x": "5", "POST a/a/x": "3"}},
		{"POST edge:80/ab", map[string]string{"POST canary/ab": "5", "POST rest/ab": "1"}},
		{"GET edge:80/b/7", map[string]string{"4 goes where header x-cluster tells": "1"}},
		{"GET edge:80/c", map[string]string{"GET rest/c": "1"}},
		{"GET other:80/c", nil},
	} {
		p := LinkSystem(client(tt.operation, 1), System{Estate: Estate{Routes: routes}})
		got := map[string]string{}
		v, _ := p.Value("c.main")
		for _, r := range v.Rows {
			if r.Target.Name != tt.operation {
				f := r.Hard()
				got[r.Target.Name] = f.String()
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(tt.want) && len(got)+len(tt.want) > 0 {
			t.Errorf("%s: got %v, want %v", tt.operation, got, tt.want)
		}
	}
}

// A layer repeats only the methods that it names; of a method that is not known it may.
func TestLayerMethods(t *testing.T) {
	layers := retries(3)
	layers[0].Methods = []string{"GET", "HEAD"}
	for operation, wanted := range map[string]string{"GET edge:80/x": "4", "POST edge:80/x": "1", "HTTP edge:80/x": "4"} {
		p := LinkSystem(client(operation, 1), gateway(Route{Layers: layers}))
		method := operation[:len(operation)-len(" edge:80/x")]
		want(t, operation, hardOf(t, p, "c.main", method+" app:8080/x"), wanted)
	}
}

func TestSteady(t *testing.T) {
	rate := func(perSecond float64) Conditions { return Conditions{Rate: perSecond, Hold: 100 * time.Millisecond} }
	for _, tt := range []struct {
		vector     string
		layer      Layer
		conditions Conditions
		want       string
	}{
		{"36, 1000 rps", Layer{Breaker: 3}, rate(1000), "1.03"},
		{"36, 1 rps (simulated 3.97)", Layer{Breaker: 3}, rate(1), "4"},
		{"37", Layer{}, rate(1000), "4"},
		{"37, 2³²−1", Layer{Breaker: 1<<32 - 1}, rate(1000), "4"},
		{"38, 10 000 rps", Layer{BudgetShare: 0.2, BudgetMin: 3}, rate(10_000), "1.25"},
		{"39 (simulated 2.55)", Layer{BudgetShare: 0.2, BudgetMin: 3}, rate(10), "4"},
		{"51, each of 500 proxies", Layer{BudgetShare: 0.2, BudgetMin: 3}, rate(1), "4"},
		{"a budget takes the place of the breaker", Layer{BudgetShare: 0.5, Breaker: 3}, rate(1000), "2"},
		{"41, 100 rps", Layer{BudgetRatio: 0.2, BudgetRate: 10}, rate(100), "1.3"},
		{"41, 5 rps", Layer{BudgetRatio: 0.2, BudgetRate: 10}, rate(5), "3.2"},
		{"by default", Layer{Breaker: 3}, Conditions{}, "1.03"},
	} {
		var b builder
		tt.layer.Attempts.N = 4
		b.repeat(tt.layer, b.send("http", "t"))
		r := row(t, Scope{Conditions: tt.conditions}.Evaluate(b.e), "t")
		want(t, tt.vector+": hard", r.Hard().String(), "4")
		want(t, tt.vector+": steady", r.Steady().String(), tt.want)
	}
}

// Vector 47, with cancellation: what the outer layer gives up stops below.
func TestVector47Cancelled(t *testing.T) {
	var b builder
	inner := b.repeat(Layer{Attempts: Amount{N: 6}, PerTry: 300 * time.Millisecond}, b.send("http", "t"))
	b.repeat(Layer{Attempts: Amount{N: 3}, PerTry: time.Second, Overall: 3 * time.Second}, inner)
	for cancels, wanted := range map[bool]string{false: "18", true: "12"} {
		r := row(t, Scope{Conditions: Conditions{Cancels: cancels}}.Evaluate(b.e), "t")
		want(t, fmt.Sprintf("cancelled: %t: hang", cancels), r.Hang().String(), wanted)
	}
}

// Vector 7: curl before HAProxy before nginx with three servers, chained by what each
// listens at.
func TestVector7(t *testing.T) {
	on503 := func(attempts int) []Layer {
		return []Layer{{Kind: ProxyLayer, Attempts: Amount{N: attempts}, Modes: Status503, Growth: NoWait}}
	}
	estate := Estate{Routes: []Route{
		{ID: "haproxy:1", System: "haproxy", RouteMatch: RouteMatch{Listens: []string{"lb:80"}}, Layers: on503(4), To: []Upstream{{Name: "web", Addresses: []string{"web:8080"}}}},
		{ID: "nginx:1", System: "nginx", RouteMatch: RouteMatch{Listens: []string{"web:8080"}}, Layers: on503(3), To: []Upstream{{Name: "app", Addresses: []string{"app:80"}}}},
	}}
	for _, tt := range []struct {
		operation string
		tries     int
		want      string
	}{{"GET lb:80/x", 4, "48"}, {"GET lb:80/x", 1, "12"}, {"GET web:8080/x", 1, "3"}} {
		p := LinkSystem(client(tt.operation, tt.tries), System{Estate: estate})
		want(t, fmt.Sprintf("%d × %s", tt.tries, tt.operation), hardOf(t, p, "c.main", "GET app:80/x"), tt.want)
	}
}
