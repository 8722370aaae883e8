package effective

import (
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/xds"
)

// The numbers of these tests are those of the vectors in the definition of amplification.

// edge is a bootstrap with one route, written as RouteAction, and clusters app, s and s2.
func edge(action, cluster string) string {
	text := `
static_resources:
  listeners:
  - address: {socket_address: {address: 0.0.0.0, port_value: 80}}
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: s
          route_config:
            virtual_hosts:
            - name: shop
              domains: ["*"]
              routes:
              - match: {prefix: /}
                route: ACTION
  clusters:
  - name: app
    connect_timeout: 1s
    CLUSTER
    load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: app, port_value: 8080}}}}]}]}
  - {name: s, connect_timeout: 1s, load_assignment: {cluster_name: s, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: s, port_value: 80}}}}]}]}}
  - {name: s2, connect_timeout: 1s}
`
	return strings.NewReplacer("ACTION", action, "CLUSTER", cluster).Replace(text)
}

// routesOf reads a configuration and gives its routes to the call graph.
func routesOf(t *testing.T, text string) []callgraph.Route {
	t.Helper()
	f := xds.Load("envoy.yaml", []byte(text))
	for _, x := range f.Findings {
		t.Errorf("%s:%d: %s", f.Name, x.Location.Line, x.Message)
	}
	return Resolve([]*xds.File{f}).Graph()
}

// through links one request, tried so often, to routes.
func through(t *testing.T, routes []callgraph.Route, operation string, tries int) callgraph.Value {
	t.Helper()
	return under(t, routes, operation, tries, callgraph.Conditions{})
}

func under(t *testing.T, routes []callgraph.Route, operation string, tries int, conditions callgraph.Conditions) callgraph.Value {
	t.Helper()
	effects := callgraph.Effects{Nodes: []callgraph.Node{
		{},
		{Kind: callgraph.Send, Request: &callgraph.Request{Protocol: "http", Operation: operation, Method: strings.Fields(operation)[0], Authority: "localhost:80", Resolved: true}},
		{Kind: callgraph.Repeat, Parts: []callgraph.Ref{1}, Layer: &callgraph.Layer{Attempts: callgraph.Amount{N: tries}}},
	}, Root: 2}
	packages := []callgraph.Package{{Path: "c", Functions: []callgraph.Function{{ID: "c.main", Name: "main", Entry: callgraph.Main, Body: effects}}}}
	v, ok := callgraph.LinkSystem(packages, callgraph.System{Estate: callgraph.Estate{Routes: routes}, Conditions: conditions}).Value("c.main")
	if !ok {
		t.Fatal("no value of c.main")
	}
	return v
}

// figures are the worst case and that of a hang for a target.
func figures(t *testing.T, v callgraph.Value, target string) (hard, hang string) {
	t.Helper()
	for i := range v.Rows {
		if r := &v.Rows[i]; r.Target.Name == target {
			hard, hang := r.Hard(), r.Hang()
			return hard.String(), hang.String()
		}
	}
	t.Fatalf("nothing is sent to %s: %+v", target, v.Rows)
	return "", ""
}

