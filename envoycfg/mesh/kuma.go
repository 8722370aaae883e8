package mesh

import (
	"slices"
	"strconv"
	"strings"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/tree"
)

const kumaGroup = "kuma.io"

var kumaSystem = policy.System{ID: "kuma", Name: "Kuma", Envoy: true}

// Kuma's defaults: HttpRetryOnDefault and GrpcRetryOnDefault in the xDS of its MeshRetry plugin; numRetries
// as its schema says.
const (
	kumaDefault     = "Kuma's default"
	kumaRetries     = 1
	kumaHTTPRetryOn = "gateway-error,connect-failure,refused-stream"
	kumaGRPCRetryOn = "cancelled,connect-failure,gateway-error,refused-stream,reset,resource-exhausted,unavailable"
)

// kumaWords are the words of MeshRetry and what Envoy calls them.
var kumaWords = []struct{ kuma, envoy string }{
	{"5xx", "5xx"}, {"GatewayError", "gateway-error"}, {"Reset", "reset"}, {"ConnectFailure", "connect-failure"},
	{"EnvoyRatelimited", "envoy-ratelimited"}, {"Retriable4xx", "retriable-4xx"}, {"RefusedStream", "refused-stream"},
	{"Http3PostConnectFailure", "http3-post-connect-failure"},
	{"Canceled", "cancelled"}, {"DeadlineExceeded", "deadline-exceeded"}, {"Internal", "internal"},
	{"ResourceExhausted", "resource-exhausted"}, {"Unavailable", "unavailable"},
}

// kuma reads MeshRetries, with the MeshTimeouts and MeshCircuitBreakers that are for the same.
func (d *documents) kuma() {
	for _, o := range d.of(kumaGroup, "MeshCircuitBreaker") {
		for _, entry := range kumaEntries(o) {
			limits := entry.Get("default").Get("connectionLimits")
			d.report.Unlimited(d.number(limits.Get("maxRetries"), policy.Count{}), nil)
		}
	}
	for _, o := range d.of(kumaGroup, "MeshTimeout") {
		d.kumaTimeout(o)
	}
	for _, o := range d.of(kumaGroup, "MeshRetry") {
		if isShadow(o) {
			continue
		}
		for _, to := range items(o.Spec().Get("to")) {
			d.kumaRetry(o, to, "http")
			d.kumaRetry(o, to, "grpc")
		}
	}
	d.of(kumaGroup, "MeshHTTPRoute")
	for _, o := range d.byKind[kumaGroup+"/MeshHTTPRoute"] {
		d.kumaMirrors(o)
	}
}

// isShadow reports whether a policy is only looked at, and not in effect.
func isShadow(o *manifest.Object) bool {
	return o.Label("kuma.io/effect") == "shadow" || manifest.Text(o.Root.Get("labels").Get("kuma.io/effect")) == "shadow"
}

// kumaEntries are the parts of a policy, for what is called, what calls, and what is behind.
func kumaEntries(o *manifest.Object) []*tree.Node {
	var all []*tree.Node
	for _, key := range []string{"to", "from", "rules"} {
		all = append(all, items(o.Spec().Get(key))...)
	}
	return all
}

// kumaTarget is what a part of a policy is for; "*" for the whole mesh.
func kumaTarget(o *manifest.Object, entry *tree.Node) []string {
	ref := entry.Get("targetRef")
	switch manifest.Text(ref.Get("kind")) {
	case "Mesh", "":
		return []string{"*"}
	case "MeshService", "MeshMultiZoneService", "MeshExternalService":
		name := manifest.Text(ref.Get("name"))
		if name == "" {
			name = manifest.Text(ref.Get("labels").Get("kuma.io/display-name"))
		}
		if name == "" {
			return nil
		}
		// A service of Kubernetes is called name_namespace_svc_port.
		if parts := strings.Split(name, "_"); len(parts) == 4 && parts[2] == "svc" {
			return manifest.HostNames(parts[0], parts[1])
		}
		namespace := manifest.Text(ref.Get("namespace"))
		if namespace == "" {
			namespace = o.Namespace
		}
		return manifest.HostNames(name, namespace)
	}
	return nil
}

