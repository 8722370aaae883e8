package breaking_test

import (
	"strings"
	"testing"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/breaking"
	"github.com/commslint/commslint/rules"
)

// TestExamples runs the examples of the catalogue: the bad one breaks its own rule
// and no other, the good one breaks none.
func TestExamples(t *testing.T) {
	ran := 0
	for _, r := range rules.All() {
		if !breaking.Implements(r.ID) || r.Language != "yaml" {
			continue
		}
		ran++
		opt := options()
		opt.All = r.ID == breaking.CompatibleChange
		bad := compareExample(t, r.ID, r.Bad, opt)
		if len(bad) != 1 || bad[0].Rule != r.ID || level(bad[0]) != r.Level {
			t.Errorf("%s: the bad example gives\n%swant one finding of the rule", r.ID, show(bad))
		}
		if good := compareExample(t, r.ID, r.Good, opt); len(good) != 0 {
			t.Errorf("%s: the good example gives\n%s", r.ID, show(good))
		}
	}
	if ran < 15 {
		t.Errorf("only %d rules have examples", ran)
	}
}

func compareExample(t *testing.T, name, text string, opt breaking.Options) []finding.Finding {
	t.Helper()
	before, after, ok := strings.Cut(text, "---\n")
	if !ok {
		t.Fatalf("%s: an example is two documents, separated by a line of three dashes", name)
	}
	return breaking.Compare(parse(t, "before.yaml", []byte(before)), parse(t, "after.yaml", []byte(after)), opt)
}
