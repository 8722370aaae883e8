package mesh

import (
	"strconv"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/tree"
)

var envoyGatewaySystem = policy.System{ID: "envoy-gateway", Name: "Envoy Gateway", Envoy: true}

// Defaults of Envoy Gateway (api/v1alpha1/retry_types.go, and its translation to xDS: max_retries is 1024 there).
const (
	envoyGatewayDefault = "Envoy Gateway's default"
	envoyGatewayRetries = 2
	envoyGatewayBreaker = 1024
	envoyDefault        = "Envoy's default"
)

// An attachment is a BackendTrafficPolicy and what it is for.
type attachment struct {
	policy *manifest.Object
	used   bool
}

type attachments struct {
	all []*attachment
	by  map[string][]*attachment // kind and name of what a policy is for
}

// trafficPolicies gathers the policies of Envoy Gateway.
func (d *documents) trafficPolicies() *attachments {
	a := &attachments{by: map[string][]*attachment{}}
	for _, o := range d.of("gateway.envoyproxy.io", "BackendTrafficPolicy") {
		one := &attachment{policy: o}
		a.all = append(a.all, one)
		for _, t := range targets(o) {
			key := manifest.Text(t.Get("kind")) + "/" + manifest.Text(t.Get("name"))
			a.by[key] = append(a.by[key], one)
		}
		d.trafficBreaker(o)
	}
	return a
}

// targets lists the references of a policy, in its present and its former form.
func targets(o *manifest.Object) []*tree.Node {
	all := items(o.Spec().Get("targetRefs"))
	if one := o.Spec().Get("targetRef"); one != nil {
		all = append(all, one)
	}
	return all
}

// isFor reports whether a policy is attached to a document of a kind and name.
func isFor(p *manifest.Object, kind, name, namespace string) bool {
	if name == "" || p.Namespace != namespace && p.Namespace != "" && namespace != "" {
		return false
	}
	for _, t := range targets(p) {
		if manifest.Text(t.Get("kind")) == kind && manifest.Text(t.Get("name")) == name && t.Get("sectionName") == nil {
			return true
		}
	}
	return false
}

// apply adds the policies of a route: that of the route itself, or else that of its gateway.
func (a *attachments) apply(d *documents, o *manifest.Object, r *policy.Route) {
	best := a.find(o, o.Kind, o.Name, o.Namespace)
	if best == nil {
		for _, parent := range items(o.Spec().Get("parentRefs")) {
			namespace := manifest.Text(parent.Get("namespace"))
			if namespace == "" {
				namespace = o.Namespace
			}
			name := manifest.Text(parent.Get("name"))
			best = a.find(o, "Gateway", name, namespace)
			if best != nil {
				break
			}
		}
	}
	if best == nil {
		return
	}
	best.used = true
	r.System = envoyGatewaySystem
	d.trafficPolicyOf(r, best.policy)
}

// find is the policy for a document of a kind and name that is nearest to a route; nil if there is none.
func (a *attachments) find(o *manifest.Object, kind, name, namespace string) *attachment {
	var best *attachment
	for _, at := range a.by[kind+"/"+name] {
		if isFor(at.policy, kind, name, namespace) && (best == nil || manifest.Distance(o.File(), at.policy.File()) < manifest.Distance(o.File(), best.policy.File())) {
			best = at
		}
	}
	return best
}

// trafficPolicyOf adds what a policy says to a route that does not say it itself.
func (d *documents) trafficPolicyOf(r *policy.Route, p *manifest.Object) {
	if t := p.Spec().Get("timeout").Get("http").Get("requestTimeout"); t != nil && !r.Timeout.At.Written() {
		r.Timeout = d.duration(t, policy.Time{})
	}
	if !r.Timeout.Known && !r.Timeout.At.Written() {
		r.Timeout = policy.DefaultTime(policy.EnvoyTimeout, envoyDefault)
	}
	if r.Retry == nil {
		r.Retry = d.trafficRetry(p)
	}
	if r.Retry != nil {
		breaker := p.Spec().Get("circuitBreaker")
		r.Retry.Breaker = d.number(breaker.Get("maxParallelRetries"), policy.DefaultCount(envoyGatewayBreaker, envoyGatewayDefault))
		if b := d.trafficBudget(breaker.Get("retryBudget")); b != nil {
			r.Retry.Budget = b
		}
		r.Retry.Where = "the backends"
		d.report.Unlimited(r.Retry.Breaker, r.Retry.Budget)
	}
}

