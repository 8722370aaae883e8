package effective

import (
	"math"
	"strings"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/envoycfg/xds"
)

// Full names of the HTTP filters that ask another service about each request.
const (
	typeExtAuthz         = "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz"
	typeExtAuthzPerRoute = "envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute"
	typeRateLimit        = "envoy.extensions.filters.http.ratelimit.v3.RateLimit"
)

// What they call.
const (
	methodCheck     = "/envoy.service.auth.v3.Authorization/Check"
	methodRateLimit = "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit"
)

// defaultRateLimitTimeout is that of RateLimit.timeout (20 ms).
const defaultRateLimitTimeout = 20 * time.Millisecond

// checks are what the filters before the route ask about each request.
func (r *Route) checks(c *Config) []callgraph.Check {
	h := r.manager()
	if h == nil {
		return nil
	}
	var all []callgraph.Check
	for _, filter := range h.Filters {
		switch {
		case filter.Is(typeExtAuthz) && !r.authzDisabled():
			if service := filter.Get("http_service").Message(); service != nil {
				all = append(all, c.check(h.File, filter, service.Get("server_uri.cluster"), "", authzLayers(service)))
			} else {
				service := filter.Get("grpc_service")
				all = append(all, c.check(h.File, filter, service.Get("envoy_grpc.cluster_name"), methodCheck, grpcLayers(service, 0)))
			}
		case filter.Is(typeRateLimit) && r.rateLimited():
			service := filter.Get("rate_limit_service.grpc_service")
			limit := durationSetting(filter.Get("timeout"), defaultRateLimitTimeout)
			all = append(all, c.check(h.File, filter, service.Get("envoy_grpc.cluster_name"), methodRateLimit, grpcLayers(service, limit.Value)))
		}
	}
	return all
}

func (c *Config) check(f *xds.File, filter *xds.Message, cluster xds.Value, operation string, layers []callgraph.Layer) callgraph.Check {
	target := Target{Name: cluster.String(), At: filter.At()}
	if target.Name == "" {
		target.Name = "the service of " + filter.Type.ShortName()
	}
	target.Cluster = c.clusters.find(c, f, target.Name)
	u := target.upstream()
	u.At, u.Layers = posn(filter.At()), layers
	return callgraph.Check{Upstream: u, Operation: operation}
}

// authzDisabled reports whether the route or its virtual host asks nobody.
func (r *Route) authzDisabled() bool {
	for _, m := range []*xds.Message{r.Message, r.Host.Message} {
		for _, own := range m.Get("typed_per_filter_config").Messages() {
			if own.Is(typeExtAuthzPerRoute) {
				return own.Get("disabled").IsTrue() // what is nearer wins
			}
		}
	}
	return false
}

// rateLimited reports whether the route or its virtual host has actions for the rate limiter: without any, it
// is not asked.
func (r *Route) rateLimited() bool {
	return len(r.Action.Get("rate_limits").List()) > 0 || len(r.Host.Get("rate_limits").List()) > 0
}

// authzLayers are around the requests to an authorization service over HTTP: its timeout, and the retries
// that it has if it has a policy (HttpService.retry_policy).
func authzLayers(service *xds.Message) []callgraph.Layer {
	timeout, _ := service.Get("server_uri.timeout").Duration()
	return serviceLayers(service.Get("retry_policy"), timeout)
}

// grpcLayers are around the calls of a service of gRPC; a timeout of its own wins over the other.
func grpcLayers(service xds.Value, timeout time.Duration) []callgraph.Layer {
	if own, ok := service.Get("timeout").Duration(); ok {
		timeout = own
	}
	return serviceLayers(service.Get("retry_policy"), timeout)
}

// serviceLayers reads a core.v3.RetryPolicy, which has one retry unless it says otherwise. Where the proto
// leaves retry_on empty, nothing is tried again.
func serviceLayers(p xds.Value, timeout time.Duration) []callgraph.Layer {
	l := callgraph.Layer{Kind: callgraph.ProxyLayer, Name: "service of a filter", Attempts: callgraph.Amount{N: 1}, Overall: timeout}
	for word := range strings.SplitSeq(p.Get("retry_on").String(), ",") {
		l.Modes |= policy.EnvoyCondition(strings.TrimSpace(word), policy.Place{}).Modes
	}
	if l.Modes != 0 {
		retries := numberSetting(p.Get("num_retries"), DefaultRetries)
		l.Attempts = callgraph.Amount{N: int(min(retries.Value, math.MaxInt32)) + 1}
		l.At = posn(p.Get("retry_on").At())
		l.Growth, l.Jitter = callgraph.Growing, callgraph.Yes
	}
	if l.Attempts.N == 1 && timeout == 0 {
		return nil
	}
	return []callgraph.Layer{l}
}
