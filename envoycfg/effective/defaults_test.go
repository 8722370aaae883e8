package effective

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/envoycfg/xds"
)

// The tests of this file are of defaults and traps, each with the place where Envoy says so: a comment of its
// protos, router_filter.rst of its documentation, or its source.

// Only failures before the upstream had the request are safe to repeat: connect-failure, refused-stream,
// reset-before-request, and answers of the rate limiter (router_filter.rst; retry_state_impl.cc). retriable-4xx
// is 409 alone, by which the upstream says that it did not do what was asked.
func TestSafeConditions(t *testing.T) {
	var safe []string
	for _, word := range policy.EnvoyWords() {
		if c := policy.EnvoyCondition(word, policy.Place{}); c.Danger == policy.Safe && c.Modes != 0 {
			safe = append(safe, word)
		}
	}
	slices.Sort(safe)
	want := []string{"connect-failure", "envoy-ratelimited", "http3-post-connect-failure", "refused-stream", "reset-before-request", "retriable-4xx"}
	if !slices.Equal(safe, want) {
		t.Errorf("safe are %v, want %v", safe, want)
	}
}

// 5xx and gateway-error repeat any reset too, and with it tries that timed out (wouldRetryFromReset); words of
// gRPC stand in the same field (retry_policy_impl.cc).
func TestWhatConditionsMean(t *testing.T) {
	for word, want := range map[string]callgraph.ModeSet{
		"5xx":             callgraph.Refused | callgraph.Reset | callgraph.Hang | callgraph.Status500 | callgraph.Status502 | callgraph.Status503 | callgraph.Status504 | callgraph.Status5xx,
		"gateway-error":   callgraph.Refused | callgraph.Reset | callgraph.Hang | callgraph.Status502 | callgraph.Status503 | callgraph.Status504,
		"unavailable":     callgraph.GRPCUnavailable,
		"connect-failure": callgraph.Refused,
		"retriable-4xx":   callgraph.Status4xx, // of which it is 409 alone
		"cancelled":       0,
	} {
		if got := theRoute(t, "{cluster: c, retry_policy: {retry_on: '"+word+"'}}").Retry.Modes(); got != want {
			t.Errorf("%s: %v, want %v", word, got, want)
		}
	}
}

// Nothing in RetryStateImpl looks at the method: POST is repeated as GET is.
func TestRetriesDoNotLookAtTheMethod(t *testing.T) {
	if methods, none := theRoute(t, "{cluster: c, retry_policy: {retry_on: 5xx}}").RetriedMethods(); methods != nil || none {
		t.Errorf("only %v are repeated", methods)
	}
}

// What changes where a retry goes, or how long it waits, makes no more of them (RetryPolicy.retry_host_predicate,
// host_selection_retry_max_attempts, rate_limited_retry_back_off, refresh_cluster_on_retry), and
// retry_policy_typed_config is not implemented.
func TestWhatMakesNoRetries(t *testing.T) {
	const policyText = `{cluster: c, retry_policy: {retry_on: 5xx, refresh_cluster_on_retry: true, host_selection_retry_max_attempts: 5,
      rate_limited_retry_back_off: {reset_headers: [{name: retry-after, format: SECONDS}]}}}`
	layer, ok := theRoute(t, policyText).layer()
	if !ok || layer.Attempts.N != 2 || layer.RetryAfter != callgraph.Yes {
		t.Errorf("%+v", layer)
	}
	if layer, _ := theRoute(t, "{cluster: c, retry_policy: {retry_on: 5xx}}").layer(); layer.RetryAfter != callgraph.No {
		t.Error("Retry-After counts though nobody asked for it")
	}
	typed := `{cluster: c, retry_policy_typed_config: {"@type": type.googleapis.com/envoy.config.route.v3.RetryPolicy, retry_on: 5xx}}`
	if theRoute(t, typed).Retry.Active() {
		t.Error("a policy that is not implemented is active")
	}
}