// trafficRetry reads the retry of a BackendTrafficPolicy.
func (d *documents) trafficRetry(p *manifest.Object) *policy.Retry {
	n := p.Spec().Get("retry")
	if n == nil || n.Kind != tree.Object {
		return nil
	}
	d.fields(n, "retry of a BackendTrafficPolicy", "numRetries", "retryOn", "perRetry", "numAttemptsPerPriority")
	r := &policy.Retry{At: policy.AtKey(p.Spec(), "retry"), Growth: callgraph.Growing, Jitter: callgraph.Yes}
	r.Retries = d.retries(n.Get("numRetries"), policy.DefaultCount(envoyGatewayRetries, envoyGatewayDefault))
	r.PerTry = d.duration(n.Get("perRetry").Get("timeout"), policy.DefaultTime(0, envoyGatewayDefault))
	on := n.Get("retryOn")
	for _, w := range items(on.Get("triggers")) {
		if word := manifest.Text(w); word != "" {
			r.On = append(r.On, policy.EnvoyCondition(word, policy.At(w)))
		}
	}
	for _, c := range items(on.Get("httpStatusCodes")) {
		if code, err := strconv.Atoi(manifest.Text(c)); err == nil {
			r.On = append(r.On, policy.StatusCondition(code, policy.At(c)))
		}
	}
	if len(r.On) > 0 {
		r.OnAt = policy.At(on)
	} else {
		r.OnOrigin = envoyGatewayDefault
		r.On = append(policy.Conditions(istioRetryOn, policy.Place{}), policy.StatusCondition(503, policy.Place{}))
	}
	backOff := n.Get("perRetry").Get("backOff")
	base := d.duration(backOff.Get("baseInterval"), policy.DefaultTime(policy.EnvoyBaseWait, envoyDefault))
	maximum := d.duration(backOff.Get("maxInterval"), policy.DefaultTime(policy.EnvoyWaitFactor*base.Value, envoyDefault))
	if r.Retries.Known && base.Known && maximum.Known {
		r.Wait = policy.EnvoyWait(r.Retries.N, base.Value, maximum.Value)
	}
	return r
}

func (d *documents) trafficBudget(n *tree.Node) *policy.Budget {
	if n == nil || n.Kind != tree.Object {
		return nil
	}
	b := &policy.Budget{Share: policy.EnvoyBudget, Min: policy.EnvoyBudgetMin, At: policy.At(n)} // as Envoy's
	if value, ok := percent(n.Get("percent").Get("numerator")); ok {
		of, ok := percent(n.Get("percent").Get("denominator"))
		if !ok || of == 0 {
			of = 100
		}
		b.Share = value / of
	}
	if m := d.number(n.Get("minRetryConcurrency"), policy.Count{}); m.Known {
		b.Min = m.N
	}
	return b
}

// trafficBreaker checks the circuit breaker of a policy for itself.
func (d *documents) trafficBreaker(p *manifest.Object) {
	breaker := p.Spec().Get("circuitBreaker")
	if breaker.Get("maxParallelRetries") == nil {
		return
	}
	n := d.number(breaker.Get("maxParallelRetries"), policy.Count{})
	if n.Known && n.N < 0 {
		d.report.Addf(policy.Invalid, n.At, "", "%d is no number of retries: expected 0 or more", n.N)
	}
}

// unattached asks the rules of policies whose routes are out of sight.
func (d *documents) unattached(a *attachments) {
	for _, at := range a.all {
		if at.used {
			continue
		}
		r := policy.Route{
			System: envoyGatewaySystem, At: policy.At(at.policy.Spec()), Name: ownerOf(at.policy).Name, Unattached: true,
			Matches: []callgraph.RouteMatch{{}},
		}
		d.trafficPolicyOf(&r, at.policy)
		d.routes = append(d.routes, r)
	}
}