// kumaTimeout checks the timeouts of a policy for themselves, and gives those that go out a route.
func (d *documents) kumaTimeout(o *manifest.Object) {
	if isShadow(o) {
		return
	}
	for _, entry := range kumaEntries(o) {
		n := entry.Get("default")
		if n.Get("http").Get("requestTimeout") == nil {
			continue
		}
		r := policy.Route{
			System: kumaSystem, At: policy.At(entry), Name: ownerOf(o).Name, Unattached: true,
			Matches: []callgraph.RouteMatch{{}},
			Timeout: d.duration(n.Get("http").Get("requestTimeout"), policy.Time{}),
		}
		// A longest stream, or the time between two bytes, ends what hangs as well.
		for _, other := range []string{"maxStreamDuration", "streamIdleTimeout"} {
			if t := d.duration(n.Get("http").Get(other), policy.Time{}); t.Known && t.Value > 0 {
				r.Streams = true
			}
		}
		d.routes = append(d.routes, r)
	}
}

// kumaRetry reads the retries of one protocol.
func (d *documents) kumaRetry(o *manifest.Object, to *tree.Node, protocol string) {
	conf := to.Get("default")
	n := conf.Get(protocol)
	if n == nil || n.Kind != tree.Object {
		return
	}
	d.fields(n, protocol+" of a MeshRetry", "numRetries", "perTryTimeout", "backOff", "rateLimitedBackOff", "retryOn", "hostSelection", "hostSelectionMaxAttempts")
	hosts := kumaTarget(o, to)
	r := policy.Route{
		System: kumaSystem, At: policy.At(n), Owner: ownerOf(o), Name: protocol + " of " + ownerOf(o).Name, GRPC: protocol == "grpc",
		Matches:    []callgraph.RouteMatch{{Sidecar: true, Hosts: hosts, Conditional: kumaPartial(o)}},
		Unattached: len(hosts) == 0, Timeout: d.kumaTimeoutFor(o, hosts), Dynamic: "the service that is called",
	}
	retry := &policy.Retry{At: policy.AtKey(conf, protocol), Growth: callgraph.Growing, Jitter: callgraph.Yes, Where: strings.Join(hosts[:min(1, len(hosts))], "")}
	retry.Retries = d.retries(n.Get("numRetries"), policy.DefaultCount(kumaRetries, kumaDefault))
	retry.PerTry = d.duration(n.Get("perTryTimeout"), policy.DefaultTime(0, kumaDefault))
	backOff := n.Get("backOff")
	base := d.duration(backOff.Get("baseInterval"), policy.DefaultTime(policy.EnvoyBaseWait, envoyDefault))
	maximum := d.duration(backOff.Get("maxInterval"), policy.DefaultTime(policy.EnvoyWaitFactor*base.Value, envoyDefault))
	if retry.Retries.Known && base.Known && maximum.Known {
		retry.Wait = policy.EnvoyWait(retry.Retries.N, base.Value, maximum.Value)
	}
	kumaConditions(retry, n.Get("retryOn"), protocol)
	retry.Breaker = policy.DefaultCount(policy.EnvoyBreaker, envoyDefault)
	r.Retry = retry
	d.routes = append(d.routes, r)
}

// kumaPartial reports whether a policy is for some of the proxies only.
func kumaPartial(o *manifest.Object) bool {
	kind := manifest.Text(o.Spec().Get("targetRef").Get("kind"))
	return kind != "" && kind != "Mesh"
}

