package mesh

import (
	"strconv"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/tree"
)

const contourGroup = "projectcontour.io"

var contourSystem = policy.System{ID: "contour", Name: "Contour", Envoy: true}

// Contour's defaults (internal/dag/policy.go: retryPolicy): a policy without a count makes one retry, one without conditions
// repeats any 5xx. Of timeouts it leaves Envoy's.
const (
	contourDefault = "Contour's default"
	contourRetryOn = "5xx"
)

// maxIncludes bounds how deep HTTPProxies may include each other, and maxIncluded how often they do altogether.
const (
	maxIncludes = 10
	maxIncluded = 10_000
)

// contour reads HTTPProxies: those with a virtual host, and what they include.
func (d *documents) contour() {
	included := map[*manifest.Object]bool{}
	proxies := d.of(contourGroup, "HTTPProxy")
	for _, o := range proxies {
		host := o.Spec().Get("virtualhost")
		if host == nil {
			continue
		}
		included[o] = true
		d.httpProxy(o, texts1(host.Get("fqdn")), "", false, included, 0)
	}
	for _, o := range proxies {
		if !included[o] {
			d.httpProxy(o, nil, "", false, included, 0)
		}
	}
}

// httpProxy adds the routes of a proxy below a prefix, and those of the proxies that it includes there.
func (d *documents) httpProxy(o *manifest.Object, hosts []string, prefix string, conditional bool, included map[*manifest.Object]bool, depth int) {
	if depth > 0 {
		d.included++
	}
	if depth > maxIncludes || d.included > maxIncluded {
		return
	}
	owner := ownerOf(o)
	routes := items(o.Spec().Get("routes"))
	for i, n := range routes {
		if n.Kind != tree.Object {
			continue
		}
		d.misspelt(n, "a route of an HTTPProxy", "conditions", "services", "enableWebsockets", "timeoutPolicy", "retryPolicy", "healthCheckPolicy",
			"loadBalancerPolicy", "requestRedirectPolicy", "directResponsePolicy", "pathRewritePolicy")
		r := policy.Route{System: contourSystem, At: policy.At(n), Owner: owner, Name: routeName(n, i, len(routes)) + " of " + owner.Name}
		if depth > 0 && len(hosts) > 0 {
			r.Variant = hosts[0] + prefix // others may include the same
		}
		match := callgraph.RouteMatch{Hosts: hosts, Order: i, Conditional: conditional}
		r.Keyed = d.contourConditions(&match, n.Get("conditions"), prefix)
		r.Matches = []callgraph.RouteMatch{match}
		r.Streams = manifest.Text(n.Get("enableWebsockets")) == "true"
		r.Answers = n.Get("requestRedirectPolicy") != nil || n.Get("directResponsePolicy") != nil
		d.contourServices(&r, n)
		for _, replace := range items(n.Get("pathRewritePolicy").Get("replacePrefix")) {
			if prefix := manifest.Text(replace.Get("prefix")); prefix == "" || prefix == match.Path.Text {
				r.Rewrite = policy.Rewrite{Matched: true, To: manifest.Text(replace.Get("replacement"))}
			}
		}
		times := n.Get("timeoutPolicy")
		d.fields(times, "timeoutPolicy of an HTTPProxy", "response", "idle", "idleConnection")
		r.Timeout = d.duration(times.Get("response"), policy.DefaultTime(policy.EnvoyTimeout, envoyDefault))
		r.Retry = d.contourRetry(n)
		d.contourBreaker(&r, o)
		d.routes = append(d.routes, r)
	}
	for _, include := range items(o.Spec().Get("includes")) {
		child := d.referred(contourGroup+"/HTTPProxy", o, include)
		if child == nil || child == o {
			continue
		}
		var match callgraph.RouteMatch
		d.contourConditions(&match, include.Get("conditions"), prefix)
		included[child] = true
		d.httpProxy(child, hosts, match.Path.Text, conditional || match.Conditional, included, depth+1)
	}
}

