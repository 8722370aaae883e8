package mesh_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/mesh"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/finding"
)

// corpus is a folder of real configurations, beside the repository.
func corpus(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		path := filepath.Join(dir, "shared", "corpus", "envoy")
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Skip("needs the configurations of shared/corpus/envoy beside the repository")
	return ""
}

// labels are what a reviewer said of real configurations (LABELS.md of the corpus). A line ending in a level of at least that is
// wanted; loud are the rules that may report at warning or above.
var labels = []struct {
	file string
	want []string
}{
	{"appmesh/aws+aws-app-mesh-examples__walkthroughs__howto-grpc__mesh__route-retries.json", []string{
		"17 error mesh/retry-nonidempotent", "18 note mesh/retry-count", "19 note mesh/hang-bound",
	}},
	{"gateway-api/kubernetes-sigs+gateway-api__conformance__tests__httproute-retry-with-timeouts.yaml", []string{
		"28 warning mesh/retry-bound-by-timeout", "27 note mesh/retry-nonidempotent", "14 note mesh/default-retries",
	}},
	{"istio/istio+istio__samples__bookinfo__networking__virtual-service-ratings-test-delay.yaml", []string{
		"9 warning mesh/no-timeout", "14 note mesh/fault-injection", "9 note mesh/default-retries",
	}},
}

func TestLabels(t *testing.T) {
	dir := corpus(t)
	for _, tt := range labels {
		t.Run(filepath.Base(tt.file), func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(dir, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]bool{}
			for _, f := range check(t, string(text)).Findings {
				got[fmt.Sprintf("%d %s %s", f.Line, level(f), f.Rule)] = true
			}
			for _, w := range tt.want {
				if !got[w] {
					t.Errorf("%q is not found", w)
				}
				delete(got, w)
			}
			for other := range got {
				if !strings.Contains(other, " note ") {
					t.Errorf("%q is found and not labelled", other)
				}
			}
		})
	}
}

// TestCorpus reads every document of the corpus, and expects that none is lost.
func TestCorpus(t *testing.T) {
	dir := corpus(t)
	documents, routes := map[string]int{}, map[string]int{}
	for _, folder := range []string{"istio", "gateway-api", "contour", "kuma", "appmesh", "emissary", "traefik", "nginx", "linkerd"} {
		names, _ := filepath.Glob(filepath.Join(dir, folder, "*"))
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			switch filepath.Ext(name) {
			case ".yaml", ".yml", ".json":
			default:
				continue
			}
			if !manifest.Sniff(text) {
				continue
			}
			f := manifest.Read(filepath.Base(name), text)
			for _, err := range f.Errors {
				if !f.Template {
					t.Errorf("%s: %v", folder, err)
				}
			}
			result := mesh.Check([]*manifest.File{f}, policy.DefaultOptions())
			documents[folder] += result.Documents
			routes[folder] += len(result.Routes)
			seen := map[string]bool{}
			for _, r := range result.Routes {
				if seen[r.ID] || r.At.Line == 0 || r.System == "" || r.Name == "" {
					t.Errorf("%s: the route %+v", folder, r)
				}
				seen[r.ID] = true
			}
			for _, one := range result.Findings {
				if one.Line == 0 || one.Message == "" || level(one) == finding.Off {
					t.Errorf("%s: %+v", folder, one)
				}
			}
		}
	}
	for folder, least := range map[string]int{"istio": 130, "gateway-api": 170, "contour": 10, "kuma": 130, "appmesh": 8, "emissary": 40} {
		if documents[folder] < least {
			t.Errorf("%s: %d documents are read; want at least %d", folder, documents[folder], least)
		}
	}
	t.Logf("documents %v, routes %v", documents, routes)
}
