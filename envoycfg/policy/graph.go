package policy

import (
	"fmt"
	"time"

	"github.com/commslint/commslint/callgraph"
)

// Graph gives a route the form that the call graph links: one route for each way to match it.
func (r *Route) Graph() []callgraph.Route {
	if r.Unattached {
		return nil
	}
	at := r.At.posn()
	out := callgraph.Route{Name: r.Name, System: r.System.ID, At: at, To: r.To, Dynamic: r.Dynamic}
	for _, m := range r.Mirrors {
		out.Mirrors = append(out.Mirrors, callgraph.Mirror{Upstream: m.Upstream, Fraction: m.Fraction})
	}
	if layer, ok := r.layer(); ok && !r.Answers {
		out.Layers = []callgraph.Layer{layer}
	}
	all := make([]callgraph.Route, len(r.Matches))
	for i, match := range r.Matches {
		all[i] = out
		all[i].RouteMatch = match
		all[i].Rewrite = r.Rewrite.of(match.Path)
		all[i].ID = fmt.Sprintf("%s:%s:%d:%d", r.System.ID, at.File, at.Line, at.Col)
		if r.Variant != "" {
			all[i].ID += ":" + r.Variant
		}
		if i > 0 {
			all[i].ID += fmt.Sprintf(":%d", i+1)
		}
	}
	return all
}

// layer is what is around each request that the route sends on; false if nothing is.
func (r *Route) layer() (callgraph.Layer, bool) {
	l := callgraph.Layer{Kind: callgraph.ProxyLayer, Name: r.Name, At: r.At.posn(), Attempts: callgraph.Amount{N: 1}}
	if r.Timeout.Known {
		l.Overall = r.Timeout.Value
	}
	retry := r.Retry
	if !retry.active() {
		return l, l.Overall > 0
	}
	if retry.At.Written() {
		l.At = retry.At.posn()
	}
	if !retry.written() && retry.Origin != "" {
		l.Name += ": " + retry.Origin
	}
	l.Attempts = callgraph.Amount{N: 1 + retry.Retries.N}
	if retry.Retries.Unbounded {
		l.Attempts.N = callgraph.Unbounded
	}
	if !retry.Retries.Known {
		l.Attempts = callgraph.Amount{N: 1, Var: retry.Retries.Var}
		if l.Attempts.Var == "" {
			l.Attempts.Var = "retries of " + r.Name
		}
	}
	l.Modes, l.Methods = retry.modes(), retry.Methods
	l.Growth, l.Jitter, l.MaxWait = retry.Growth, retry.Jitter, retry.Wait
	if hung, ok := r.windowed(); ok {
		l.Overall = time.Duration(hung) * retry.PerTry.Value
	}
	if p := retry.PerTry; p.Known && (l.Overall == 0 || p.Value < l.Overall) {
		l.PerTry = p.Value // one that is not below the timeout is dropped by Envoy
	}
	l.Budget = callgraph.No
	if b := retry.Budget; b != nil {
		l.Budget, l.BudgetShare, l.BudgetRatio, l.BudgetMin = callgraph.Yes, b.Share, b.Ratio, b.Min
		l.BudgetRate = b.Rate
	} else if retry.Breaker.Known {
		l.Breaker = retry.Breaker.N
	}
	return l, true
}
