package mesh

import (
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/tree"
)

// injected adds the route that Istio makes of each service of a mesh that no VirtualService speaks of: with its
// default retries. A service is known to be in a mesh where a DestinationRule is for it, or where
// its namespace or its pods ask for sidecars.
func (d *documents) injected() {
	spoken := hostSet{}
	for _, o := range d.byKind[istioGroup+"/VirtualService"] {
		if gateways := o.Spec().Get("gateways"); gateways != nil && !contains(texts(gateways), "mesh") {
			continue
		}
		for _, h := range texts(o.Spec().Get("hosts")) {
			spoken.add(h, o.Namespace)
		}
	}
	for _, o := range d.byKind[istioGroup+"/DestinationRule"] {
		host := o.Spec().Get("host")
		name := manifest.Text(host)
		if name == "" || len(name) > 0 && name[0] == '*' || spoken.has(name, o.Namespace) {
			continue
		}
		spoken.add(name, o.Namespace)
		d.implicitRoute(o, host, name, "its DestinationRule")
	}
	d.sidecars = d.withSidecars()
	for _, o := range d.byKind["/Service"] {
		if o.Name == "" || spoken.has(o.Name, o.Namespace) {
			continue
		}
		if why := d.injects(o); why != "" {
			spoken.add(o.Name, o.Namespace)
			d.implicitRoute(o, o.NameNode(), o.Name, why)
		}
	}
}

// A hostSet holds services, by name the namespaces that they are in.
type hostSet map[string][]string

func (s hostSet) add(host, namespace string) {
	name, space := split(host, namespace)
	s[name] = append(s[name], space)
}

// has reports whether a service is one of the set. A namespace that is not said may be any.
func (s hostSet) has(host, namespace string) bool {
	name, space := split(host, namespace)
	for _, other := range s[name] {
		if other == space || other == "" || space == "" {
			return true
		}
	}
	return false
}

// injects says why the pods of a service are known to have sidecars; empty if they are not.
func (d *documents) injects(service *manifest.Object) string {
	for _, ns := range d.nearestNamed("/Namespace", service.Namespace, service.File(), func(*manifest.Object) bool { return true }) {
		if ns.Label("istio-injection") == "enabled" || ns.Label("istio.io/rev") != "" {
			return "the label of namespace " + ns.Name
		}
	}
	for _, o := range d.sidecars.Nearest(service.File(), func(o *manifest.Object) bool { return manifest.Selects(service, o) }) {
		return "the label of " + ownerOf(o).Name
	}
	return ""
}

// withSidecars are the pods and controllers whose labels ask for sidecars.
func (d *documents) withSidecars() *manifest.Index {
	var all []*manifest.Object
	for _, o := range d.objects {
		if manifest.Text(manifest.PodLabels(o).Get("sidecar.istio.io/inject")) == "true" {
			all = append(all, o)
		}
	}
	return manifest.NewIndex(all)
}

func (d *documents) implicitRoute(o *manifest.Object, at *tree.Node, host, why string) {
	r := policy.Route{
		System: istioSystem, Implicit: true, At: policy.At(at),
		Name:    "sidecars in front of " + host + ", which is in the mesh by " + why,
		Matches: []callgraph.RouteMatch{{Sidecar: true, Hosts: hostNames(host, o.Namespace)}},
		Timeout: policy.DefaultTime(0, istioDefault),
		Retry:   d.meshRetry(o.File()),
	}
	to := callgraph.Upstream{Name: host, At: manifest.At(at)}
	if port := d.onlyPort(host, o); port != "" {
		to.Addresses = []string{host + ":" + port}
	}
	r.To = []callgraph.Upstream{to}
	r.Retry.Where = host
	if breaker, budget, ok := d.destinationLimits(o, host, "", ""); ok {
		r.Retry.Breaker, r.Retry.Budget = breaker, budget
	}
	d.routes = append(d.routes, r)
}
