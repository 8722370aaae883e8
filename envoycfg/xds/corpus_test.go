package xds

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commslint/commslint/finding"
)

// corpus is a folder of real configurations, which lies beside the repository.
func corpus(t testing.TB, folder string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		shared := filepath.Join(dir, "shared", "corpus", "envoy", folder)
		if info, err := os.Stat(shared); err == nil && info.IsDir() {
			return shared
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("no shared/corpus/envoy above this folder")
		}
		dir = parent
	}
}

func files(t testing.TB, folder string) map[string][]byte {
	t.Helper()
	root := corpus(t, folder)
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string][]byte{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(root, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		texts[e.Name()] = text
	}
	return texts
}

// unread are the files of the corpus with nothing to read, and why.
func unread(name string, text []byte) string {
	switch {
	case strings.Contains(string(text), "kind: EnvoyFilter"):
		return "Kubernetes"
	case strings.TrimSpace(string(text)) == "[]":
		return "empty"
	}
	return ""
}

// faults are the files of the corpus that Envoy would not take, by a part of their name, with the
// field that is wrong. Tests of control planes leave fields out that a later step fills in, or have
// the secrets removed.
var faults = []struct{ file, message string }{
	{"local-ratelimit-distinct.routes.yaml", "TokenBucket.fill_interval"},
	{"basic_listener_1.golden.yaml", "StatusCode has no value 444"},
	{"cluster", "HttpProtocolOptions: expected one of"},
	{".golden.json", "CERT_REDACTED"},
	{"dyplomat", "http_connection_manager.v2.HttpConnectionManager belongs to version 2"},
	{"ambex__example__envoy__bootstrap-ads.yaml", "hosts of Cluster belongs to version 2"},
}

func expectedFault(name, message string) bool {
	for _, f := range faults {
		if strings.Contains(name, f.file) && strings.Contains(message, f.message) {
			return true
		}
	}
	return false
}

// Every document of the corpus is read, or it is named with the true reason.
func TestCorpus(t *testing.T) {
	for folder, atLeast := range map[string]int{"envoy": 53, "envoy-gateway": 224, "envoy-istio": 57, "envoy-kuma": 78} {
		t.Run(folder, func(t *testing.T) {
			read, reasons, deprecated := 0, map[string]int{}, 0
			for name, text := range files(t, folder) {
				f := Load(name, text)
				if reason := unread(name, text); reason != "" {
					reasons[reason]++
					if len(f.Resources) > 0 || Sniff(text) {
						t.Errorf("%s: %d resources, want none: %s", name, len(f.Resources), reason)
					}
					continue
				}
				if len(f.Resources) == 0 || !Sniff(text) {
					t.Errorf("%s: %d resources; Sniff is %v", name, len(f.Resources), Sniff(text))
				}
				read++
				for _, x := range f.Findings {
					switch {
					case x.Rule == RuleDeprecated && x.AtMost == finding.Note:
						deprecated++
					case !expectedFault(name, x.Message):
						t.Errorf("%s:%d:%d: %s: %s", name, x.Location.Line, x.Location.Column, x.Rule, x.Message)
					}
				}
			}
			if read < atLeast {
				t.Errorf("%d files were read, want %d", read, atLeast)
			}
			t.Logf("%d read, %d uses of what is deprecated; not read: %v", read, deprecated, reasons)
		})
	}
}

// Nothing else that is YAML or JSON is taken for Envoy's.
func TestSniffLeavesOthersAlone(t *testing.T) {
	for _, folder := range []string{"istio", "kuma", "gateway-api", "contour", "traefik", "linkerd", "../openapi/specs"} {
		for name, text := range files(t, folder) {
			if Sniff(text) && len(Load(name, text).Resources) == 0 {
				t.Errorf("%s/%s is taken for Envoy's", folder, name)
			}
		}
	}
}
