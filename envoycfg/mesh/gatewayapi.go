package mesh

import (
	"strconv"
	"strings"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/tree"
)

const gatewayGroup = "gateway.networking.k8s.io"

// The Gateway API leaves to implementations how often and after what they send again, so that
// little is certain where the implementation is not in sight (GEP-1731, GEP-1742).
var gatewaySystem = policy.System{ID: "gateway-api", Name: "the Gateway API", Open: true}

const gatewayDefault = "left to the implementation"

// istioGatewaySystem is Istio, whose defaults for VirtualServices hold for these routes, too: it makes the one of the other
// (pilot/pkg/config/kube/gateway/conversion.go).
var istioGatewaySystem = policy.System{ID: "gateway-api", Name: "Istio", Envoy: true}

// controllers are the implementations that are Envoy, by how their controllers and classes are called.
var controllers = []struct {
	name   string
	system policy.System
}{
	{"gateway.envoyproxy.io", envoyGatewaySystem},
	{"istio", istioGatewaySystem},
	{"projectcontour.io", policy.System{ID: "gateway-api", Name: "Contour", Envoy: true}},
	{"contour", policy.System{ID: "gateway-api", Name: "Contour", Envoy: true}},
	{"gateways.kuma.io", policy.System{ID: "gateway-api", Name: "Kuma", Envoy: true}},
	{"kgateway.dev", policy.System{ID: "gateway-api", Name: "kgateway", Envoy: true}},
	{"io.cilium", policy.System{ID: "gateway-api", Name: "Cilium", Envoy: true}},
}

// gatewayAPI reads HTTPRoutes and GRPCRoutes, with the policies that Envoy Gateway attaches to them.
func (d *documents) gatewayAPI() {
	attached := d.trafficPolicies()
	for _, kind := range []string{"HTTPRoute", "GRPCRoute"} {
		for _, o := range d.of(gatewayGroup, kind) {
			d.gatewayRoute(o, attached)
		}
	}
	for _, o := range d.of("policy.linkerd.io", "HTTPRoute") {
		d.gatewayRoute(o, attached)
	}
	d.unattached(attached)
}

var ruleFields = []string{"name", "matches", "filters", "backendRefs", "timeouts", "retry", "sessionPersistence"}

func (d *documents) gatewayRoute(o *manifest.Object, attached *attachments) {
	system := d.implementation(o)
	owner := ownerOf(o)
	rules := items(o.Spec().Get("rules"))
	for i, n := range rules {
		if n.Kind != tree.Object {
			continue
		}
		d.misspelt(n, "a rule of a route", ruleFields...)
		r := policy.Route{System: system, At: policy.At(n), Owner: owner, Name: routeName(n, i, len(rules)) + " of " + owner.Name, GRPC: o.Kind == "GRPCRoute"}
		r.Matches, r.Keyed = d.gatewayMatches(o, n, i)
		for _, ref := range items(n.Get("backendRefs")) {
			if to, ok := backend(ref); ok {
				r.To = append(r.To, to)
			}
		}
		gatewayFilters(&r, n)
		times := n.Get("timeouts")
		d.fields(times, "timeouts of a route", "request", "backendRequest")
		r.Timeout = d.duration(times.Get("request"), policy.Time{})
		r.Retry = d.gatewayRetry(system, n, times)
		d.annotated(&r, o)
		d.retryConstraint(&r, o)
		attached.apply(d, o, &r)
		d.istioDefaults(&r, o)
		if system.Envoy && !r.Timeout.Known && !r.Timeout.At.Written() && system.ID == envoyGatewaySystem.ID {
			r.Timeout = policy.DefaultTime(policy.EnvoyTimeout, envoyDefault)
		}
		d.routes = append(d.routes, r)
	}
}

// istioDefaults adds what Istio does with a route that says nothing.
func (d *documents) istioDefaults(r *policy.Route, o *manifest.Object) {
	if r.System != istioGatewaySystem {
		return
	}
	if !r.Timeout.Known && !r.Timeout.At.Written() {
		r.Timeout = policy.DefaultTime(0, istioDefault)
	}
	if r.Retry == nil {
		r.Retry = d.meshRetry(o.File())
	}
	for _, to := range r.To {
		if breaker, budget, ok := d.destinationLimits(o, to.Name, "", ""); ok && (r.Retry.Where == "" || looser(breaker, budget, r.Retry.Breaker, r.Retry.Budget)) {
			r.Retry.Breaker, r.Retry.Budget, r.Retry.Where = breaker, budget, to.Name
		}
	}
}

