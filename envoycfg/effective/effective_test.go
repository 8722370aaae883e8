package effective

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/xds"
)

func TestMain(m *testing.M) {
	xds.Strict = true
	os.Exit(m.Run())
}

// resolve reads files, given as names and texts by turns.
func resolve(t *testing.T, namesAndTexts ...string) *Config {
	t.Helper()
	var files []*xds.File
	for i := 0; i < len(namesAndTexts); i += 2 {
		f := xds.Load(namesAndTexts[i], []byte(namesAndTexts[i+1]))
		for _, x := range f.Findings {
			t.Errorf("%s:%d: %s", f.Name, x.Location.Line, x.Message)
		}
		files = append(files, f)
	}
	return Resolve(files)
}

// theRoute reads a route, given as what stands below "routes:" of its virtual host.
func theRoute(t *testing.T, action string) *Route {
	t.Helper()
	text := "name: r\nvirtual_hosts:\n- name: v\n  domains: ['*']\n  routes:\n  - match: {prefix: /}\n    route: " + action + "\n"
	c := resolve(t, "routes.yaml", text)
	if len(c.Routes()) != 1 {
		t.Fatalf("%d routes in %s", len(c.Routes()), text)
	}
	return c.Routes()[0]
}

// The defaults are those that the comments of Envoy's protos state: RouteAction.timeout 15 s,
// HttpConnectionManager.stream_idle_timeout 5 min, and no limit for streams.
func TestTimeoutsThatNobodyChose(t *testing.T) {
	r := theRoute(t, "{cluster: c}")
	if r.Timeout.String() != "15s ("+EnvoyDefault+")" || r.Timeout.Chosen || r.Timeout.At.Line != 7 {
		t.Errorf("timeout is %s at line %d", r.Timeout, r.Timeout.At.Line)
	}
	if r.IdleTimeout.Value != 5*time.Minute || r.MaxStreamDuration.Value != 0 || r.GRPCTimeoutMax.Chosen {
		t.Errorf("idle %s, stream %s", r.IdleTimeout, r.MaxStreamDuration)
	}
	if bound, ok := r.Bound(); bound != 15*time.Second || !ok {
		t.Errorf("bound is %s", bound)
	}
	if r.Retry != nil || r.Retry.Active() {
		t.Error("there is a retry policy")
	}
}

// timeout: 0s turns the timeout off (RouteAction.timeout); what is left is the longest duration of streams.
func TestTimeoutOff(t *testing.T) {
	if bound, ok := theRoute(t, "{cluster: c, timeout: 0s}").Bound(); bound != 0 || !ok {
		t.Errorf("bound is %s", bound)
	}
	if bound, _ := theRoute(t, "{cluster: c, timeout: 0s, max_stream_duration: {max_stream_duration: 30s}}").Bound(); bound != 30*time.Second {
		t.Errorf("bound is %s, want that of streams", bound)
	}
}

// RetryPolicy: num_retries is 1 and the waits are 25 ms to ten times that; there is no limit for each try.
func TestRetryThatNobodyChose(t *testing.T) {
	p := theRoute(t, "{cluster: c, retry_policy: {retry_on: 5xx}}").Retry
	if p.Retries.Value != 1 || p.Retries.Chosen || p.BaseInterval.Value != 25*time.Millisecond || p.MaxInterval.Value != 250*time.Millisecond {
		t.Errorf("retries %s, waits %s to %s", p.Retries, p.BaseInterval, p.MaxInterval)
	}
	if d, ok := p.EffectivePerTry(); d != 0 || !ok || !p.Active() || p.From != "the route" {
		t.Errorf("per try %s, active %v, from %s", d, p.Active(), p.From)
	}
}

// Envoy drops words that it does not know (parseRetryOn in retry_state_impl.cc), and with them the policy.
func TestUnknownWordsRetryNothing(t *testing.T) {
	p := theRoute(t, "{cluster: c, retry_policy: {retry_on: '5XX, gateway-eror', num_retries: 3}}").Retry
	if p.Active() || len(p.Conditions) != 2 || !p.Conditions[0].Unknown {
		t.Errorf("active %v, conditions %+v", p.Active(), p.Conditions)
	}
	if at := p.Conditions[1].At; at.Line != 7 || at.End-at.Start != len("gateway-eror") {
		t.Errorf("the second word stands at %+v", at)
	}
}

