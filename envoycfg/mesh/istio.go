package mesh

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/tree"
)

const istioGroup = "networking.istio.io"

var istioSystem = policy.System{ID: "istio", Name: "Istio", Envoy: true}

// Istio's defaults: pilot/pkg/networking/core/route/retry/retry.go (2 retries; 503 was taken out of
// the conditions by istio PR 52111), HTTPRoute.timeout ("default is disabled"), and
// getDefaultCircuitBreakerThresholds in pilot/pkg/networking/core (2³²−1).
const (
	istioDefault   = "Istio's default"
	istioRetries   = 2
	istioRetryOn   = "connect-failure,refused-stream,unavailable,cancelled"
	istioNoBreaker = math.MaxUint32
)

// istio reads VirtualServices, with the DestinationRules of the hosts that they lead to.
func (d *documents) istio() {
	d.destinationRules()
	for _, o := range d.of(istioGroup, "VirtualService") {
		d.virtualService(o)
	}
	d.injected()
}

var httpRouteFields = []string{
	"name", "match", "route", "redirect", "directResponse", "delegate", "rewrite", "timeout", "retries", "fault",
	"mirror", "mirrors", "mirrorPercentage", "corsPolicy", "headers",
}

func (d *documents) virtualService(o *manifest.Object) {
	http := o.Spec().Get("http")
	owner := ownerOf(o)
	for i, n := range items(http) {
		if n.Kind != tree.Object {
			continue
		}
		d.misspelt(n, "a route of a VirtualService", httpRouteFields...)
		r := policy.Route{System: istioSystem, At: policy.At(n), Owner: owner, Name: routeName(n, i, len(http.Items)) + " of " + owner.Name}
		r.Matches, r.Keyed = d.istioMatches(o, n, i)
		d.istioAction(&r, o, n)
		r.Rewrite = istioRewrite(n.Get("rewrite"))
		r.Timeout = d.duration(n.Get("timeout"), policy.DefaultTime(0, istioDefault))
		r.Faults = istioFaults(n.Get("fault"))
		r.Retry = d.istioRetry(n.Get("retries"), o, n)
		d.routes = append(d.routes, r)
	}
}

func routeName(n *tree.Node, i, of int) string {
	if name := manifest.Text(n.Get("name")); name != "" {
		return "route " + name
	}
	if of == 1 {
		return "the route"
	}
	return fmt.Sprintf("route %d", i+1)
}

// istioMatches lists the ways to match a route: sidecars take requests to its hosts where its gateways say
// mesh, which is so if they say nothing; others take those that gateways get.
func (d *documents) istioMatches(o *manifest.Object, route *tree.Node, order int) (all []callgraph.RouteMatch, keyed bool) {
	base := callgraph.RouteMatch{Order: order}
	for _, host := range texts(o.Spec().Get("hosts")) {
		base.Hosts = append(base.Hosts, hostNames(host, o.Namespace)...)
	}
	matches := items(route.Get("match"))
	var variants []callgraph.RouteMatch
	gateways := texts(o.Spec().Get("gateways"))
	if o.Spec().Get("gateways") == nil || contains(gateways, "mesh") {
		sidecar := base
		sidecar.Sidecar = true
		variants = append(variants, sidecar)
	}
	if len(variants) == 0 || len(gateways) > 1 || len(gateways) == 1 && gateways[0] != "mesh" {
		variants = append(variants, base)
	}
	keyed = len(matches) > 0
	for _, v := range variants {
		if len(matches) == 0 {
			all = append(all, v)
		}
		for _, m := range matches {
			if of := m.Get("gateways"); of != nil && !takesPart(texts(of), v.Sidecar) {
				continue
			}
			one := v
			keyed = d.istioMatch(&one, m) && keyed
			all = append(all, one)
		}
	}
	return all, keyed
}

// istioMatch adds one entry of match; it reports whether it wants an idempotency key.
func (d *documents) istioMatch(match *callgraph.RouteMatch, m *tree.Node) (keyed bool) {
	match.Path = istioPath(m.Get("uri"))
	if method := m.Get("method"); method != nil {
		match.Methods = methodsOf(method)
		match.Conditional = match.Conditional || match.Methods == nil
	}
	for i := range m.Members {
		switch key := m.Members[i].Key; key {
		case "name", "uri", "method", "ignoreUriCase":
		case "gateways":
		case "port":
			match.Hosts = withPort(match.Hosts, manifest.Text(m.Get("port")))
		default:
			match.Conditional = true
		}
	}
	if headers := m.Get("headers"); headers != nil && headers.Kind == tree.Object {
		for i := range headers.Members {
			keyed = keyed || d.isKey(headers.Members[i].Key)
		}
	}
	return keyed
}

