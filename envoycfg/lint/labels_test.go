package lint_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/envoycfg/lint"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

// corpus finds the folder with labelled configurations, which is not part of the repository.
func corpus(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; filepath.Dir(dir) != dir; dir = filepath.Dir(dir) {
		found := filepath.Join(dir, "shared", "corpus", "envoy")
		if info, err := os.Stat(found); err == nil && info.IsDir() {
			return found
		}
	}
	t.Skip("needs the configurations of shared/corpus/envoy beside the repository")
	return ""
}

// A label is what a reader said of a place, before there was a rule.
type label struct {
	line  int
	level finding.Level // Off for what must not be said at warning or above
	rule  string
}

// anywhere stands for each line of a file.
const anywhere = 0

// labels are what was said of each file, with the rules that it became. What is labelled for each
// cluster is at the line where the cluster begins.
var labels = map[string][]label{
	"envoy/envoyproxy+examples__front-proxy__envoy.yaml": slices.Concat([]label{
		{9, finding.Warning, "envoy/client-driven-retry"}, {40, finding.Warning, "envoy/client-driven-retry"},
		{9, finding.Warning, "envoy/no-request-timeout"}, {40, finding.Warning, "envoy/no-request-timeout"},
		{3, finding.Warning, "envoy/plaintext-listener"}, {34, finding.Off, "envoy/plaintext-listener"},
		{23, finding.Note, "envoy/default-timeout"}, {26, finding.Note, "envoy/default-timeout"},
		{54, finding.Note, "envoy/default-timeout"}, {57, finding.Note, "envoy/default-timeout"},
		{100, finding.Error, "envoy/inline-secret"},
		{131, finding.Warning, "envoy/plaintext-upstream"}, {143, finding.Warning, "envoy/plaintext-upstream"},
		{157, finding.Error, "envoy/admin-exposed"}, {1, finding.Note, "envoy/no-overload-manager"},
		{167, finding.Warning, "envoy/dead-runtime-limit"},
	}, untended(131, 143)),
	"envoy/envoyproxy+examples__route-mirror__envoy.yaml": slices.Concat([]label{
		{25, finding.Warning, "envoy/mirror-amplification"}, {32, finding.Error, "envoy/mirror-from-header"},
		{23, finding.Note, "envoy/default-timeout"}, {29, finding.Note, "envoy/default-timeout"},
		{9, finding.Warning, "envoy/client-driven-retry"}, {9, finding.Warning, "envoy/no-request-timeout"},
		{3, finding.Warning, "envoy/plaintext-listener"},
		{40, finding.Warning, "envoy/plaintext-upstream"}, {53, finding.Warning, "envoy/plaintext-upstream"},
		{66, finding.Warning, "envoy/plaintext-upstream"}, {79, finding.Warning, "envoy/plaintext-upstream"},
	}, untended(40, 53, 66, 79)),
	"envoy/envoyproxy+examples__ext_authz__config__http-service.yaml": slices.Concat([]label{
		{23, finding.Note, "envoy/default-timeout"}, {9, finding.Warning, "envoy/client-driven-retry"},
		{9, finding.Warning, "envoy/no-request-timeout"}, {43, finding.Warning, "envoy/plaintext-upstream"},
		{56, finding.Warning, "envoy/plaintext-upstream"}, {anywhere, finding.Off, "envoy/authz-fails-open"},
	}, untended(43, 56)),
	"envoy/envoyproxy+examples__websocket__envoy-ws.yaml": slices.Concat([]label{
		{9, finding.Warning, "envoy/client-driven-retry"}, {9, finding.Warning, "envoy/no-request-timeout"},
		{3, finding.Warning, "envoy/plaintext-listener"}, {32, finding.Warning, "envoy/plaintext-upstream"},
		{24, finding.Warning, "envoy/upgrade-idle-timeout"},
		{anywhere, finding.Off, "envoy/timeout-disabled"}, {anywhere, finding.Off, "envoy/default-timeout"},
	}, untended(32)),
	"envoy/envoyproxy+examples__locality-load-balancing__envoy.yaml": {
		{42, finding.Warning, "envoy/health-check-overlap"}, {46, finding.Warning, "envoy/health-check-flapping"},
		{3, finding.Error, "envoy/admin-exposed"}, {29, finding.Note, "envoy/default-timeout"},
		{15, finding.Warning, "envoy/client-driven-retry"}, {15, finding.Warning, "envoy/no-request-timeout"},
		{9, finding.Warning, "envoy/plaintext-listener"}, {36, finding.Warning, "envoy/plaintext-upstream"},
		{36, finding.Note, "envoy/no-circuit-breaker"}, {36, finding.Note, "envoy/no-outlier-detection"},
		{36, finding.Note, "envoy/default-connect-timeout"}, {anywhere, finding.Off, "envoy/no-health-check"},
	},
	"envoy/open-telemetry+opentelemetry-demo__src__frontend-proxy__envoy.tmpl.yaml": {
		{87, finding.Error, "envoy/client-driven-fault"}, {316, finding.Error, "envoy/admin-exposed"},
		{60, finding.Warning, "envoy/timeout-disabled"}, {77, finding.Note, "envoy/timeout-disabled"},
		{40, finding.Note, "envoy/default-timeout"}, {44, finding.Note, "envoy/default-timeout"},
		{48, finding.Note, "envoy/default-timeout"}, {52, finding.Note, "envoy/default-timeout"},
		{56, finding.Note, "envoy/default-timeout"}, {58, finding.Note, "envoy/default-timeout"},
		{70, finding.Note, "envoy/default-timeout"}, {81, finding.Note, "envoy/default-timeout"},
		{63, finding.Note, "envoy/default-timeout"},
		{12, finding.Warning, "envoy/client-driven-retry"}, {12, finding.Warning, "envoy/no-request-timeout"},
		{6, finding.Warning, "envoy/plaintext-listener"}, {150, finding.Warning, "envoy/plaintext-upstream"},
		{302, finding.Warning, "envoy/plaintext-upstream"}, {326, finding.Warning, "envoy/dead-runtime-limit"},
		{42, finding.Off, "envoy/default-timeout"}, {46, finding.Off, "envoy/default-timeout"},
		{68, finding.Off, "envoy/default-timeout"}, {100, finding.Off, "*"},
	},
	"envoy/envoyproxy+go-control-plane__sample__bootstrap-ads.yaml": {
		{27, finding.Note, "envoy/no-circuit-breaker"}, {39, finding.Note, "envoy/no-circuit-breaker"},
		{anywhere, finding.Note, "envoy/dynamic-resources"}, {anywhere, finding.Off, "*"},
		{anywhere, finding.Off, "envoy/plaintext-upstream"}, {anywhere, finding.Off, "envoy/admin-exposed"},
		{anywhere, finding.Off, "envoy/no-outlier-detection"}, {anywhere, finding.Off, "envoy/no-health-check"},
	},
	"envoy/envoyproxy+ratelimit__examples__envoy__mock.yaml": {
		{61, finding.Error, "envoy/admin-exposed"}, {2, finding.Warning, "envoy/plaintext-listener"},
		{31, finding.Warning, "envoy/plaintext-listener"}, {anywhere, finding.Off, "envoy/default-timeout"},
		{anywhere, finding.Off, "envoy/timeout-disabled"},
	},
	"envoy-gateway/envoyproxy+gateway__internal__xds__translator__testdata__out__xds-ir__circuit-breaker.clusters.yaml": {
		{7, finding.Warning, "envoy/breaker-of-one"}, {8, finding.Note, "envoy/dead-max-retries"},
		{1, finding.Note, "envoy/no-outlier-detection"}, {anywhere, finding.Off, "envoy/no-circuit-breaker"},
		{anywhere, finding.Off, "envoy/retry-without-budget"},
	},
	"envoy-gateway/envoyproxy+gateway__internal__xds__translator__testdata__out__xds-ir__http-route-multiple-mirrors.routes.yaml": {
		{14, finding.Warning, "envoy/mirror-amplification"}, {11, finding.Note, "envoy/default-timeout"},
	},
	"envoy-kuma/kumahq+kuma__pkg__plugins__policies__meshretry__plugin__v1alpha1__testdata__http.listeners.golden.yaml": {
		{39, finding.Note, "envoy/retry-count"}, {102, finding.Error, "envoy/retry-nonidempotent"}, {108, finding.Warning, "envoy/timeout-disabled"},
		{anywhere, finding.Off, "envoy/retry-without-per-try-timeout"}, {anywhere, finding.Off, "envoy/retry-without-budget"},
	},
	"envoy/gardener+gardener__pkg__component__networking__vpn__envoy__templates__envoy.yaml.tpl": {
		{65, finding.Off, "envoy/default-timeout"}, {65, finding.Warning, "envoy/upgrade-idle-timeout"},
		{123, finding.Warning, "envoy/pending-below-connections"}, {27, finding.Note, "envoy/optional-client-certificate"},
		{135, finding.Off, "envoy/plaintext-upstream"}, {147, finding.Off, "envoy/admin-exposed"},
		{85, finding.Note, "envoy/plaintext-listener"},
	},
}