// implementation tells what serves a route, by the class of the gateways that it is attached to.
func (d *documents) implementation(o *manifest.Object) policy.System {
	for _, parent := range items(o.Spec().Get("parentRefs")) {
		if kind := manifest.Text(parent.Get("kind")); kind != "" && kind != "Gateway" {
			continue
		}
		gateway := d.referred(gatewayGroup+"/Gateway", o, parent)
		if gateway == nil {
			continue
		}
		class := manifest.Text(gateway.Spec().Get("gatewayClassName"))
		controller := class
		for _, c := range d.nearestNamed(gatewayGroup+"/GatewayClass", class, gateway.File(), func(*manifest.Object) bool { return true }) {
			controller = manifest.Text(c.Spec().Get("controllerName"))
		}
		for _, known := range controllers {
			if strings.HasPrefix(controller, known.name) {
				return known.system
			}
		}
	}
	return gatewaySystem
}

// referred is the nearest document that a reference of another names; nil if it is out of sight.
func (d *documents) referred(kind string, from *manifest.Object, ref *tree.Node) *manifest.Object {
	name, namespace := manifest.Text(ref.Get("name")), manifest.Text(ref.Get("namespace"))
	if namespace == "" {
		namespace = from.Namespace
	}
	found := d.nearestNamed(kind, name, from.File(), func(o *manifest.Object) bool {
		return (o.Namespace == namespace || o.Namespace == "" || namespace == "")
	})
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// gatewayMatches lists the ways to match a rule. A route that is attached to a Service is for those who call that.
func (d *documents) gatewayMatches(o *manifest.Object, rule *tree.Node, order int) (all []callgraph.RouteMatch, keyed bool) {
	base := callgraph.RouteMatch{Order: order, Hosts: texts(o.Spec().Get("hostnames"))}
	for _, parent := range items(o.Spec().Get("parentRefs")) {
		if manifest.Text(parent.Get("kind")) != "Service" {
			continue
		}
		base.Sidecar = true
		namespace := manifest.Text(parent.Get("namespace"))
		if namespace == "" {
			namespace = o.Namespace
		}
		base.Hosts = append(base.Hosts, manifest.HostNames(manifest.Text(parent.Get("name")), namespace)...)
	}
	matches := items(rule.Get("matches"))
	if len(matches) == 0 {
		return []callgraph.RouteMatch{base}, false
	}
	keyed = true
	for _, m := range matches {
		one := base
		one.Path = gatewayPath(m)
		if method := m.Get("method"); method != nil && method.Kind == tree.String {
			one.Methods = texts1(method)
		}
		hasKey := false
		for _, h := range items(m.Get("headers")) {
			one.Conditional = true
			hasKey = hasKey || d.isKey(manifest.Text(h.Get("name")))
		}
		one.Conditional = one.Conditional || len(items(m.Get("queryParams"))) > 0
		keyed = keyed && hasKey
		all = append(all, one)
	}
	return all, keyed
}

func texts1(n *tree.Node) []string {
	if text := manifest.Text(n); text != "" {
		return []string{text}
	}
	return nil
}

func gatewayPath(m *tree.Node) callgraph.PathMatch {
	if method := m.Get("method"); method != nil && method.Kind == tree.Object { // GRPCRoute
		service, name := manifest.Text(method.Get("service")), manifest.Text(method.Get("method"))
		switch {
		case manifest.Text(method.Get("type")) == "RegularExpression" || service == "":
			return callgraph.PathMatch{}
		case name == "":
			return callgraph.PathMatch{Kind: callgraph.PrefixPath, Text: "/" + service + "/"}
		}
		return callgraph.PathMatch{Kind: callgraph.ExactPath, Text: "/" + service + "/" + name}
	}
	text := manifest.Text(m.Get("path").Get("value"))
	switch manifest.Text(m.Get("path").Get("type")) {
	case "Exact":
		return callgraph.PathMatch{Kind: callgraph.ExactPath, Text: text}
	case "RegularExpression":
		return callgraph.PathMatch{Kind: callgraph.RegexPath, Text: text}
	}
	if text == "" || text == "/" {
		return callgraph.PathMatch{}
	}
	return callgraph.PathMatch{Kind: callgraph.SegmentsPath, Text: text}
}

// backend is the service that a reference names.
func backend(ref *tree.Node) (callgraph.Upstream, bool) {
	name := manifest.Text(ref.Get("name"))
	if name == "" {
		return callgraph.Upstream{}, false
	}
	to := callgraph.Upstream{Name: name, At: manifest.At(ref)}
	if kind := manifest.Text(ref.Get("kind")); kind != "" && kind != "Service" {
		return to, true
	}
	host := name
	if namespace := manifest.Text(ref.Get("namespace")); namespace != "" {
		host += "." + namespace
	}
	if port := manifest.Text(ref.Get("port")); port != "" {
		to.Addresses = []string{host + ":" + port}
	}
	return to, true
}

// gatewayFilters reads what else a rule does with requests.
func gatewayFilters(r *policy.Route, rule *tree.Node) {
	for _, f := range items(rule.Get("filters")) {
		switch manifest.Text(f.Get("type")) {
		case "RequestRedirect":
			r.Answers = true
		case "URLRewrite":
			r.Rewrite = gatewayRewrite(f.Get("urlRewrite").Get("path"))
		case "RequestMirror":
			mirror := f.Get("requestMirror")
			to, ok := backend(mirror.Get("backendRef"))
			if !ok {
				continue
			}
			m := policy.Mirror{Upstream: to, Fraction: 1, At: policy.AtKey(f, "requestMirror")}
			if value, ok := percent(mirror.Get("percent")); ok {
				m.Fraction = value / 100
			} else if fraction := mirror.Get("fraction"); fraction != nil {
				of, ok := percent(fraction.Get("denominator"))
				if !ok {
					of = 100
				}
				if value, ok := percent(fraction.Get("numerator")); ok && of > 0 {
					m.Fraction = value / of
				}
			}
			if m.Fraction > 0 {
				r.Mirrors = append(r.Mirrors, m)
			}
		}
	}
}

func gatewayRewrite(path *tree.Node) policy.Rewrite {
	switch manifest.Text(path.Get("type")) {
	case "ReplacePrefixMatch":
		return policy.Rewrite{Matched: true, To: manifest.Text(path.Get("replacePrefixMatch"))}
	case "ReplaceFullPath":
		return policy.Rewrite{Fixed: callgraph.Rewrite{Pattern: "^.*$", To: manifest.Text(path.Get("replaceFullPath"))}}
	}
	return policy.Rewrite{}
}

// gatewayRetry reads the retry of a rule: attempts are retries, as "how many times to retry" (GEP-1731).
func (d *documents) gatewayRetry(system policy.System, rule, times *tree.Node) *policy.Retry {
	n := rule.Get("retry")
	if n == nil || n.Kind != tree.Object {
		return nil
	}
	d.fields(n, "retry of a route", "codes", "attempts", "backoff")
	r := &policy.Retry{At: policy.AtKey(rule, "retry"), PerTry: d.duration(times.Get("backendRequest"), policy.DefaultTime(0, gatewayDefault)), Growth: callgraph.GrowthUnknown}
	r.Retries = d.retries(n.Get("attempts"), policy.Count{Origin: gatewayDefault, Var: "retries of the implementation"})
	d.duration(n.Get("backoff"), policy.Time{})
	if system.ID == envoyGatewaySystem.ID && n.Get("attempts") == nil {
		r.Retries = policy.DefaultCount(envoyGatewayRetries, envoyGatewayDefault)
	}
	if codes := items(n.Get("codes")); len(codes) > 0 {
		r.OnAt = policy.At(n.Get("codes"))
		for _, c := range codes {
			if code, err := strconv.Atoi(manifest.Text(c)); err == nil {
				r.On = append(r.On, policy.StatusCondition(code, policy.At(c)))
			}
		}
	} else {
		r.OnOrigin = gatewayDefault
	}
	if system.Envoy {
		r.On = append(r.On, policy.Conditions(istioRetryOn, policy.Place{})...)
	} else {
		// "SHOULD retry on connection errors (disconnect, reset, timeout, TCP failure)": HTTPRouteRetry.
		r.On = append(r.On, policy.Condition{Word: "connection errors", Modes: callgraph.Refused | callgraph.Reset | callgraph.Hang, Danger: policy.Possible})
	}
	return r
}

// retryConstraint adds the budget that an XBackendTrafficPolicy sets for a backend: 20 % of the active requests unless it
// says otherwise (GEP-3388).
func (d *documents) retryConstraint(r *policy.Route, o *manifest.Object) {
	if r.Retry == nil {
		return
	}
	for _, to := range r.To {
		for _, p := range d.nearest("gateway.networking.x-k8s.io/XBackendTrafficPolicy", o.File(), func(p *manifest.Object) bool {
			return isFor(p, "Service", to.Name, o.Namespace)
		}) {
			constraint := p.Spec().Get("retryConstraint")
			if constraint == nil {
				continue
			}
			r.Retry.Budget = &policy.Budget{Share: 0.2, At: policy.At(constraint)}
			if value, ok := percent(constraint.Get("budget").Get("percent")); ok {
				r.Retry.Budget.Share = value / 100
			}
		}
	}
}
