package mesh

import (
	"strconv"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/tree"
)

var consulSystem = policy.System{ID: "consul", Name: "Consul", Envoy: true}

// Consul's default (docs: service-router): one retry as soon as any condition is set, and none without.
const (
	consulDefault = "Consul's default"
	consulRetries = 1
)

// consul reads ServiceRouters.
func (d *documents) consul() {
	for _, o := range d.of("consul.hashicorp.com", "ServiceRouter") {
		owner := ownerOf(o)
		routes := items(o.Spec().Get("routes"))
		for i, n := range routes {
			destination := n.Get("destination")
			r := policy.Route{
				System: consulSystem, At: policy.At(n), Owner: owner, Name: routeName(n, i, len(routes)) + " of " + owner.Name,
				Timeout: d.consulTimeout(destination.Get("requestTimeout")), Retry: d.consulRetry(n, destination),
			}
			r.Matches = []callgraph.RouteMatch{d.consulMatch(o, n.Get("match").Get("http"), i)}
			name := manifest.Text(destination.Get("service"))
			if name == "" {
				name = o.Name
			}
			r.To = []callgraph.Upstream{{Name: name, At: manifest.At(n)}}
			if prefix := destination.Get("prefixRewrite"); prefix != nil {
				r.Rewrite = policy.Rewrite{Matched: true, To: manifest.Text(prefix)}
			}
			d.routes = append(d.routes, r)
		}
	}
}

// consulTimeout reads a timeout: 0 is Envoy's, and what is negative is none.
func (d *documents) consulTimeout(n *tree.Node) policy.Time {
	byDefault := policy.DefaultTime(policy.EnvoyTimeout, envoyDefault)
	text := manifest.Text(n)
	switch {
	case len(text) > 1 && text[0] == '-':
		return policy.Time{Known: true, At: policy.At(n)}
	case text == "0" || text == "0s":
		return byDefault
	}
	return d.duration(n, byDefault)
}

func (d *documents) consulMatch(o *manifest.Object, http *tree.Node, order int) callgraph.RouteMatch {
	match := callgraph.RouteMatch{Sidecar: true, Hosts: manifest.HostNames(o.Name, ""), Order: order, Methods: texts(http.Get("methods"))}
	match.Conditional = http.Get("header") != nil || http.Get("queryParam") != nil
	for _, k := range []struct {
		key  string
		kind callgraph.PathKind
	}{{"pathExact", callgraph.ExactPath}, {"pathPrefix", callgraph.PrefixPath}, {"pathRegex", callgraph.RegexPath}} {
		if text := manifest.Text(http.Get(k.key)); text != "" && (text != "/" || k.kind != callgraph.PrefixPath) {
			match.Path = callgraph.PathMatch{Kind: k.kind, Text: text}
		}
	}
	return match
}

// consulRetry reads the conditions of a destination; without any there are no retries.
func (d *documents) consulRetry(route, n *tree.Node) *policy.Retry {
	r := &policy.Retry{At: policy.AtKey(route, "destination"), Growth: callgraph.Growing, Jitter: callgraph.Yes, PerTry: policy.DefaultTime(0, consulDefault)}
	if on := n.Get("retryOnConnectFailure"); manifest.Text(on) == "true" {
		r.On, r.OnAt = append(r.On, policy.EnvoyCondition("connect-failure", policy.AtKey(n, "retryOnConnectFailure"))), policy.At(on)
	}
	for _, w := range items(n.Get("retryOn")) {
		if word := manifest.Text(w); word != "" {
			r.On, r.OnAt = append(r.On, policy.EnvoyCondition(word, policy.At(w))), policy.At(n.Get("retryOn"))
		}
	}
	for _, c := range items(n.Get("retryOnStatusCodes")) {
		if code, err := strconv.Atoi(manifest.Text(c)); err == nil {
			r.On, r.OnAt = append(r.On, policy.StatusCondition(code, policy.At(c))), policy.At(n.Get("retryOnStatusCodes"))
		}
	}
	if len(r.On) == 0 {
		return nil // a number alone says not after what
	}
	r.Retries = d.retries(n.Get("numRetries"), policy.DefaultCount(consulRetries, consulDefault))
	if r.Retries.Known {
		r.Wait = policy.EnvoyWait(r.Retries.N, policy.EnvoyBaseWait, policy.EnvoyMaxWait)
	}
	r.Breaker = policy.DefaultCount(policy.EnvoyBreaker, envoyDefault)
	return r
}