// kumaConditions reads the words of Kuma, some of which say which methods are repeated.
func kumaConditions(r *policy.Retry, n *tree.Node, protocol string) {
	for _, w := range items(n) {
		word := manifest.Text(w)
		if word == "" {
			continue
		}
		r.OnAt = policy.At(n)
		if method, ok := strings.CutPrefix(word, "HttpMethod"); ok {
			r.Methods = append(r.Methods, strings.ToUpper(method))
			continue
		}
		if code, err := strconv.Atoi(word); err == nil {
			r.On = append(r.On, policy.StatusCondition(code, policy.At(w)))
			continue
		}
		r.On = append(r.On, kumaCondition(word, policy.At(w)))
	}
	if len(r.On) == 0 {
		list := map[string]string{"http": kumaHTTPRetryOn, "grpc": kumaGRPCRetryOn}[protocol]
		r.On, r.OnOrigin = policy.Conditions(list, policy.Place{}), kumaDefault
	}
}

func kumaCondition(word string, at policy.Place) policy.Condition {
	for _, k := range kumaWords {
		if strings.EqualFold(k.kuma, word) || k.envoy == word {
			c := policy.EnvoyCondition(k.envoy, at)
			c.Word = word
			return c
		}
	}
	return policy.Condition{Word: word, At: at, Unknown: true}
}

// kumaTimeoutFor is the timeout that the nearest MeshTimeout in sight sets for exactly the same; unknown without one, as
// others may be in effect.
func (d *documents) kumaTimeoutFor(o *manifest.Object, hosts []string) policy.Time {
	var t policy.Time
	if len(hosts) == 0 {
		return t
	}
	if d.timeouts == nil {
		d.timeouts = d.kumaTimeouts()
	}
	for _, other := range d.timeouts[hosts[0]].Nearest(o.File(), func(*manifest.Object) bool { return true }) {
		for _, entry := range items(other.Spec().Get("to")) {
			if target := kumaTarget(other, entry); len(target) > 0 && target[0] == hosts[0] {
				t = d.duration(entry.Get("default").Get("http").Get("requestTimeout"), t)
			}
		}
	}
	return t
}

// kumaTimeouts finds the MeshTimeouts that are in effect for all that call something, by its first name.
func (d *documents) kumaTimeouts() map[string]*manifest.Index {
	by := map[string][]*manifest.Object{}
	for _, o := range d.byKind[kumaGroup+"/MeshTimeout"] {
		if isShadow(o) || kumaPartial(o) {
			continue
		}
		for _, entry := range items(o.Spec().Get("to")) {
			if target := kumaTarget(o, entry); len(target) > 0 && !slices.Contains(by[target[0]], o) {
				by[target[0]] = append(by[target[0]], o)
			}
		}
	}
	indexes := map[string]*manifest.Index{}
	for name, objects := range by {
		indexes[name] = manifest.NewIndex(objects)
	}
	return indexes
}

func (d *documents) kumaMirrors(o *manifest.Object) {
	for _, to := range items(o.Spec().Get("to")) {
		hosts := kumaTarget(o, to)
		for i, rule := range items(to.Get("rules")) {
			r := policy.Route{
				System: kumaSystem, At: policy.At(rule), Name: routeName(rule, i, len(to.Get("rules").Items)) + " of " + ownerOf(o).Name, Unattached: len(hosts) == 0,
				Dynamic: "the service that is called",
			}
			base := callgraph.RouteMatch{Sidecar: true, Hosts: hosts, Order: i, Conditional: kumaPartial(o)}
			for _, m := range items(rule.Get("matches")) {
				one := base
				one.Path = gatewayPath(m)
				one.Methods = texts1(m.Get("method"))
				one.Conditional = one.Conditional || m.Get("headers") != nil || m.Get("queryParams") != nil
				r.Matches = append(r.Matches, one)
			}
			if len(r.Matches) == 0 {
				r.Matches = []callgraph.RouteMatch{base}
			}
			gatewayFilters(&r, rule.Get("default"))
			if len(r.Mirrors) > 0 {
				d.routes = append(d.routes, r)
			}
		}
	}
}
