package mesh

import (
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/tree"
)

// envoyFilters asks the rules of the retry policies that EnvoyFilters write into routes. What they are for is known only when they
// are merged, so that no route comes of them.
func (d *documents) envoyFilters() {
	for _, o := range d.of(istioGroup, "EnvoyFilter") {
		for _, patch := range items(o.Spec().Get("configPatches")) {
			d.patched(ownerOf(o), patch.Get("patch").Get("value"), 0)
		}
	}
}

// maxPatch bounds how deep a patch is looked into.
const maxPatch = 40

func (d *documents) patched(owner *policy.Owner, n *tree.Node, depth int) {
	if n == nil || depth > maxPatch {
		return
	}
	for _, item := range n.Items {
		d.patched(owner, item, depth+1)
	}
	for i := range n.Members {
		m := &n.Members[i]
		isRoute := n.Get("cluster") != nil || n.Get("weighted_clusters") != nil || n.Get("retry_policy").Get("retry_on") != nil || n.Get("retryPolicy").Get("retryOn") != nil
		if (m.Key == "retry_policy" || m.Key == "retryPolicy") && isRoute {
			d.routes = append(d.routes, policy.Route{
				System: istioSystem, At: policy.At(n), Name: owner.Name, Unattached: true, Matches: []callgraph.RouteMatch{{}},
				Retry: d.envoyRetry(n, m.Key, envoyDefault), Timeout: d.duration(n.Get("timeout"), policy.Time{}),
			})
		}
		if m.Key == "max_retries" || m.Key == "maxRetries" {
			budget := n.Get("retry_budget")
			if budget == nil {
				budget = n.Get("retryBudget")
			}
			var b *policy.Budget
			if budget != nil {
				b = &policy.Budget{Share: 0.2, Min: 3}
			}
			d.report.Unlimited(d.number(m.Value, policy.Count{}), b)
		}
		d.patched(owner, m.Value, depth+1)
	}
}