func TestVectorsOfRoutes(t *testing.T) {
	for name, tt := range map[string]struct{ action, hard, hang string }{
		"1: no policy":              {"{cluster: app}", "1", "1"},
		"2: one retry by default":   {"{cluster: app, retry_policy: {retry_on: 5xx}}", "2", "1"},
		"3: no condition":           {"{cluster: app, retry_policy: {num_retries: 3}}", "1", "1"},
		"3: unknown words":          {"{cluster: app, retry_policy: {num_retries: 3, retry_on: '5XX,gateway-eror'}}", "1", "1"},
		"12: per try below timeout": {"{cluster: app, timeout: 1s, retry_policy: {retry_on: 5xx, num_retries: 5, per_try_timeout: 0.25s}}", "6", "4"},
		"13: no limit of each try":  {"{cluster: app, timeout: 1s, retry_policy: {retry_on: 5xx, num_retries: 5}}", "6", "1"},
		"14: per try is ignored":    {"{cluster: app, timeout: 1s, retry_policy: {retry_on: 5xx, num_retries: 5, per_try_timeout: 2s}}", "6", "1"},
		"15: no timeout":            {"{cluster: app, timeout: 0s, retry_policy: {retry_on: 5xx, num_retries: 5, per_try_timeout: 0.25s}}", "6", "6"},
		"16: as Contour writes it":  {"{cluster: app, timeout: 1s, retry_policy: {retry_on: 5xx, num_retries: 3, per_try_timeout: 0.15s}}", "4", "4"},
		"45: hedging":               {"{cluster: app, timeout: 3s, retry_policy: {retry_on: connect-failure, num_retries: 2, per_try_timeout: 0.5s}, hedge_policy: {hedge_on_per_try_timeout: true}}", "3", "3"},
		"45: the same, not hedged":  {"{cluster: app, timeout: 3s, retry_policy: {retry_on: connect-failure, num_retries: 2, per_try_timeout: 0.5s}}", "3", "1"},
		"no retries asked for":      {"{cluster: app, retry_policy: {retry_on: 5xx, num_retries: 0}}", "1", "1"},
		"only for other methods":    {"{cluster: app, retry_policy: {retry_on: 5xx, retriable_request_headers: [{name: ':method', string_match: {exact: POST}}]}}", "1", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			v := through(t, routesOf(t, edge(tt.action, "")), "GET localhost:80/x", 1)
			if hard, hang := figures(t, v, "GET app:8080/x"); hard != tt.hard || hang != tt.hang {
				t.Errorf("hard %s, hang %s; want %s, %s", hard, hang, tt.hard, tt.hang)
			}
		})
	}
}

// Vector 15: nothing but the attempts bounds the time that the route may take.
func TestVector15Wall(t *testing.T) {
	routes := routesOf(t, edge("{cluster: app, timeout: 0s, retry_policy: {retry_on: 5xx, num_retries: 5, per_try_timeout: 0.25s}}", ""))
	l := routes[0].Layers[0]
	if l.Overall != 0 || l.PerTry != 250*time.Millisecond || l.MaxWait != (25+75+175+250+250)*time.Millisecond || l.Jitter != callgraph.Yes {
		t.Errorf("%+v", l)
	}
}

// Vectors 36 and 38 to 40: what bounds the retries of a fleet. The formula is held in callgraph; here it is that
// the layers carry what it needs.
func TestLimitsOfRetries(t *testing.T) {
	const action = "{cluster: app, retry_policy: {retry_on: 5xx, num_retries: 3}}"
	for name, tt := range map[string]struct {
		cluster string
		breaker int
		share   float64
		least   int
		rate    float64 // of requests a second, each of which takes 100 ms
		steady  string
	}{
		"36: the default breaker":              {"", 3, 0, 0, 1000, "1.03"},
		"36: the same at one request a second": {"", 3, 0, 0, 1, "4"},
		"37: no breaker to speak of":           {"circuit_breakers: {thresholds: [{max_retries: 4294967295}]}", 1<<31 - 1, 0, 0, 1000, "4"},
		"38: a budget by default":              {"circuit_breakers: {thresholds: [{retry_budget: {}}]}", 0, 0.2, 3, 10_000, "1.25"},
		"39: few requests":                     {"circuit_breakers: {thresholds: [{retry_budget: {}}]}", 0, 0.2, 3, 10, "4"},
		"40: half":                             {"circuit_breakers: {thresholds: [{retry_budget: {budget_percent: {value: 50}}}]}", 0, 0.5, 3, 10_000, "2"},
		"40: all":                              {"circuit_breakers: {thresholds: [{retry_budget: {budget_percent: {value: 100}}, max_retries: 9}]}", 0, 1, 3, 10_000, "4"},
		"limits of another priority":           {"circuit_breakers: {thresholds: [{priority: HIGH, max_retries: 100}]}", 3, 0, 0, 1000, "1.03"},
	} {
		t.Run(name, func(t *testing.T) {
			routes := routesOf(t, edge(action, tt.cluster))
			l := routes[0].Layers[0]
			budget := callgraph.No
			if tt.share > 0 {
				budget = callgraph.Yes
			}
			if l.Breaker != tt.breaker || l.BudgetShare != tt.share || l.BudgetMin != tt.least || l.Budget != budget {
				t.Errorf("breaker %d, share %v of at least %d, budget %v", l.Breaker, l.BudgetShare, l.BudgetMin, l.Budget)
			}
			v := under(t, routes, "GET localhost:80/x", 1, callgraph.Conditions{Rate: tt.rate, Hold: 100 * time.Millisecond})
			for i := range v.Rows {
				if r := &v.Rows[i]; r.Target.Name == "GET app:8080/x" {
					if steady := r.Steady(); steady.String() != tt.steady {
						t.Errorf("steady %s, want %s", steady.String(), tt.steady)
					}
				}
			}
		})
	}
}