// retriable_status_codes count only if retry_on has retriable-status-codes.
func TestStatusCodesNeedTheirWord(t *testing.T) {
	without := theRoute(t, "{cluster: c, retry_policy: {retry_on: connect-failure, retriable_status_codes: [503]}}").Retry
	with := theRoute(t, "{cluster: c, retry_policy: {retry_on: 'connect-failure,retriable-status-codes', retriable_status_codes: [503]}}").Retry
	if without.Modes() != callgraph.Refused || with.Modes() != callgraph.Refused|callgraph.Status503 {
		t.Errorf("without: %v, with: %v", without.Modes(), with.Modes())
	}
}

// A per_try_timeout that is not below the timeout is dropped (FilterUtility::finalTimeout).
func TestPerTryIsIgnored(t *testing.T) {
	for action, want := range map[string]bool{
		"{cluster: c, timeout: 1s, retry_policy: {retry_on: 5xx, per_try_timeout: 2s}}":                          true,
		"{cluster: c, timeout: 1s, retry_policy: {retry_on: 5xx, per_try_timeout: 1s}}":                          true,
		"{cluster: c, timeout: 1s, retry_policy: {retry_on: 5xx, per_try_timeout: 0.5s}}":                        false,
		"{cluster: c, timeout: 0s, retry_policy: {retry_on: 5xx, per_try_timeout: 2s}}":                          false,
		"{cluster: c, retry_policy: {retry_on: 5xx, per_try_timeout: 20s}}":                                      true,
		"{cluster: c, timeout: 1s, max_stream_duration: {}, retry_policy: {retry_on: 5xx, per_try_timeout: 2s}}": false,
		"{cluster: c, timeout: '${T}', retry_policy: {retry_on: 5xx, per_try_timeout: 2s}}":                      false,
	} {
		if got := theRoute(t, action).Retry.PerTryIgnored; got != want {
			t.Errorf("%s: ignored is %v", action, got)
		}
	}
}

// Retries are limited to methods by matchers of :method, which are alternatives
// (RetryPolicy.retriable_request_headers).
func TestMethodsOfRetries(t *testing.T) {
	for matchers, want := range map[string]string{
		"": "",
		"{name: ':method', string_match: {exact: GET}}":                                                                    "GET",
		"{name: ':method', string_match: {exact: GET}}, {name: ':method', exact_match: HEAD}":                              "GET HEAD",
		"{name: ':method', string_match: {safe_regex: {regex: 'GET|PUT'}}}":                                                "GET PUT",
		"{name: ':method', string_match: {exact: POST}, invert_match: true}":                                               "GET HEAD PUT DELETE CONNECT OPTIONS TRACE PATCH",
		"{name: ':method', string_match: {exact: GET}}, {name: x-retry, present_match: true}":                              "",
		"{name: ':method', string_match: {exact: get, ignore_case: true}}, {name: ':method', string_match: {exact: POST}}": "GET POST",
	} {
		text := "name: r\nvirtual_hosts: [{name: v, domains: ['*'], routes: [{match: {prefix: /}, route: {cluster: c, retry_policy: {retry_on: 5xx, retriable_request_headers: [" + matchers + "]}}}]}]\n"
		c := Resolve([]*xds.File{xds.Load("r.yaml", []byte(text))})
		methods, none := c.Routes()[0].RetriedMethods()
		if got := strings.Join(methods, " "); got != want || none {
			t.Errorf("%s: %q, want %q", matchers, got, want)
		}
	}
}

const twoLevels = `
name: r
request_mirror_policies: [{cluster: far}]
virtual_hosts:
- name: v
  domains: ['*']
  retry_policy: {retry_on: 5xx, num_retries: 7, per_try_timeout: 1s}
  hedge_policy: {hedge_on_per_try_timeout: true}
  request_mirror_policies: [{cluster: near, runtime_fraction: {default_value: {numerator: 25}}}]
  routes:
  - match: {path: /own}
    route:
      cluster: c
      retry_policy: {retry_on: connect-failure}
      hedge_policy: {}
      request_mirror_policies: [{cluster: own}, {cluster_header: x-mirror}]
  - match: {path: /inherits}
    route: {cluster: c}
`

