package mesh

import (
	"strconv"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/tree"
)

var appMeshSystem = policy.System{ID: "appmesh", Name: "App Mesh", Envoy: true}

const appMeshDefault = "App Mesh's default"

// appMeshWords are the events of App Mesh (docs.aws.amazon.com/app-mesh/latest/APIReference/API_HttpRetryPolicy.html) and what
// Envoy calls them.
var appMeshWords = []struct {
	event string
	is    policy.Condition
}{
	{"server-error", policy.Condition{Modes: callgraph.Status500 | callgraph.Status502 | callgraph.Status503 | callgraph.Status504 | callgraph.Status5xx, Danger: policy.Proven}},
	{"gateway-error", policy.Condition{Modes: callgraph.Status502 | callgraph.Status503 | callgraph.Status504 | callgraph.Hang, Danger: policy.Proven}},
	{"client-error", policy.Condition{Modes: callgraph.Status4xx}},
	{"stream-error", policy.Condition{Modes: callgraph.Refused}},
	{"connection-error", policy.Condition{Modes: callgraph.Refused}},
}

// appMesh reads routes in the form of the command line of AWS and in that of Kubernetes.
func (d *documents) appMesh() {
	for _, o := range d.of("appmesh", "Route") {
		d.appMeshRoute(o, o.Spec(), 0, 1)
	}
	for _, o := range d.of("appmesh.k8s.aws", "VirtualRouter") {
		routes := items(o.Spec().Get("routes"))
		for i, n := range routes {
			d.appMeshRoute(o, n, i, len(routes))
		}
	}
}

func (d *documents) appMeshRoute(o *manifest.Object, spec *tree.Node, i, of int) {
	for _, kind := range []string{"httpRoute", "http2Route", "grpcRoute"} {
		n := spec.Get(kind)
		if n == nil || n.Kind != tree.Object {
			continue
		}
		owner := ownerOf(o)
		r := policy.Route{
			System: appMeshSystem, At: policy.At(n), Owner: owner, Name: routeName(spec, i, of) + " of " + owner.Name, GRPC: kind == "grpcRoute",
			Timeout: d.amount(n.Get("timeout").Get("perRequest"), policy.DefaultTime(policy.EnvoyTimeout, appMeshDefault)),
			Retry:   d.appMeshRetry(n),
		}
		router := manifest.Text(o.Root.Get("virtualRouterName"))
		if router == "" {
			router = o.Name
		}
		match := callgraph.RouteMatch{Sidecar: true, Hosts: []string{router}, Order: i, Methods: texts1(n.Get("match").Get("method"))}
		match.Path = appMeshPath(n.Get("match"))
		match.Conditional = n.Get("match").Get("headers") != nil || n.Get("match").Get("metadata") != nil
		r.Matches = []callgraph.RouteMatch{match}
		for _, target := range items(n.Get("action").Get("weightedTargets")) {
			name := manifest.Text(target.Get("virtualNode"))
			if name == "" {
				name = manifest.Text(target.Get("virtualNodeRef").Get("name"))
			}
			if name != "" {
				r.To = append(r.To, callgraph.Upstream{Name: name, At: manifest.At(target)})
			}
		}
		d.routes = append(d.routes, r)
	}
}

func appMeshPath(match *tree.Node) callgraph.PathMatch {
	if service := manifest.Text(match.Get("serviceName")); service != "" {
		if method := manifest.Text(match.Get("methodName")); method != "" {
			return callgraph.PathMatch{Kind: callgraph.ExactPath, Text: "/" + service + "/" + method}
		}
		return callgraph.PathMatch{Kind: callgraph.PrefixPath, Text: "/" + service + "/"}
	}
	if prefix := manifest.Text(match.Get("prefix")); prefix != "" && prefix != "/" {
		return callgraph.PathMatch{Kind: callgraph.PrefixPath, Text: prefix}
	}
	return callgraph.PathMatch{}
}

// appMeshRetry reads a policy; without one, App Mesh makes two retries of its own choice.
func (d *documents) appMeshRetry(route *tree.Node) *policy.Retry {
	n := route.Get("retryPolicy")
	if n == nil || n.Kind != tree.Object {
		return &policy.Retry{
			Origin: appMeshDefault, OnOrigin: appMeshDefault, Retries: policy.DefaultCount(2, appMeshDefault),
			On:     append(policy.Conditions("unavailable,connect-failure,refused-stream", policy.Place{}), policy.StatusCondition(503, policy.Place{})),
			PerTry: policy.DefaultTime(0, appMeshDefault), Growth: callgraph.Growing, Jitter: callgraph.Yes,
		}
	}
	d.fields(n, "retryPolicy of a route", "maxRetries", "perRetryTimeout", "httpRetryEvents", "tcpRetryEvents", "grpcRetryEvents")
	r := &policy.Retry{
		At: policy.AtKey(route, "retryPolicy"), Growth: callgraph.Growing, Jitter: callgraph.Yes,
		Retries: d.retries(n.Get("maxRetries"), policy.Count{}), PerTry: d.amount(n.Get("perRetryTimeout"), policy.DefaultTime(0, appMeshDefault)),
	}
	for _, key := range []string{"httpRetryEvents", "tcpRetryEvents", "grpcRetryEvents"} {
		for _, w := range items(n.Get(key)) {
			word := manifest.Text(w)
			if word == "" {
				continue
			}
			r.OnAt = policy.At(n.Get(key))
			r.On = append(r.On, appMeshCondition(word, key == "grpcRetryEvents", policy.At(w)))
		}
	}
	return r
}

func appMeshCondition(word string, grpc bool, at policy.Place) policy.Condition {
	if grpc {
		return policy.EnvoyCondition(word, at)
	}
	for _, w := range appMeshWords {
		if w.event == word {
			c := w.is
			c.Word, c.At = word, at
			return c
		}
	}
	return policy.Condition{Word: word, At: at, Unknown: true}
}

// amount reads a duration of App Mesh: a unit, s or ms, and a value.
func (d *documents) amount(n *tree.Node, ifAbsent policy.Time) policy.Time {
	if n == nil || n.Kind != tree.Object {
		return ifAbsent
	}
	value, err := strconv.Atoi(manifest.Text(n.Get("value")))
	unit := map[string]time.Duration{"s": time.Second, "ms": time.Millisecond}[manifest.Text(n.Get("unit"))]
	if err != nil || unit == 0 {
		return policy.Time{At: policy.At(n)}
	}
	return policy.Time{Value: time.Duration(value) * unit, Known: true, At: policy.At(n)}
}