// takesPart reports whether a condition on gateways is about the sidecars, or about others.
func takesPart(gateways []string, sidecar bool) bool {
	mesh := contains(gateways, "mesh")
	if sidecar {
		return mesh
	}
	return len(gateways) > 1 || !mesh
}

// withPort gives hosts the port that a condition wants.
func withPort(hosts []string, port string) []string {
	if port == "" {
		return hosts
	}
	all := make([]string, len(hosts))
	for i, host := range hosts {
		all[i] = host + ":" + port
	}
	return all
}

// isKey reports whether a header carries an idempotency key.
func (d *documents) isKey(header string) bool {
	for _, h := range d.report.Options.IdempotencyHeaders {
		if strings.EqualFold(h, header) {
			return true
		}
	}
	return false
}

func istioPath(uri *tree.Node) callgraph.PathMatch {
	for _, k := range []struct {
		key  string
		kind callgraph.PathKind
	}{{"exact", callgraph.ExactPath}, {"prefix", callgraph.PrefixPath}, {"regex", callgraph.RegexPath}} {
		if text := manifest.Text(uri.Get(k.key)); text != "" {
			return callgraph.PathMatch{Kind: k.kind, Text: text}
		}
	}
	return callgraph.PathMatch{}
}

// methodsOf are the methods that a match of strings takes; nil if that cannot be told.
func methodsOf(m *tree.Node) []string {
	if exact := manifest.Text(m.Get("exact")); exact != "" {
		return []string{exact}
	}
	pattern := manifest.Text(m.Get("regex"))
	pattern = strings.TrimSuffix(strings.TrimPrefix(pattern, "^"), "$")
	if strings.HasPrefix(pattern, "(") && strings.HasSuffix(pattern, ")") {
		pattern = strings.TrimPrefix(pattern[1:len(pattern)-1], "?:")
	}
	if pattern == "" || strings.Trim(pattern, "ABCDEFGHIJKLMNOPQRSTUVWXYZ|") != "" {
		return nil
	}
	return strings.Split(pattern, "|")
}

// istioRewrite reads what becomes of paths.
func istioRewrite(n *tree.Node) policy.Rewrite {
	if pattern := n.Get("uriRegexRewrite"); pattern != nil {
		return policy.Rewrite{Fixed: callgraph.Rewrite{Pattern: manifest.Text(pattern.Get("match")), To: manifest.Text(pattern.Get("rewrite"))}}
	}
	uri := manifest.Text(n.Get("uri"))
	return policy.Rewrite{Matched: uri != "", To: uri}
}

// istioAction says where a route leads to.
func (d *documents) istioAction(r *policy.Route, o *manifest.Object, n *tree.Node) {
	r.Answers = n.Get("redirect") != nil || n.Get("directResponse") != nil
	if delegate := n.Get("delegate"); delegate != nil {
		r.Dynamic = "VirtualService " + manifest.Text(delegate.Get("name"))
		r.Answers = true // the routes of the delegate are reported as its own
	}
	for _, dest := range items(n.Get("route")) {
		d.strays(dest)
		if to, ok := d.istioUpstream(dest.Get("destination"), o); ok {
			r.To = append(r.To, to)
		}
	}
	mirrors := items(n.Get("mirrors"))
	for _, m := range mirrors {
		d.istioMirror(r, o, m.Get("destination"), m.Get("percentage").Get("value"), policy.At(m))
	}
	if m := n.Get("mirror"); m != nil && len(mirrors) == 0 {
		share := n.Get("mirrorPercentage").Get("value")
		for _, old := range []string{"mirrorPercent", "mirror_percent"} {
			if share == nil {
				share = n.Get(old)
			}
		}
		d.istioMirror(r, o, m, share, policy.AtKey(n, "mirror"))
	}
}

// strays finds fields of a route that stand in one of its destinations, where they are dropped.
func (d *documents) strays(dest *tree.Node) {
	for _, key := range []string{"timeout", "retries", "fault", "mirror"} {
		if dest.Get(key) != nil {
			d.report.Addf(policy.UnknownField, policy.AtKey(dest, key), "", "a destination has no field %q: it is dropped without a word; write it one level up, in the route", key)
		}
	}
}