// The limits of a cluster that is defined elsewhere are not known.
func TestLimitsOfUnknownClusters(t *testing.T) {
	l := routesOf(t, edge("{cluster: elsewhere, retry_policy: {retry_on: 5xx}}", ""))[0].Layers[0]
	if l.Breaker != 0 || l.Budget != callgraph.Unknown {
		t.Errorf("breaker %d, budget %v", l.Breaker, l.Budget)
	}
}

// Vectors 43 and 44: mirrors get a copy of each request that arrives, however often the route sends it.
func TestMirrors(t *testing.T) {
	routes := routesOf(t, edge("{cluster: app, retry_policy: {retry_on: 5xx, num_retries: 3}, request_mirror_policies: [{cluster: s}]}", ""))
	v := through(t, routes, "POST localhost:80/x", 4)
	if hard, _ := figures(t, v, "POST app:8080/x"); hard != "16" {
		t.Errorf("app %s, want 16", hard)
	}
	if hard, _ := figures(t, v, "POST s:80/x"); hard != "4" {
		t.Errorf("mirror %s, want 4", hard)
	}
	routes = routesOf(t, edge("{cluster: app, request_mirror_policies: [{cluster: s}, {cluster: s2, runtime_fraction: {default_value: {numerator: 50}}}]}", ""))
	if m := routes[0].Mirrors; len(m) != 2 || m[0].Fraction != 1 || m[1].Fraction != 0.5 {
		t.Errorf("%+v", m)
	}
}

const filters = `stat_prefix: s
          http_filters:
          - name: authz
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
              http_service:
                server_uri: {uri: "http://s", cluster: s, timeout: 1s}
                retry_policy: {retry_on: 5xx, num_retries: 2}
          - name: limit
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit
              domain: d
              rate_limit_service: {transport_api_version: V3, grpc_service: {envoy_grpc: {cluster_name: s2}}}`

// Vector 46: an authorization service is asked once for each request that arrives, and as often as its own policy
// says; what is answered for it (403) is not repeated. A rate limiter is asked if the route has actions for it, for
// at most 20 ms (RateLimit.timeout).
func TestVector46(t *testing.T) {
	text := strings.Replace(edge("{cluster: app, retry_policy: {retry_on: 5xx, num_retries: 2}}", ""), "stat_prefix: s", filters, 1)
	routes := routesOf(t, text)
	v := through(t, routes, "GET localhost:80/x", 1)
	if hard, _ := figures(t, v, "GET s:80/x"); hard != "3" {
		t.Errorf("authz %s, want 3", hard)
	}
	if hard, _ := figures(t, v, "GET app:8080/x"); hard != "3" {
		t.Errorf("app %s, want 3", hard)
	}
	if len(routes[0].Checks) != 1 {
		t.Errorf("%d checks, want that of authorization alone", len(routes[0].Checks))
	}
	text = strings.Replace(text, "cluster: app, retry", "cluster: app, rate_limits: [{actions: [{remote_address: {}}]}], retry", 1)
	limits := routesOf(t, text)[0].Checks[1]
	if limits.Name != "s2" || limits.Operation != "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit" || limits.Layers[0].Overall != 20*time.Millisecond || limits.Layers[0].Attempts.N != 1 {
		t.Errorf("%+v", limits)
	}
	disabled := "domains: [\"*\"]\n              typed_per_filter_config: {authz: {'@type': type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute, disabled: true}}"
	if checks := routesOf(t, strings.Replace(text, "domains: [\"*\"]", disabled, 1))[0].Checks; len(checks) != 1 || checks[0].Name != "s2" {
		t.Errorf("%+v", checks)
	}
}

