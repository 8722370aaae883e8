package effective

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
)

// system is what the call graph calls proxies with these configurations.
const system = "envoy"

// Graph gives the routes the form that the call graph links: those of HTTP, and those of connections. Routes
// of configurations that no known listener uses are among them, as a control plane may hand them out.
func (c *Config) Graph() []callgraph.Route {
	var all []callgraph.Route
	for _, r := range c.Routes() {
		if r.Kind != NonForwarder {
			all = append(all, r.graph(c))
		}
	}
	for _, l := range c.Listeners {
		for _, chain := range l.Chains {
			for _, p := range chain.TCP {
				all = append(all, p.graph(l))
			}
		}
	}
	return all
}

func posn(at finding.Location) callgraph.Posn {
	return callgraph.Posn{File: at.File, Line: at.Line, Col: at.Column}
}

func id(at callgraph.Posn) string {
	return fmt.Sprintf("%s:%s:%d:%d", system, at.File, at.Line, at.Col)
}

// Title is what people call the route: "route /v1 of shop".
func (r *Route) Title() string {
	title := r.Get("name").String()
	if title == "" {
		title = cmp.Or(r.Match.Path.Text, "/")
	}
	if r.Host.Name != "" {
		title += " of " + r.Host.Name
	}
	return "route " + title
}

func (r *Route) graph(c *Config) callgraph.Route {
	at := posn(r.Message.At())
	out := callgraph.Route{
		ID: id(at), Name: r.Title(), System: system, At: at,
		RouteMatch: callgraph.RouteMatch{
			Hosts: r.Host.Domains, Methods: r.Match.Methods, Path: r.Match.Path, Conditional: r.Match.Conditional, Order: r.Index,
		},
	}
	for _, h := range r.Host.Config.Managers {
		if h.Listener == nil {
			continue
		}
		if h.Listener.outbound() {
			out.Sidecar = true
		} else if a := h.Listener.Address(); a != "" && !slices.Contains(out.Listens, a) {
			out.Listens = append(out.Listens, a)
		}
	}
	out.Checks = r.checks(c) // of requests that Envoy answers itself, too
	switch r.Kind {
	case OtherAction:
		out.Dynamic = "a filter"
	case Forward:
		out.Dynamic = r.Dynamic
		out.To = upstreams(r.Targets)
		out.Mirrors = r.copies()
		out.Rewrite = r.rewrite()
		if layer, ok := r.layer(); ok {
			out.Layers = []callgraph.Layer{layer}
		}
	}
	return out
}

// outbound reports whether the listener takes what the workload beside it sends.
func (l *Listener) outbound() bool {
	return l.Sidecar() && l.Get("traffic_direction").Enum() != "INBOUND"
}

func upstreams(targets []Target) []callgraph.Upstream {
	var all []callgraph.Upstream
	for _, t := range targets {
		all = append(all, t.upstream())
	}
	return all
}

func (t *Target) upstream() callgraph.Upstream {
	u := callgraph.Upstream{Name: t.Name, At: posn(t.At)}
	if t.Cluster == nil {
		return u
	}
	u.At = posn(t.Cluster.At())
	for _, e := range t.Cluster.Endpoints {
		if a := e.Address(); a != "" && !slices.Contains(u.Addresses, a) {
			u.Addresses = append(u.Addresses, a)
		}
	}
	return u
}

// rewrite is what the route makes of paths. A prefix_rewrite takes the place of what the route matched: of the
// prefix, or of the whole path (RouteAction.prefix_rewrite).
func (r *Route) rewrite() callgraph.Rewrite {
	if to := r.Action.Get("prefix_rewrite"); to.Known() && to.String() != "" {
		for _, matched := range []string{"prefix", "path", "path_separated_prefix"} {
			if v := r.Match.Get(matched); v.Known() {
				return callgraph.Rewrite{Prefix: v.String(), To: to.String()}
			}
		}
	}
	regex := r.Action.Get("regex_rewrite")
	if pattern, to := regex.Get("pattern.regex"), regex.Get("substitution"); pattern.Known() && (to.Known() || !to.Set()) {
		return callgraph.Rewrite{Pattern: pattern.String(), To: to.String()}
	}
	return callgraph.Rewrite{}
}

// copies are the mirrors whose cluster the configuration names.
func (r *Route) copies() []callgraph.Mirror {
	var all []callgraph.Mirror
	for i := range r.Mirrors {
		m := &r.Mirrors[i]
		u := m.upstream()
		if m.Header != "" {
			u.Name = "cluster of header " + m.Header
			u.At = posn(m.Message.At())
		}
		fraction := m.Fraction.Value
		if !m.Fraction.Known {
			fraction = 1
		}
		all = append(all, callgraph.Mirror{Upstream: u, Fraction: fraction})
	}
	return all
}

