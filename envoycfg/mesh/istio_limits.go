package mesh

import (
	"strings"

	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// destinationRules checks the traffic policies themselves.
func (d *documents) destinationRules() {
	for _, o := range d.of(istioGroup, "DestinationRule") {
		d.trafficPolicy(o, o.Spec().Get("trafficPolicy"))
		for _, subset := range items(o.Spec().Get("subsets")) {
			d.trafficPolicy(o, subset.Get("trafficPolicy"))
		}
	}
}

func (d *documents) trafficPolicy(o *manifest.Object, n *tree.Node) {
	if n == nil {
		return
	}
	for _, port := range items(n.Get("portLevelSettings")) {
		d.trafficPolicy(o, port)
	}
	pool := n.Get("connectionPool").Get("http")
	d.fields(pool, "connectionPool.http of a DestinationRule", "http1MaxPendingRequests", "http2MaxRequests", "maxRequestsPerConnection", "maxRetries",
		"idleTimeout", "h2UpgradePolicy", "useClientProtocol", "maxConcurrentStreams", "requestTimeout")
	breaker := d.number(pool.Get("maxRetries"), policy.Count{})
	d.report.Unlimited(breaker, d.istioBudget(n.Get("retryBudget")))
	if mode := n.Get("tls").Get("mode"); manifest.Text(mode) == "DISABLE" {
		d.clearText(manifest.Text(o.Spec().Get("host")), manifest.Text(n.Get("port").Get("number")), mode)
	}
}

// ownTLS are ports to which callers speak TLS by themselves, whatever the sidecar adds.
var ownTLS = []string{"443", "6443", "8443"}

// clearText finds services to which the mesh encrypts nothing.
func (d *documents) clearText(host, port string, mode *tree.Node) {
	if host == "" {
		return
	}
	if contains(ownTLS, port) || strings.HasPrefix(host, "kubernetes.default") {
		d.report.Addf(policy.PlaintextUpstream, policy.At(mode), finding.Possible, "the sidecar encrypts nothing that is sent to %s, which is right where callers speak TLS by themselves", host)
		return
	}
	d.report.Addf(policy.PlaintextUpstream, policy.At(mode), "", "requests to %s leave the sidecar in clear text: mode DISABLE switches off what Istio would encrypt by itself", host)
}

// istioBudget reads a retryBudget: 20 % and at least 3 by default (istio/api networking/v1 destination_rule.proto).
func (d *documents) istioBudget(n *tree.Node) *policy.Budget {
	if n == nil || n.Kind != tree.Object {
		return nil
	}
	b := &policy.Budget{Share: policy.EnvoyBudget, Min: policy.EnvoyBudgetMin, At: policy.At(n)}
	if value, ok := percent(n.Get("percent").Get("value")); ok {
		b.Share = value / 100
	} else if value, ok := percent(n.Get("percent")); ok {
		b.Share = value / 100
	}
	if m := d.number(n.Get("minRetryConcurrency"), policy.Count{}); m.Known {
		b.Min = m.N
	}
	return b
}

// istioLimits adds what limits the retries of a route to its destinations. Of several destinations the one counts
// that is limited least.
func (d *documents) istioLimits(r *policy.Retry, o *manifest.Object, route *tree.Node) {
	first := true
	for _, dest := range items(route.Get("route")) {
		to := dest.Get("destination")
		host := manifest.Text(to.Get("host"))
		if host == "" {
			continue
		}
		breaker, budget, ok := d.destinationLimits(o, host, manifest.Text(to.Get("subset")), manifest.Text(to.Get("port").Get("number")))
		if !ok {
			r.Breaker, r.Budget, r.Where = policy.Count{}, nil, host
			return
		}
		if first || looser(breaker, budget, r.Breaker, r.Budget) {
			r.Breaker, r.Budget, r.Where = breaker, budget, host
		}
		first = false
	}
}

// looser reports whether the first limits allow more retries.
func looser(a policy.Count, ab *policy.Budget, b policy.Count, bb *policy.Budget) bool {
	switch {
	case ab == nil && bb == nil:
		return a.N > b.N
	case ab == nil:
		return true
	case bb == nil:
		return false
	}
	return ab.Share > bb.Share
}

// destinationLimits finds what the nearest DestinationRule says of a host; false if several say it differently.
func (d *documents) destinationLimits(user *manifest.Object, host, subset, port string) (policy.Count, *policy.Budget, bool) {
	breaker := policy.DefaultCount(istioNoBreaker, istioDefault)
	rules := d.rulesFor(host, user)
	if len(rules) == 0 {
		return breaker, nil, true
	}
	if len(rules) > 1 {
		return policy.Count{}, nil, false
	}
	traffic := rules[0].Spec().Get("trafficPolicy")
	pool, budget := traffic.Get("connectionPool"), traffic.Get("retryBudget")
	override := func(n *tree.Node) {
		if p := n.Get("connectionPool"); p != nil {
			pool = p
		}
		if b := n.Get("retryBudget"); b != nil {
			budget = b
		}
	}
	ports := func(n *tree.Node) {
		for _, p := range items(n.Get("portLevelSettings")) {
			if port != "" && manifest.Text(p.Get("port").Get("number")) == port {
				override(p)
			}
		}
	}
	ports(traffic)
	for _, s := range items(rules[0].Spec().Get("subsets")) {
		if subset != "" && manifest.Text(s.Get("name")) == subset {
			override(s.Get("trafficPolicy"))
			ports(s.Get("trafficPolicy"))
		}
	}
	return d.number(pool.Get("http").Get("maxRetries"), breaker), d.istioBudget(budget), true
}

// rulesFor lists the nearest DestinationRules for a host: those of its name before those of many.
func (d *documents) rulesFor(host string, user *manifest.Object) []*manifest.Object {
	const kind = istioGroup + "/DestinationRule"
	if d.wide == nil {
		var wide []*manifest.Object
		for _, o := range d.byKind[kind] {
			if strings.HasPrefix(manifest.Text(o.Spec().Get("host")), "*") {
				wide = append(wide, o)
			}
		}
		d.wide = manifest.NewIndex(wide)
	}
	fits := func(o *manifest.Object) bool {
		return sameHost(host, user.Namespace, manifest.Text(o.Spec().Get("host")), o.Namespace)
	}
	name, _ := split(host, user.Namespace)
	if own := d.index(kind, name, func(o *manifest.Object) string {
		name, _ := split(manifest.Text(o.Spec().Get("host")), "")
		return name
	}).Nearest(user.File(), fits); len(own) > 0 {
		return own
	}
	return d.wide.Nearest(user.File(), fits)
}

// hostNames are the names that stand for a host in the namespace of a document.
func hostNames(host, namespace string) []string {
	if strings.Contains(host, "*") {
		return []string{host}
	}
	if name, ns, ok := clusterService(host); ok {
		return manifest.HostNames(name, ns)
	}
	if !strings.Contains(host, ".") {
		return manifest.HostNames(host, namespace)
	}
	return []string{host}
}

// clusterService takes name.namespace.svc apart, with or without the domain of the cluster.
func clusterService(host string) (name, namespace string, ok bool) {
	host, cluster := strings.CutSuffix(host, ".cluster.local")
	host, svc := strings.CutSuffix(host, ".svc")
	if !svc || cluster && !svc {
		return "", "", false
	}
	name, namespace, ok = strings.Cut(host, ".")
	return name, namespace, ok && !strings.Contains(namespace, ".")
}

// sameHost reports whether two documents mean the same service. A namespace that is not said may be any.
func sameHost(a, aNamespace, b, bNamespace string) bool {
	if a == "" || b == "" {
		return false
	}
	if suffix, ok := strings.CutPrefix(b, "*"); ok {
		return suffix == "" || strings.HasSuffix(a, suffix) || strings.HasSuffix(fullName(a, aNamespace), suffix)
	}
	aName, aSpace := split(a, aNamespace)
	bName, bSpace := split(b, bNamespace)
	return aName == bName && (aSpace == bSpace || aSpace == "" || bSpace == "")
}

func fullName(host, namespace string) string {
	if strings.Contains(host, ".") || namespace == "" {
		return host
	}
	return host + "." + namespace + ".svc.cluster.local"
}

// split gives the name and namespace of a service, or a host as it is.
func split(host, namespace string) (string, string) {
	if name, ns, ok := clusterService(host); ok {
		return name, ns
	}
	if strings.Contains(host, ".") {
		return host, ""
	}
	return host, namespace
}

// onlyPort is the port of a service that has one, if its Service is in sight.
func (d *documents) onlyPort(host string, user *manifest.Object) string {
	name, _ := split(host, user.Namespace)
	services := d.nearestNamed("/Service", name, user.File(), func(o *manifest.Object) bool {
		return sameHost(host, user.Namespace, o.Name, o.Namespace)
	})
	if len(services) != 1 {
		return ""
	}
	if ports := items(services[0].Spec().Get("ports")); len(ports) == 1 {
		return manifest.Text(ports[0].Get("port"))
	}
	return ""
}