// per_try_idle_timeout has no default; it ends a try on which nothing happens, and what ended is tried again
// as after a reset (RetryPolicy.per_try_idle_timeout).
func TestIdleTries(t *testing.T) {
	layer, _ := theRoute(t, "{cluster: c, retry_policy: {retry_on: reset, per_try_idle_timeout: 2s}}").layer()
	if layer.PerTry != 2*time.Second {
		t.Errorf("a try may take %s", layer.PerTry)
	}
}

// initial_requests and additional_request_chance of a hedging policy are not implemented (HedgePolicy).
func TestHedgesThatAreNotImplemented(t *testing.T) {
	layer, _ := theRoute(t, "{cluster: c, hedge_policy: {initial_requests: 4, additional_request_chance: {numerator: 100}}}").layer()
	if layer.Attempts.N != 1 {
		t.Errorf("%d attempts", layer.Attempts.N)
	}
}

// A service of a filter has one retry where its policy names conditions and no number (core.v3.RetryPolicy.num_retries). That of
// EnvoyGrpc is how long a stream waits before it is opened anew, and repeats no call (GrpcService.EnvoyGrpc.retry_policy).
func TestRetriesOfServices(t *testing.T) {
	const authz = "stat_prefix: s\n          http_filters:\n          - name: authz\n            typed_config:\n              \"@type\": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz\n              "
	for service, want := range map[string]int{
		"http_service: {server_uri: {uri: 'http://s', cluster: s, timeout: 1s}, retry_policy: {retry_on: 5xx}}":  2,
		"http_service: {server_uri: {uri: 'http://s', cluster: s, timeout: 1s}, retry_policy: {num_retries: 3}}": 1,
		"grpc_service: {timeout: 1s, envoy_grpc: {cluster_name: s, retry_policy: {num_retries: 5}}}":             1,
		"grpc_service: {timeout: 1s, envoy_grpc: {cluster_name: s}, retry_policy: {retry_on: unavailable}}":      2,
	} {
		r := resolve(t, "envoy.yaml", strings.Replace(edge("{cluster: app}", ""), "stat_prefix: s", authz+service, 1))
		if checks := r.Graph()[0].Checks; len(checks) != 1 || len(checks[0].Layers) != 1 || checks[0].Layers[0].Attempts.N != want {
			t.Errorf("%s: %+v, want %d attempts", service, checks, want)
		}
	}
}

// A budget is 20 % and at least 3 retries whatever it is measured over (RetryBudget.budget_interval); it overrides max_retries.
func TestBudgetOfAnInterval(t *testing.T) {
	c := resolve(t, "c.yaml", "name: c\nlb_policy: RANDOM\ncircuit_breakers: {thresholds: [{max_retries: 9, retry_budget: {budget_interval: 10s}}]}\n")
	if b := c.Clusters[0].Breaker("DEFAULT").Budget; b == nil || b.Percent.Value != 20 || b.MinConcurrency.Value != 3 || b.Percent.Chosen {
		t.Errorf("%+v", b)
	}
}

// The longest wait is ten times the base (RetryPolicy.RetryBackOff.max_interval).
func TestLongestWait(t *testing.T) {
	if p := theRoute(t, "{cluster: c, retry_policy: {retry_on: 5xx, retry_back_off: {base_interval: 1s}}}").Retry; p.MaxInterval.Value != 10*time.Second || p.MaxInterval.Chosen {
		t.Errorf("%s", p.MaxInterval)
	}
}