// untended are the labels of clusters that have nothing of what a cluster may have.
func untended(lines ...int) []label {
	var all []label
	for _, line := range lines {
		for _, rule := range []string{"no-circuit-breaker", "no-outlier-detection", "no-health-check", "default-connect-timeout"} {
			all = append(all, label{line, finding.Note, "envoy/" + rule})
		}
	}
	return all
}

// TestLabels expects what readers labelled, at its line and level, and nothing of what they
// labelled as right.
func TestLabels(t *testing.T) {
	dir := corpus(t)
	for name, expected := range labels {
		findings := checkFile(t, dir, name)
		for _, l := range expected {
			if problem := l.judge(findings); problem != "" {
				t.Errorf("%s:%d: %s is labelled %s: %s", name, l.line, l.rule, l.level, problem)
			}
		}
		if t.Failed() {
			t.Logf("%s", show(findings))
		}
	}
}

func checkFile(t *testing.T, dir, name string) []finding.Finding {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return check(t, lint.File{Name: name, Text: text})
}

// judge says what of a label does not hold. Labels are at the line that a reader thought of first, and
// findings at the value that would be changed: two lines away is near.
func (l label) judge(findings []finding.Finding) string {
	near := 2
	if l.level == finding.Off {
		near = 0
	}
	var there []finding.Finding
	for _, f := range findings {
		within := l.line == anywhere || l.line-near <= f.Line && f.Line <= l.line+near
		if within && (f.Rule == l.rule || l.rule == "*") {
			there = append(there, f)
		}
	}
	loudest := finding.Off
	for _, f := range there {
		if level := effective(f); level.Rank() > loudest.Rank() {
			loudest = level
		}
	}
	switch {
	case l.level == finding.Off && loudest.Rank() <= finding.Note.Rank() && (l.line == anywhere || l.rule == "*"):
		return ""
	case loudest != l.level:
		return fmt.Sprintf("found as %s", loudest)
	}
	return ""
}

// effective is the level that a finding has when nothing is configured.
func effective(f finding.Finding) finding.Level {
	level := finding.Error
	if r, ok := rules.Lookup(f.Rule); ok {
		level = r.Level
	}
	level = f.Strength.Cap(level)
	if f.AtMost != "" && level.Rank() > f.AtMost.Rank() {
		level = f.AtMost
	}
	return level
}

func show(findings []finding.Finding) string {
	var b strings.Builder
	sorted := slices.SortedFunc(slices.Values(findings), func(a, b finding.Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	for _, f := range sorted {
		fmt.Fprintf(&b, "%s:%d:%d: %s: %s [%s]\n", f.File, f.Line, f.Column, effective(f), f.Message, f.Rule)
		for _, r := range f.Related {
			fmt.Fprintf(&b, "    %s:%d:%d: %s\n", r.File, r.Line, r.Column, r.Message)
		}
	}
	return b.String()
}