// Vector 49: a client that may say that it is internal chooses the retries. The route itself has none.
func TestVector49(t *testing.T) {
	text := edge("{cluster: app}", "")
	text = strings.Replace(text, "stat_prefix: s", "stat_prefix: s\n          internal_address_config: {cidr_ranges: [{address_prefix: 10.0.0.0, prefix_len: 8}]}", 1)
	c := Resolve([]*xds.File{xds.Load("envoy.yaml", []byte(text))})
	if trusts, internal := c.Managers[0].TrustsForwardedFor(); !trusts || !internal {
		t.Errorf("trusts x-forwarded-for: %v, internal addresses: %v", trusts, internal)
	}
	text = strings.Replace(text, "stat_prefix: s", "stat_prefix: s\n          use_remote_address: true", 1)
	c = Resolve([]*xds.File{xds.Load("envoy.yaml", []byte(text))})
	if trusts, _ := c.Managers[0].TrustsForwardedFor(); trusts {
		t.Error("trusts x-forwarded-for in spite of use_remote_address")
	}
}

// Vector 50: connects are tried again, requests are not; one connect is the default (TcpProxy.max_connect_attempts).
func TestVector50(t *testing.T) {
	const listener = `
address: {socket_address: {address: 0.0.0.0, port_value: 80}}
filter_chains:
- filters:
  - name: tcp
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
      stat_prefix: db
      cluster: db
`
	r := routesOf(t, listener+"      max_connect_attempts: 21\n")[0]
	if l := r.Layers[0]; l.Attempts.N != 21 || l.Modes != callgraph.Refused || l.Growth != callgraph.NoWait || r.To[0].Name != "db" || r.Listens[0] != "0.0.0.0:80" {
		t.Errorf("%+v", r)
	}
	if r := routesOf(t, listener)[0]; len(r.Layers) != 0 {
		t.Errorf("%+v", r.Layers)
	}
}

// What goes to the cluster has the path that the route writes (RouteAction.prefix_rewrite, regex_rewrite).
func TestRewrites(t *testing.T) {
	for action, want := range map[string]string{
		"{cluster: app}":                            "/api/x",
		"{cluster: app, prefix_rewrite: /}":         "/x",
		"{cluster: app, prefix_rewrite: /v2/}":      "/v2/x",
		"{cluster: app, prefix_rewrite: '${PATH}'}": "/api/x",
		"{cluster: app, regex_rewrite: {pattern: {regex: '^/(api)/(.*)$'}, substitution: '/\\2/\\1'}}": "/x/api",
	} {
		text := strings.Replace(edge(action, ""), "{prefix: /}", "{prefix: /api/}", 1)
		v := through(t, routesOf(t, text), "GET localhost:80/api/x", 1)
		if hard, _ := figures(t, v, "GET app:8080"+want); hard != "1" {
			t.Errorf("%s: %s", action, hard)
		}
	}
}

// A dump that was cleaned has the same address for what listens and for what is called: nothing leads from the one to the other.
func TestAddressesThatWereWithheld(t *testing.T) {
	text := strings.NewReplacer("0.0.0.0", "IP_REDACTED", "address: app", "address: IP_REDACTED").Replace(edge("{cluster: app}", ""))
	if r := routesOf(t, text)[0]; len(r.Listens) != 0 || len(r.To[0].Addresses) != 0 {
		t.Errorf("%v leads to %v", r.Listens, r.To[0].Addresses)
	}
}

func TestRoutesSayWhereTheyStandAndWhatTheyAreFor(t *testing.T) {
	r := routesOf(t, edge("{cluster: app}", ""))[0]
	if r.ID != "envoy:envoy.yaml:16:17" || r.Name != "route / of shop" || r.Listens[0] != "0.0.0.0:80" || r.To[0].Addresses[0] != "app:8080" || r.Hosts[0] != "*" {
		t.Errorf("%+v", r)
	}
	if l := r.Layers[0]; l.Attempts.N != 1 || l.Overall != 15*time.Second {
		t.Errorf("%+v", l)
	}
	for action, dynamic := range map[string]string{
		"{cluster_header: x-c}": "header x-c",
		"{weighted_clusters: {clusters: [{name: app, weight: 1}, {name: s, weight: 3}]}}": "",
	} {
		if r := routesOf(t, edge(action, ""))[0]; r.Dynamic != dynamic {
			t.Errorf("%s: dynamic is %q", action, r.Dynamic)
		}
	}
}
