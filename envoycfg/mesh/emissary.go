package mesh

import (
	"strings"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/tree"
)

var emissarySystem = policy.System{ID: "emissary", Name: "Emissary", Envoy: true}

// Emissary's defaults (docs: timeout_ms 3000; a retry_policy makes one retry).
const (
	emissaryDefault = "Emissary's default"
	emissaryTimeout = 3 * time.Second
)

// emissary reads Mappings.
func (d *documents) emissary() {
	for _, o := range d.of("getambassador.io", "Mapping") {
		if o.Spec().Get("service") != nil {
			d.mapping(o)
		}
	}
}

func (d *documents) mapping(o *manifest.Object) {
	n := o.Spec()
	owner := ownerOf(o)
	r := policy.Route{
		System: emissarySystem, At: policy.At(n), Owner: owner, Name: owner.Name,
		Timeout: d.milliseconds(n.Get("timeout_ms"), policy.DefaultTime(emissaryTimeout, emissaryDefault)),
		GRPC:    manifest.Text(n.Get("grpc")) == "true",
		Streams: n.Get("allow_upgrade") != nil || manifest.Text(n.Get("use_websocket")) == "true",
	}
	match := callgraph.RouteMatch{Hosts: append(texts1(n.Get("hostname")), texts1(n.Get("host"))...), Methods: texts1(n.Get("method"))}
	if prefix := manifest.Text(n.Get("prefix")); prefix != "" && prefix != "/" {
		match.Path = callgraph.PathMatch{Kind: callgraph.PrefixPath, Text: prefix}
		if manifest.Text(n.Get("prefix_regex")) == "true" {
			match.Path.Kind = callgraph.RegexPath
		}
	}
	r.Rewrite = policy.Rewrite{Matched: true, To: "/"} // which is the default
	if rewrite := n.Get("rewrite"); rewrite != nil {
		r.Rewrite = policy.Rewrite{Matched: rewrite.Text != "", To: rewrite.Text}
	}
	if match.Path.Kind != callgraph.PrefixPath {
		r.Rewrite = policy.Rewrite{}
	}
	match.Conditional = n.Get("headers") != nil || n.Get("query_parameters") != nil || n.Get("regex_headers") != nil
	r.Matches = []callgraph.RouteMatch{match}
	to := callgraph.Upstream{Name: manifest.Text(n.Get("service")), At: manifest.At(n.Get("service"))}
	if _, address, ok := strings.Cut(to.Name, "://"); ok {
		to.Name = address
	}
	if strings.Contains(to.Name, ":") {
		to.Addresses = []string{to.Name}
	}
	if manifest.Text(n.Get("shadow")) == "true" {
		share := 1.0
		if weight, ok := percent(n.Get("weight")); ok {
			share = weight / 100
		}
		r.Mirrors = []policy.Mirror{{Upstream: to, Fraction: share, At: policy.AtKey(n, "shadow")}}
	} else {
		r.To = []callgraph.Upstream{to}
	}
	r.Retry = d.envoyRetry(n, "retry_policy", emissaryDefault)
	if r.Retry != nil {
		r.Retry.Where = to.Name
		r.Retry.Breaker = policy.DefaultCount(policy.EnvoyBreaker, envoyDefault)
		for _, b := range items(n.Get("circuit_breakers")) {
			if c := d.number(b.Get("max_retries"), policy.Count{}); c.Known {
				d.report.Unlimited(c, nil)
				r.Retry.Breaker = c
			}
		}
	}
	d.routes = append(d.routes, r)
}

func (d *documents) milliseconds(n *tree.Node, ifAbsent policy.Time) policy.Time {
	c := d.number(n, policy.Count{})
	if n == nil || !c.Known || c.N < 0 {
		if n != nil {
			return policy.Time{At: policy.At(n)}
		}
		return ifAbsent
	}
	return policy.Time{Value: time.Duration(c.N) * time.Millisecond, Known: true, At: policy.At(n)}
}

// envoyRetry reads a retry policy of Envoy's own form: retry_on, num_retries, per_try_timeout, in snake or camel case.
func (d *documents) envoyRetry(parent *tree.Node, key, origin string) *policy.Retry {
	n := parent.Get(key)
	if n == nil || n.Kind != tree.Object {
		return nil
	}
	field := func(names ...string) *tree.Node {
		for _, name := range names {
			if f := n.Get(name); f != nil {
				return f
			}
		}
		return nil
	}
	on := field("retry_on", "retryOn")
	r := &policy.Retry{
		At: policy.AtKey(parent, key), On: conditions(on), OnAt: policy.At(on), Growth: callgraph.Growing, Jitter: callgraph.Yes,
		Retries: d.retries(field("num_retries", "numRetries"), policy.DefaultCount(1, origin)),
		PerTry:  d.duration(field("per_try_timeout", "perTryTimeout"), policy.DefaultTime(0, origin)),
	}
	if r.Retries.Known {
		r.Wait = policy.EnvoyWait(r.Retries.N, policy.EnvoyBaseWait, policy.EnvoyMaxWait)
	}
	return r
}
