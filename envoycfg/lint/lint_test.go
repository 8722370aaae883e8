package lint_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/envoycfg/lint"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

// Names of fields in rules must be Envoy's.
func init() { xds.Strict = true }

func check(t *testing.T, files ...lint.File) []finding.Finding {
	t.Helper()
	return lint.Check(files, lint.DefaultOptions()).Findings
}

func checkText(t *testing.T, text string) []finding.Finding {
	t.Helper()
	if !xds.Sniff([]byte(text)) {
		t.Fatalf("this is not taken for a configuration of Envoy:\n%s", text)
	}
	return check(t, lint.File{Name: "envoy.yaml", Text: []byte(text)})
}

// without leaves out what describes a policy and is no complaint.
func without(findings []finding.Finding) []finding.Finding {
	return slices.DeleteFunc(findings, func(f finding.Finding) bool { return f.Rule == "envoy/retry-count" && f.Strength == finding.Possible })
}

// TestExamples runs the examples of the catalogue: the bad one breaks its own rule once and no other, the
// good one breaks none.
func TestExamples(t *testing.T) {
	ran := 0
	for _, r := range rules.All() {
		if !lint.Implements(r.ID) {
			continue
		}
		ran++
		if bad := without(checkText(t, r.Bad)); len(bad) != 1 || bad[0].Rule != r.ID || bad[0].Line == 0 {
			t.Errorf("%s: the bad example gives\n%swant one finding of the rule", r.ID, show(bad))
		}
		if good := without(checkText(t, r.Good)); len(good) != 0 {
			t.Errorf("%s: the good example gives\n%s", r.ID, show(good))
		}
	}
	if ran != 38 {
		t.Errorf("%d rules have examples; want 38", ran)
	}
}

// TestFixes applies each fix of the bad examples, and expects that its finding is gone then.
func TestFixes(t *testing.T) {
	mended := []string{}
	for _, r := range rules.All() {
		if !lint.Implements(r.ID) {
			continue
		}
		for _, f := range checkText(t, r.Bad) {
			if len(f.Fixes) == 0 {
				continue
			}
			mended = append(mended, f.Rule)
			fixed := apply(r.Bad, f.Fixes[0].Edits)
			if after := without(checkText(t, fixed)); len(after) != 0 {
				t.Errorf("%s: after its fix:\n%s%s", r.ID, show(after), fixed)
			}
		}
	}
	if want := []string{"envoy/dead-max-retries", "envoy/per-try-not-below-timeout", "envoy/unknown-retry-on"}; !slices.Equal(mended, want) {
		t.Errorf("fixed %v; want %v", mended, want)
	}
}

func apply(text string, edits []finding.Edit) string {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b finding.Edit) int { return b.Start - a.Start })
	for _, e := range edits {
		text = text[:e.Start] + e.New + text[e.End:]
	}
	return text
}

// TestRemovals takes max_retries out of thresholds that are written in several ways.
func TestRemovals(t *testing.T) {
	for before, after := range map[string]string{
		"{max_retries: 3, retry_budget: {}}":                  "{retry_budget: {}}",
		"{retry_budget: {}, max_retries: 3}":                  "{retry_budget: {}}",
		"{\"retry_budget\": {},\n      \"max_retries\": 3\n}": "{\"retry_budget\": {}\n}",
		"{\"max_retries\": 3,\n      \"retry_budget\": {}\n}": "{\"retry_budget\": {}\n}",
	} {
		text := "name: a\nconnect_timeout: 1s\ncircuit_breakers: {thresholds: [" + before + "]}\n"
		want := strings.Replace(text, before, after, 1)
		fixed := ""
		for _, f := range checkText(t, text) {
			if f.Rule == "envoy/dead-max-retries" && len(f.Fixes) == 1 {
				fixed = apply(text, f.Fixes[0].Edits)
			}
		}
		if fixed != want {
			t.Errorf("%s became\n%s", before, fixed)
		}
	}
}