// contourConditions adds conditions to a match; it reports whether they want an idempotency key.
func (d *documents) contourConditions(match *callgraph.RouteMatch, conditions *tree.Node, prefix string) (keyed bool) {
	path := callgraph.PathMatch{Kind: callgraph.SegmentsPath, Text: prefix}
	for _, c := range items(conditions) {
		switch {
		case c.Get("prefix") != nil:
			path.Text = joinPath(prefix, manifest.Text(c.Get("prefix")))
		case c.Get("exact") != nil:
			path = callgraph.PathMatch{Kind: callgraph.ExactPath, Text: joinPath(prefix, manifest.Text(c.Get("exact")))}
		case c.Get("regex") != nil:
			path = callgraph.PathMatch{Kind: callgraph.RegexPath, Text: prefix + manifest.Text(c.Get("regex"))}
		case c.Get("header") != nil:
			header := c.Get("header")
			if name, exact := manifest.Text(header.Get("name")), manifest.Text(header.Get("exact")); name == ":method" && exact != "" {
				match.Methods = []string{exact}
				continue
			}
			match.Conditional = true
			keyed = keyed || d.isKey(manifest.Text(header.Get("name")))
		default:
			match.Conditional = true
		}
	}
	if path.Text != "" && path.Text != "/" || path.Kind == callgraph.ExactPath {
		match.Path = path
	}
	return keyed
}

func joinPath(prefix, path string) string {
	if prefix == "" || prefix == "/" {
		return path
	}
	if path == "/" {
		return prefix
	}
	return prefix + path
}

func (d *documents) contourServices(r *policy.Route, n *tree.Node) {
	for _, s := range items(n.Get("services")) {
		name := manifest.Text(s.Get("name"))
		if name == "" {
			continue
		}
		to := callgraph.Upstream{Name: name, At: manifest.At(s)}
		if protocol := manifest.Text(s.Get("protocol")); protocol == "h2c" || protocol == "h2" {
			r.Streams = true // as gRPC's may
		}
		if port := manifest.Text(s.Get("port")); port != "" {
			to.Addresses = []string{name + ":" + port}
		}
		if manifest.Text(s.Get("mirror")) != "true" {
			r.To = append(r.To, to)
			continue
		}
		m := policy.Mirror{Upstream: to, Fraction: 1, At: policy.AtKey(s, "mirror")}
		if weight, ok := percent(s.Get("weight")); ok && weight > 0 {
			m.Fraction = weight / 100 // of a mirror the weight is a percentage
		}
		r.Mirrors = append(r.Mirrors, m)
	}
}

func (d *documents) contourRetry(route *tree.Node) *policy.Retry {
	n := route.Get("retryPolicy")
	if n == nil || n.Kind != tree.Object {
		return nil
	}
	d.fields(n, "retryPolicy of an HTTPProxy", "count", "perTryTimeout", "retryOn", "retriableStatusCodes")
	r := &policy.Retry{
		At: policy.AtKey(route, "retryPolicy"), Growth: callgraph.Growing, Jitter: callgraph.Yes,
		Retries: d.number(n.Get("count"), policy.DefaultCount(1, contourDefault)),
		PerTry:  d.duration(n.Get("perTryTimeout"), policy.DefaultTime(0, contourDefault)),
	}
	switch { // 0 is 1, and -1 is 0
	case r.Retries.Known && r.Retries.N == 0:
		r.Retries.N = 1
	case r.Retries.Known && r.Retries.N < 0:
		r.Retries.N = 0
	}
	if r.Retries.Known {
		r.Wait = policy.EnvoyWait(r.Retries.N, policy.EnvoyBaseWait, policy.EnvoyMaxWait)
	}
	for _, w := range items(n.Get("retryOn")) {
		if word := manifest.Text(w); word != "" {
			r.On = append(r.On, policy.EnvoyCondition(word, policy.At(w)))
		}
	}
	r.OnAt = policy.At(n.Get("retryOn"))
	if n.Get("retryOn") == nil {
		r.On, r.OnOrigin = policy.Conditions(contourRetryOn, policy.Place{}), contourDefault
	}
	for _, c := range items(n.Get("retriableStatusCodes")) {
		if code, err := strconv.Atoi(manifest.Text(c)); err == nil && hasWord(r.On, "retriable-status-codes") {
			r.On = append(r.On, policy.StatusCondition(code, policy.At(c)))
		}
	}
	return r
}

func hasWord(on []policy.Condition, word string) bool {
	for _, c := range on {
		if c.Word == word {
			return true
		}
	}
	return false
}

// contourBreaker adds the limit of concurrent retries, which annotations of the services raise.
func (d *documents) contourBreaker(r *policy.Route, o *manifest.Object) {
	if r.Retry == nil {
		return
	}
	limit := policy.DefaultCount(policy.EnvoyBreaker, envoyDefault)
	for _, to := range r.To {
		for _, s := range d.nearestNamed("/Service", to.Name, o.File(), func(s *manifest.Object) bool { return manifest.SameNamespace(s, o) }) {
			if c := d.number(s.Annotation("projectcontour.io/max-retries"), policy.Count{}); c.Known && c.N > limit.N {
				d.report.Unlimited(c, nil)
				limit = c
			}
		}
	}
	r.Retry.Breaker, r.Retry.Where = limit, "the services"
}
