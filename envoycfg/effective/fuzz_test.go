package effective

import (
	"testing"

	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/tree"
)

// Whatever a file holds, reading it and working out what it comes to ends without a panic.
func FuzzResolve(f *testing.F) {
	f.Add(edge("{cluster: app, timeout: 1s, retry_policy: {retry_on: '5xx,x', num_retries: 3, per_try_timeout: 2s}}", "circuit_breakers: {thresholds: [{retry_budget: {}}]}"))
	f.Add(bootstrap)
	f.Add(twoLevels)
	f.Add("{% if x %}\nstatic_resources: {clusters: [{name: {{ x }}, load_assignment: ${Y}}]}\n{% endif %}")
	f.Add(`{"configs": [{"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump", "static_clusters": [{"cluster": {"@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster"}}]}]}`)
	f.Add("kind: EnvoyFilter\nspec: {configPatches: [{applyTo: CLUSTER, patch: {operation: MERGE, value: {name: [1]}}}]}\n")
	f.Add("kind: ConfigMap\ndata:\n  a: |\n    static_resources: {listeners: [{address: {socket_address: {}}}]}\n")
	f.Fuzz(func(t *testing.T, text string) {
		xds.Sniff([]byte(text))
		file := xds.Load("f.yaml", []byte(text))
		Resolve([]*xds.File{file}).Graph()
		parsed, _ := tree.ParseTemplate("f.yaml", []byte(text))
		for _, document := range parsed.Documents {
			Resolve(xds.Kubernetes(document)).Graph()
		}
		for _, x := range file.Findings {
			if x.Location.Line < 1 && x.Location.File == "" {
				t.Errorf("a finding without a place: %s", x.Message)
			}
		}
	})
}
