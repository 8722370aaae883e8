package mesh

import (
	"slices"

	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/tree"
)

// meshRetry is the policy of routes that say nothing: the mesh's own if its configuration is in sight.
func (d *documents) meshRetry(file string) *policy.Retry {
	r := defaultRetry()
	n := d.meshConfig(file).Get("defaultHttpRetryPolicy")
	if n == nil || n.Kind != tree.Object {
		return r
	}
	const origin = "defaultHttpRetryPolicy of the mesh"
	r.Origin, r.OnOrigin = origin, istioDefault
	r.Retries = d.retries(n.Get("attempts"), policy.DefaultCount(0, origin))
	r.Retries.At, r.Retries.Origin = policy.Place{}, origin
	if on := conditions(n.Get("retryOn")); len(on) > 0 {
		for i := range on {
			on[i].At = policy.Place{}
		}
		r.On, r.OnOrigin = on, origin
	}
	if t := d.duration(n.Get("perTryTimeout"), policy.Time{}); t.Known {
		r.PerTry = policy.DefaultTime(t.Value, origin)
	}
	return r
}

// meshConfig is the MeshConfig that holds for a file: of the nearest IstioOperator, or ConfigMap that
// istiod reads. Two that are as near leave it unknown.
func (d *documents) meshConfig(file string) *tree.Node {
	found := d.meshConfigs().Nearest(file, func(*manifest.Object) bool { return true })
	if len(found) != 1 {
		return nil
	}
	o := found[0]
	if o.Kind == "IstioOperator" {
		return o.Spec().Get("meshConfig")
	}
	if inside, errs := tree.Embedded(o.Root.Get("data").Get("mesh")); len(errs) == 0 {
		return inside.Root
	}
	return nil
}

func (d *documents) meshConfigs() *manifest.Index {
	if d.configs != nil {
		return d.configs
	}
	all := slices.Clone(d.byKind["install.istio.io/IstioOperator"])
	for _, o := range d.byKind["/ConfigMap"] {
		if mesh := o.Root.Get("data").Get("mesh"); mesh != nil && mesh.Kind == tree.String && (o.Name == "istio" || o.Label("istio.io/rev") != "") {
			all = append(all, o)
		}
	}
	d.configs = manifest.NewIndex(all)
	return d.configs
}