// The policy of a route wins whole over that of its virtual host; nothing is merged (VirtualHost.retry_policy,
// RouteAction.retry_policy, request_mirror_policies).
func TestPoliciesOfVirtualHosts(t *testing.T) {
	routes := resolve(t, "r.yaml", twoLevels).Routes()
	own, inherits := routes[0], routes[1]
	if own.Retry.Retries.Value != 1 || own.Retry.PerTry.Chosen || inherits.Retry.Retries.Value != 7 || inherits.Retry.From != "the virtual host" {
		t.Errorf("own %s, inherited %s", own.Retry.Retries, inherits.Retry.Retries)
	}
	if own.Hedge.OnPerTryTimeout || !inherits.Hedge.OnPerTryTimeout {
		t.Error("hedging is merged")
	}
	if len(own.Mirrors) != 2 || own.Mirrors[0].Name != "own" || own.Mirrors[0].Fraction.Value != 1 || own.Mirrors[1].Header != "x-mirror" {
		t.Errorf("own mirrors %+v", own.Mirrors)
	}
	if len(inherits.Mirrors) != 1 || inherits.Mirrors[0].Name != "near" || inherits.Mirrors[0].Fraction.Value != 0.25 {
		t.Errorf("inherited mirrors %+v", inherits.Mirrors)
	}
}

// A policy of the cluster overrides that of the route (HttpProtocolOptions.retry_policy).
func TestPolicyOfTheCluster(t *testing.T) {
	c := resolve(t, "r.yaml", twoLevels, "r.clusters.yaml", `
- name: c
  connect_timeout: 1s
  typed_extension_protocol_options:
    envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
      "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
      explicit_http_config: {http2_protocol_options: {}}
      retry_policy: {retry_on: refused-stream, num_retries: 2}
`)
	if p := c.Routes()[0].Retry; p.From != "cluster c" || p.Retries.Value != 2 {
		t.Errorf("%s retries from %s", p.Retries, p.From)
	}
}

// Breakers are always on: 1024, 1024, 1024 and 3 retries, for each priority; a budget of {} is 20 % with at
// least 3 (circuit_breaker.proto).
func TestBreakersThatNobodyChose(t *testing.T) {
	c := resolve(t, "c.yaml", `
- {name: bare, connect_timeout: 1s}
- name: some
  connect_timeout: 1s
  circuit_breakers: {thresholds: [{max_retries: 9}, {priority: high, retry_budget: {}}]}
`)
	bare, some := c.Clusters[0].Breaker("DEFAULT"), c.Clusters[1].Breaker("DEFAULT")
	if bare.MaxRetries.Value != 3 || bare.MaxConnections.Value != 1024 || bare.MaxPending.Value != 1024 || bare.MaxRequests.Value != 1024 || bare.MaxRetries.Chosen {
		t.Errorf("bare: %+v", bare)
	}
	if some.MaxRetries.Value != 9 || !some.MaxRetries.Chosen || some.MaxRequests.Value != 1024 || some.Budget != nil {
		t.Errorf("some: %+v", some)
	}
	high := c.Clusters[1].Breaker("HIGH").Budget
	if high == nil || high.Percent.Value != 20 || high.MinConcurrency.Value != 3 || high.Percent.Chosen {
		t.Errorf("high: %+v", high)
	}
	if (*Cluster)(nil).Breaker("DEFAULT") != nil {
		t.Error("something is known of a cluster that is not there")
	}
	if c.Clusters[0].ConnectTimeout.Value != time.Second {
		t.Error("connect timeout")
	}
}

const bootstrap = `
static_resources:
  listeners:
  - name: edge
    address: {socket_address: {address: 0.0.0.0, port_value: 80}}
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: s
          stream_idle_timeout: 60s
          rds: {route_config_name: main, config_source: {path_config_source: {path: /etc/envoy/rds.yaml}}}
dynamic_resources:
  cds_config: {path_config_source: {path: /etc/envoy/cds.yaml}}
`

