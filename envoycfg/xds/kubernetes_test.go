package xds

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/envoycfg/descriptor"
	"github.com/commslint/commslint/tree"
)

const configMap = `apiVersion: v1
kind: ConfigMap
data:
  README: static_resources are what Envoy starts with
  envoy.yaml: |
    static_resources:
      clusters:
      - name: c
        conect_timeout: 1s
        load_assignment: {cluster_name: c}
  quoted.json: "{\"static_resources\": {\"clusters\": [{\"name\": 1, \"x\": 2}]}}"
`

func TestConfigMaps(t *testing.T) {
	file, errs := tree.ParseAll("cm.yaml", []byte(configMap))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	files := Kubernetes(file.Root)
	if len(files) != 2 {
		t.Fatalf("%d files", len(files))
	}
	if f := files[0].Findings; len(f) != 1 || f[0].Location.Line != 9 || f[0].Location.Column != 9 || f[0].Fixes[0].Edits[0].Start != strings.Index(configMap, "conect") {
		t.Errorf("%+v", f)
	}
	if c := files[0].All(TypeCluster); len(c) != 1 || c[0].At().Line != 8 {
		t.Errorf("%d clusters", len(c))
	}
	if f := files[1].Findings; len(f) != 1 || f[0].Location.Line != 11 || len(f[0].Fixes) != 0 {
		t.Errorf("%+v", f)
	}
}

func TestEnvoyFilters(t *testing.T) {
	for _, p := range patched {
		if descriptor.Find(p.typeName) == nil {
			t.Errorf("%s is not known", p.typeName)
		}
	}
	text := `kind: EnvoyFilter
spec:
  configPatches:
  - applyTo: CLUSTER
    patch:
      operation: MERGE
      value: {connect_timeout: 1s, circuit_breaker: {}}
  - applyTo: CLUSTER
    patch: {operation: ADD, value: {connect_timeout: 1s}}
  - applyTo: HTTP_FILTER
    patch: {operation: REMOVE}
`
	file, errs := tree.ParseAll("ef.yaml", []byte(text))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	files := Kubernetes(file.Root)
	if len(files) != 1 || len(files[0].Resources) != 2 || files[0].Resources[0].Shape != Patch {
		t.Fatalf("%+v", files)
	}
	want := `7:36 envoy/invalid envoy.config.cluster.v3.Cluster has no field "circuit_breaker": Envoy refuses it; did you mean "circuit_breakers"?
9:37 envoy/invalid Cluster needs name: Envoy refuses it`
	if got := said(files[0]); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if Kubernetes(file.Root.Get("spec")) != nil {
		t.Error("something is read that is no document")
	}
}

// The patches of the corpus are read without complaint.
func TestEnvoyFiltersOfTheCorpus(t *testing.T) {
	patches := 0
	for _, folder := range []string{"envoy", "envoy-istio", "istio"} {
		texts := files(t, folder)
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			file, _ := tree.ParseTemplate(name, texts[name])
			for _, document := range file.Documents {
				for _, f := range Kubernetes(document) {
					patches += len(f.Resources)
					if got := said(f); got != "" {
						t.Logf("%s:\n%s", name, got)
					}
				}
			}
		}
	}
	t.Logf("%d patches", patches)
	if patches < 10 {
		t.Errorf("%d patches were read", patches)
	}
}
