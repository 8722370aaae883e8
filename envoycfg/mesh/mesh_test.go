package mesh_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/mesh"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

func check(t *testing.T, text string) *mesh.Result {
	t.Helper()
	if !manifest.Sniff([]byte(text)) {
		t.Fatalf("not recognised:\n%s", text)
	}
	file := manifest.Read("mesh.yaml", []byte(text))
	for _, err := range file.Errors {
		t.Fatalf("%v\n%s", err, text)
	}
	return mesh.Check([]*manifest.File{file}, policy.DefaultOptions())
}

func show(findings []finding.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s:%d:%d: %s: %s [%s]\n", f.File, f.Line, f.Column, level(f), f.Message, f.Rule)
	}
	return b.String()
}

// level is the level that a finding has with the rules as they are in the catalogue.
func level(f finding.Finding) finding.Level {
	r, ok := rules.Lookup(f.Rule)
	if !ok {
		return "no such rule"
	}
	return f.Strength.Cap(r.Level)
}

// loud keeps the findings at warning or above, and those of one rule.
func loud(findings []finding.Finding, rule string) []finding.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f finding.Finding) bool { return level(f) == finding.Note && f.Rule != rule })
}

// TestExamples runs the examples of the catalogue: the bad one breaks its own rule and, loudly, no other, the good one
// breaks none.
func TestExamples(t *testing.T) {
	ran := 0
	for _, r := range rules.All() {
		if !policy.Implements(r.ID) {
			continue
		}
		ran++
		quiet := map[bool]string{true: r.ID}[r.Level == finding.Note]
		if bad := loud(check(t, r.Bad).Findings, quiet); len(bad) != 1 || bad[0].Rule != r.ID || bad[0].Line == 0 {
			t.Errorf("%s: the bad example gives\n%swant one finding of the rule", r.ID, show(bad))
		}
		if good := loud(check(t, r.Good).Findings, quiet); len(good) != 0 {
			t.Errorf("%s: the good example gives\n%s", r.ID, show(good))
		}
	}
	if ran != 18 {
		t.Errorf("%d rules have examples; want 18", ran)
	}
}

// TestFixes applies each fix of the bad examples, and expects that its finding is gone then.
func TestFixes(t *testing.T) {
	var mended []string
	for _, r := range rules.All() {
		if !policy.Implements(r.ID) {
			continue
		}
		for _, f := range loud(check(t, r.Bad).Findings, "") {
			if len(f.Fixes) == 0 {
				continue
			}
			mended = append(mended, f.Rule)
			fixed := apply(r.Bad, f.Fixes[0].Edits)
			for _, after := range check(t, fixed).Findings {
				if after.Rule == f.Rule {
					t.Errorf("%s: after its fix:\n%s%s", r.ID, show([]finding.Finding{after}), fixed)
				}
			}
		}
	}
	if want := []string{policy.UnknownField, policy.UnknownRetryOn}; !slices.Equal(mended, want) {
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