func (d *documents) istioMirror(r *policy.Route, o *manifest.Object, dest, share *tree.Node, at policy.Place) {
	to, ok := d.istioUpstream(dest, o)
	if !ok {
		return
	}
	m := policy.Mirror{Upstream: to, Fraction: 1, At: at}
	if value, ok := percent(share); ok {
		m.Fraction = value / 100
	} else if share != nil {
		return // a template says
	}
	if m.Fraction > 0 {
		r.Mirrors = append(r.Mirrors, m)
	}
}

func (d *documents) istioUpstream(dest *tree.Node, o *manifest.Object) (callgraph.Upstream, bool) {
	host := manifest.Text(dest.Get("host"))
	if host == "" {
		return callgraph.Upstream{}, false
	}
	to := callgraph.Upstream{Name: host, At: manifest.At(dest)}
	port := manifest.Text(dest.Get("port").Get("number"))
	if port == "" {
		port = d.onlyPort(host, o)
	}
	if port != "" {
		to.Addresses = []string{host + ":" + port}
	}
	return to, true
}

// istioFaults are the failures that Istio makes up: for no request where no percentage is given.
func istioFaults(fault *tree.Node) []policy.Fault {
	var all []policy.Fault
	for _, kind := range []string{"delay", "abort"} {
		f := fault.Get(kind)
		if f == nil {
			continue
		}
		share, ok := percent(f.Get("percentage").Get("value"))
		if !ok {
			share, _ = percent(f.Get("percent"))
		}
		one := policy.Fault{What: "abort", Percent: share, At: policy.AtKey(fault, kind)}
		if kind == "delay" {
			delay, err := time.ParseDuration(manifest.Text(f.Get("fixedDelay")))
			if err != nil || delay == 0 {
				continue
			}
			one.Delay, one.What = delay, "delay of "+delay.String()
		} else if status := manifest.Text(f.Get("httpStatus")); status != "" {
			one.What = "abort with " + status
		}
		all = append(all, one)
	}
	return all
}

// istioRetry is the policy of a route: that of the mesh where it says nothing.
func (d *documents) istioRetry(n *tree.Node, o *manifest.Object, route *tree.Node) *policy.Retry {
	r := d.meshRetry(o.File())
	d.istioLimits(r, o, route)
	if n == nil || n.Kind != tree.Object {
		return r
	}
	d.fields(n, "retries of a VirtualService", "attempts", "perTryTimeout", "retryOn", "retryRemoteLocalities", "retryIgnorePreviousHosts", "backoff")
	r.At, r.Origin = policy.AtKey(route, "retries"), ""
	// Without attempts there are none, whatever else is said: ConvertPolicy in retry.go.
	r.Retries = d.retries(n.Get("attempts"), policy.DefaultCount(0, "no attempts are given, which is 0 in Istio"))
	if on := n.Get("retryOn"); on != nil && manifest.Text(on) != "" {
		r.On, r.OnAt, r.OnOrigin = conditions(on), policy.At(on), ""
	} else if on != nil && on.Templated() {
		r.On, r.OnAt = nil, policy.At(on)
	}
	r.PerTry = d.duration(n.Get("perTryTimeout"), policy.DefaultTime(0, istioDefault))
	base := d.duration(n.Get("backoff"), policy.DefaultTime(policy.EnvoyBaseWait, "Envoy's default"))
	if r.Retries.Known && base.Known {
		r.Wait = policy.EnvoyWait(r.Retries.N, base.Value, policy.EnvoyWaitFactor*base.Value)
	}
	return r
}

// defaultRetry is what Istio does where nobody says anything.
func defaultRetry() *policy.Retry {
	return &policy.Retry{
		Origin:  istioDefault,
		Retries: policy.DefaultCount(istioRetries, istioDefault),
		On:      policy.Conditions(istioRetryOn, policy.Place{}), OnOrigin: istioDefault,
		PerTry: policy.DefaultTime(0, istioDefault),
		Wait:   policy.EnvoyWait(istioRetries, policy.EnvoyBaseWait, policy.EnvoyMaxWait),
		Growth: callgraph.Growing, Jitter: callgraph.Yes,
	}
}
