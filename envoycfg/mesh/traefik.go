package mesh

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/tree"
)

var traefikSystem = policy.System{ID: "traefik", Name: "Traefik"}

// traefikGroups are the present group of Traefik's resources and the one before version 3.
var traefikGroups = []string{"traefik.io", "traefik.containo.us"}

// traefik reads IngressRoutes with the retries of their middlewares.
func (d *documents) traefik() {
	for _, group := range traefikGroups {
		for _, o := range d.of(group, "Middleware") {
			d.traefikMiddleware(o)
		}
		for _, o := range d.of(group, "IngressRoute") {
			d.ingressRoutes(o)
		}
	}
}

// traefikMiddleware checks a retry for itself: it is the same wherever it is used.
func (d *documents) traefikMiddleware(o *manifest.Object) {
	retry := d.traefikRetry(o)
	if retry == nil {
		return
	}
	d.routes = append(d.routes, policy.Route{
		System: traefikSystem, At: policy.At(o.Spec()), Name: ownerOf(o).Name, Unattached: true, Matches: []callgraph.RouteMatch{{}}, Retry: retry,
	})
}

// traefikRetry reads a retry. Its attempts are those altogether: pkg/middlewares/retry/retry.go stops when attempts == r.attempts.
// POST, LOCK and PATCH are not sent again unless retryNonIdempotentMethod says so.
func (d *documents) traefikRetry(o *manifest.Object) *policy.Retry {
	n := o.Spec().Get("retry")
	if n == nil || n.Kind != tree.Object {
		return nil
	}
	attempts := d.retries(n.Get("attempts"), policy.Count{})
	if attempts.Known {
		attempts.N = max(attempts.N-1, 0)
	}
	r := &policy.Retry{
		At: policy.AtKey(o.Spec(), "retry"), Retries: attempts, Growth: callgraph.Growing, Jitter: callgraph.Yes,
		On:     []policy.Condition{{Word: "network errors", Modes: callgraph.Refused | callgraph.Reset}},
		PerTry: policy.Time{},
	}
	if statuses := n.Get("status"); statuses != nil {
		r.OnAt = policy.At(statuses)
		for _, s := range items(statuses) {
			from, to, _ := strings.Cut(manifest.Text(s), "-")
			low, err := strconv.Atoi(from)
			if err != nil {
				continue
			}
			high, err := strconv.Atoi(to)
			if err != nil {
				high = low
			}
			for code := low; code <= high && code < 600; code++ {
				c := policy.StatusCondition(code, policy.At(s))
				c.Danger = policy.Safe
				r.On = append(r.On, c)
			}
		}
	}
	if always := n.Get("retryNonIdempotentMethod"); manifest.Text(always) == "true" {
		for i := range r.On {
			r.On[i].Danger, r.On[i].At = policy.Proven, policy.At(always)
		}
	}
	return r
}

// The parts of a rule that are read: Host(`a`) && PathPrefix(`/v1`) && Method(`GET`).
var traefikRule = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("(!?)\\b(Host|PathPrefix|Path|Method|[A-Z][A-Za-z]+)\\(([^)]*)\\)")
})

func (d *documents) ingressRoutes(o *manifest.Object) {
	owner := ownerOf(o)
	routes := items(o.Spec().Get("routes"))
	for i, n := range routes {
		r := policy.Route{System: traefikSystem, At: policy.At(n), Owner: owner, Name: routeName(n, i, len(routes)) + " of " + owner.Name}
		match := traefikMatch(manifest.Text(n.Get("match")))
		match.Order = i
		r.Matches = []callgraph.RouteMatch{match}
		for _, s := range items(n.Get("services")) {
			name := manifest.Text(s.Get("name"))
			if name == "" {
				continue
			}
			to := callgraph.Upstream{Name: name, At: manifest.At(s)}
			if port := manifest.Text(s.Get("port")); port != "" {
				to.Addresses = []string{name + ":" + port}
			}
			r.To = append(r.To, to)
		}
		always := false
		for _, ref := range items(n.Get("middlewares")) {
			for _, group := range traefikGroups {
				m := d.referred(group+"/Middleware", o, ref)
				if m == nil {
					continue
				}
				if prefixes := texts(m.Spec().Get("stripPrefix").Get("prefixes")); len(prefixes) > 0 {
					r.Rewrite = policy.Rewrite{Fixed: callgraph.Rewrite{Prefix: prefixes[0]}}
				}
				if r.Retry == nil {
					r.Retry = d.traefikRetry(m)
					always = manifest.Text(m.Spec().Get("retry").Get("retryNonIdempotentMethod")) == "true"
				}
			}
		}
		if r.Retry == nil || always {
			d.routes = append(d.routes, r)
			continue
		}
		d.routes = append(d.routes, r.Spare()...)
	}
}

func traefikMatch(rule string) callgraph.RouteMatch {
	match := callgraph.RouteMatch{Conditional: strings.Contains(rule, "||")}
	for _, m := range traefikRule().FindAllStringSubmatch(rule, -1) {
		var values []string
		for v := range strings.SplitSeq(m[3], ",") {
			values = append(values, strings.Trim(strings.TrimSpace(v), "`\""))
		}
		switch {
		case m[1] == "!" || len(values) == 0:
			match.Conditional = true
		case m[2] == "Host":
			match.Hosts = append(match.Hosts, values...)
		case m[2] == "Method":
			match.Methods = append(match.Methods, values...)
		case m[2] == "PathPrefix" && len(values) == 1:
			match.Path = callgraph.PathMatch{Kind: callgraph.PrefixPath, Text: values[0]}
		case m[2] == "Path" && len(values) == 1:
			match.Path = callgraph.PathMatch{Kind: callgraph.ExactPath, Text: values[0]}
		default:
			match.Conditional = true
		}
	}
	return match
}