// A route's max_stream_duration takes the place of its timeout, even if nothing is in it (usingNewTimeouts in
// FilterUtility::finalTimeout of router.cc). max_stream_duration of a route is the manager's unless it is set; 0 turns the manager's off. The grpc-timeout header does
// not count unless grpc_timeout_header_max or max_grpc_timeout is set, and 0 there leaves it as it is
// (RouteAction.MaxStreamDuration, RouteAction.max_grpc_timeout).
func TestStreamDurations(t *testing.T) {
	const manager = "stat_prefix: s\n          common_http_protocol_options: {max_stream_duration: 30s}"
	for action, want := range map[string]time.Duration{
		"{cluster: app, timeout: 0s}": 30 * time.Second,
		"{cluster: app, timeout: 0s, max_stream_duration: {max_stream_duration: 0s}}": 0,
		"{cluster: app, timeout: 0s, max_stream_duration: {max_stream_duration: 5s}}": 5 * time.Second,
		"{cluster: app}": 15 * time.Second,
		"{cluster: app, max_stream_duration: {max_stream_duration: 60s}}":             60 * time.Second,
		"{cluster: app, timeout: 5s, max_stream_duration: {}}":                        30 * time.Second,
		"{cluster: app, timeout: 5s, max_stream_duration: {max_stream_duration: 0s}}": 0,
	} {
		text := strings.Replace(edge(action, ""), "stat_prefix: s", manager, 1)
		r := resolve(t, "envoy.yaml", text).Routes()[0]
		if bound, known := r.Bound(); bound != want || !known {
			t.Errorf("%s: %s, want %s", action, bound, want)
		}
	}
	for action, want := range map[string]string{
		"{cluster: c}": "0s (" + EnvoyDefault + ")",
		"{cluster: c, max_stream_duration: {grpc_timeout_header_max: 0s}}": "0s",
		"{cluster: c, max_stream_duration: {grpc_timeout_header_max: 9s}}": "9s",
	} {
		if got := theRoute(t, action).GRPCTimeoutMax; got.String() != want {
			t.Errorf("%s: %s, want %s", action, got, want)
		}
	}
}

// HttpConnectionManager: stream_idle_timeout is 5 min, request_timeout and request_headers_timeout are off;
// HttpProtocolOptions: idle_timeout is 1 h, max_stream_duration is none. use_remote_address is false.
func TestManagersOfWhichNobodyChoseAnything(t *testing.T) {
	h := resolve(t, "envoy.yaml", edge("{cluster: app}", "")).Managers[0]
	if h.StreamIdle.Value != 5*time.Minute || h.RequestTimeout.Value != 0 || h.HeadersTimeout.Value != 0 || h.IdleTimeout.Value != time.Hour || h.MaxStreamDuration.Value != 0 {
		t.Errorf("%s, %s, %s, %s, %s", h.StreamIdle, h.RequestTimeout, h.HeadersTimeout, h.IdleTimeout, h.MaxStreamDuration)
	}
	if h.UsesRemoteAddress() || !h.RequestTimeout.Known || h.RequestTimeout.Chosen {
		t.Error("somebody chose something")
	}
}

// Cluster.connect_timeout is 5 s, and without a transport_socket connections are in clear text.
func TestClustersOfWhichNobodyChoseAnything(t *testing.T) {
	c := resolve(t, "c.yaml", "name: c\nlb_policy: RANDOM\n").Clusters[0]
	if c.ConnectTimeout.Value != 5*time.Second || c.ConnectTimeout.Chosen || c.TLS || c.HTTP != nil || c.Has("outlier_detection") {
		t.Errorf("connect timeout %s, TLS %v", c.ConnectTimeout, c.TLS)
	}
}

// A health check needs its interval, timeout and thresholds, and an authorization service over HTTP its timeout
// (HealthCheck, HttpUri): Envoy starts with none of them.
func TestWhatHasNoDefault(t *testing.T) {
	f := xds.Load("c.yaml", []byte("name: c\nlb_policy: RANDOM\nhealth_checks: [{tcp_health_check: {}}]\n"))
	var missing []string
	for _, x := range f.Findings {
		missing = append(missing, x.Message)
	}
	for _, field := range []string{"timeout", "interval", "unhealthy_threshold", "healthy_threshold"} {
		if !slices.ContainsFunc(missing, func(m string) bool { return strings.Contains(m, "HealthCheck needs "+field+":") }) {
			t.Errorf("%s may be missing: %v", field, missing)
		}
	}
	authz := `name: envoy.filters.http.ext_authz
typed_config:
  "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
  http_service: {server_uri: {uri: "http://a", cluster: a}}
`
	if f := xds.Load("f.yaml", []byte(authz)); len(f.Findings) != 1 || !strings.Contains(f.Findings[0].Message, "HttpUri needs timeout") {
		t.Errorf("%+v", f.Findings)
	}
}