func TestNamesAreLookedUpInTheFilesOfSources(t *testing.T) {
	routes := "resources:\n- '@type': type.googleapis.com/envoy.config.route.v3.RouteConfiguration\n  name: main\n  virtual_hosts: [{name: v, domains: [shop], routes: [{match: {prefix: /}, route: {cluster: c}}]}]\n"
	clusters := "resources:\n- '@type': type.googleapis.com/envoy.config.cluster.v3.Cluster\n  name: c\n  connect_timeout: 1s\n"
	c := resolve(t, "deploy/envoy.yaml", bootstrap, "conf/rds.yaml", routes, "conf/cds.yaml", clusters, "other/rds2.yaml", routes)
	h := c.Managers[0]
	if h.Routes == nil || h.Routes.File.Name != "conf/rds.yaml" {
		t.Fatalf("routes are %+v, dynamic %q", h.Routes, h.Dynamic)
	}
	r := h.Routes.VirtualHosts[0].Routes[0]
	if r.Targets[0].Cluster == nil || r.Targets[0].Cluster.File.Name != "conf/cds.yaml" {
		t.Errorf("target %+v", r.Targets[0])
	}
	if r.IdleTimeout.Value != time.Minute || r.IdleTimeout.Origin == "" {
		t.Errorf("idle timeout %s is not the manager's", r.IdleTimeout)
	}
	if trusts, internal := h.TrustsForwardedFor(); !trusts || internal {
		t.Errorf("trusts x-forwarded-for: %v, internal addresses: %v", trusts, internal)
	}
	alone := resolve(t, "envoy.yaml", bootstrap).Managers[0]
	if alone.Routes != nil || alone.Dynamic == "" {
		t.Error("routes are found that are not there")
	}
}

func TestMatches(t *testing.T) {
	text := `
name: r
virtual_hosts:
- name: v
  domains: ['*']
  routes:
  - match: {prefix: /v1, headers: [{name: ':method', string_match: {exact: GET}}]}
    route: {cluster: c}
  - match: {path_separated_prefix: /v2, headers: [{name: x, present_match: true}]}
    direct_response: {status: 200}
  - match: {connect_matcher: {}}
    route: {cluster_header: x-c}
  - match: {prefix: /pkg.S/, grpc: {}}
    redirect: {}
`
	routes := resolve(t, "r.yaml", text).Routes()
	if m := routes[0].Match; !slices.Equal(m.Methods, []string{"GET"}) || m.Conditional || m.Path != (callgraph.PathMatch{Kind: callgraph.PrefixPath, Text: "/v1"}) {
		t.Errorf("%+v", m)
	}
	if r := routes[1]; !r.Match.Conditional || r.Kind != Respond || r.Match.Path.Kind != callgraph.SegmentsPath {
		t.Errorf("%+v", r)
	}
	if r := routes[2]; !r.Match.Connect || r.Dynamic != "header x-c" || len(r.Upgrades) != 1 {
		t.Errorf("%+v", r)
	}
	if r := routes[3]; !r.Match.GRPC || r.Kind != Redirect {
		t.Errorf("%+v", r)
	}
}

// All files of the corpus can be resolved, together.
func TestCorpus(t *testing.T) {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; filepath.Dir(dir) != dir; dir = filepath.Dir(dir) {
		if names, _ := filepath.Glob(filepath.Join(dir, "shared/corpus/envoy/envoy*/*")); len(names) > 0 {
			var files []*xds.File
			for _, name := range names {
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				if xds.Sniff(text) {
					files = append(files, xds.Load(filepath.Base(name), text))
				}
			}
			c := Resolve(files)
			found, all := 0, 0
			for _, r := range c.Routes() {
				for _, target := range r.Targets {
					all++
					if target.Cluster != nil {
						found++
					}
				}
			}
			t.Logf("%d listeners, %d managers, %d route configurations, %d clusters; %d of %d targets found",
				len(c.Listeners), len(c.Managers), len(c.RouteConfigs), len(c.Clusters), found, all)
			if len(c.Routes()) < 400 || found < 200 {
				t.Errorf("%d routes, %d targets found", len(c.Routes()), found)
			}
			return
		}
	}
	t.Skip("no shared/corpus/envoy above this folder")
}