// layer is what is around each request that the route sends on; false if nothing is.
func (r *Route) layer() (callgraph.Layer, bool) {
	l := callgraph.Layer{Kind: callgraph.ProxyLayer, Name: r.Title(), At: posn(r.Message.At()), Attempts: callgraph.Amount{N: 1}}
	if bound, known := r.Bound(); known {
		l.Overall = bound
	}
	methods, none := r.RetriedMethods()
	if none {
		return l, l.Overall > 0
	}
	p := r.Retry
	l.At, l.Methods, l.Modes = posn(p.RetryOn.At()), methods, p.Modes()
	l.Attempts = p.attempts()
	l.PerTry = p.TryLimit()
	if r.Hedge != nil && r.Hedge.OnPerTryTimeout && l.PerTry > 0 {
		l.Modes |= callgraph.Hang // whatever the conditions say (shouldHedgeRetryPerTryTimeout)
	}
	l.Growth, l.Jitter = callgraph.Growing, callgraph.Yes
	l.RetryAfter = callgraph.No
	if p.Has("rate_limited_retry_back_off") {
		l.RetryAfter = callgraph.Yes
	}
	if p.Retries.Known && p.BaseInterval.Known && p.MaxInterval.Known && p.Retries.Value < math.MaxInt32 {
		l.MaxWait = policy.EnvoyWait(int(p.Retries.Value), p.BaseInterval.Value, p.MaxInterval.Value)
	}
	r.limit(&l)
	return l, true
}

func (p *Retry) attempts() callgraph.Amount {
	if !p.Retries.Known {
		return callgraph.Amount{N: 1, Var: text(p.Get("num_retries"))}
	}
	return callgraph.Amount{N: int(min(p.Retries.Value, math.MaxInt32)) + 1}
}

// TryLimit is what ends one attempt to which nothing is answered: its timeout, or that for streams on
// which nothing happens. It is 0 if nothing does, or if that is not known.
func (p *Retry) TryLimit() time.Duration {
	limit, known := p.EffectivePerTry()
	idle := p.PerTryIdle
	if idle.Known && idle.Value > 0 && (limit == 0 || idle.Value < limit) && known {
		return idle.Value
	}
	return limit
}

// limit notes what bounds the retries to the clusters of the route: the weakest limit of them. Of a cluster
// that is defined elsewhere nothing is known.
func (r *Route) limit(l *callgraph.Layer) {
	if len(r.Targets) == 0 || r.Dynamic != "" {
		return
	}
	budgets, breaker := 0, 0
	for _, t := range r.Targets {
		b := t.Cluster.Breaker(r.Priority)
		switch {
		case b == nil, b.Budget == nil && !b.MaxRetries.Known:
			return
		case b.Budget == nil:
			breaker = max(breaker, int(min(b.MaxRetries.Value, math.MaxInt32)))
			continue
		case !b.Budget.Percent.Known || !b.Budget.MinConcurrency.Known:
			return
		}
		budgets++
		l.BudgetShare = max(l.BudgetShare, b.Budget.Percent.Value/100)
		l.BudgetMin = max(l.BudgetMin, int(min(b.Budget.MinConcurrency.Value, math.MaxInt32)))
	}
	l.Budget = callgraph.Yes
	if budgets < len(r.Targets) {
		l.Budget, l.BudgetShare, l.BudgetMin = callgraph.No, 0, 0
		l.Breaker = breaker
	}
}

// graph is a proxy of connections. It tries again only while no connection comes about.
func (p *TCPProxy) graph(l *Listener) callgraph.Route {
	at := posn(p.Message.At())
	out := callgraph.Route{
		ID: id(at), Name: "TCP proxy " + p.Get("stat_prefix").String(), System: system, At: at,
		RouteMatch: callgraph.RouteMatch{Sidecar: l.outbound(), Conditional: p.Chain.Has("filter_chain_match")},
	}
	if a := l.Address(); a != "" && !out.Sidecar {
		out.Listens = []string{a}
	}
	out.To = upstreams(p.Targets)
	if len(out.To) == 0 {
		out.Dynamic = "unknown cluster"
	}
	if n := p.ConnectAttempts; n.Known && n.Value > 1 {
		layer := callgraph.Layer{
			Kind: callgraph.ProxyLayer, Name: out.Name, At: posn(n.At), Modes: callgraph.Refused,
			Attempts: callgraph.Amount{N: int(min(n.Value, math.MaxInt32))}, Growth: callgraph.NoWait,
		}
		if p.Has("backoff_options") {
			layer.Growth = callgraph.Growing
		}
		out.Layers = []callgraph.Layer{layer}
	}
	return out
}

// text is what a template writes for a value, to name what it depends on.
func text(v xds.Value) string {
	if v.Node == nil {
		return ""
	}
	return fmt.Sprintf("%s at %s:%d", v.Field.Name, v.Node.File.Name, v.At().Line)
}
