package amplification

import (
	"testing"

	"github.com/commslint/commslint/analyzers/ruletest"
	"github.com/commslint/commslint/finding"
)

func TestAnalyzer(t *testing.T) { ruletest.Run(t, Analyzer, "a", "shop/api", "shop/internal/store") }

// TestLevels checks that only what exceeds the higher limit may be an error.
func TestLevels(t *testing.T) {
	levels := map[finding.Level]int{}
	for _, res := range ruletest.Run(t, Analyzer, "levels") {
		for _, d := range res.Diagnostics {
			_, atMost := finding.ParseCategory(d.Category)
			levels[atMost]++
		}
	}
	if levels[""] != 1 || levels[finding.Warning] != 2 {
		t.Errorf("found %v, want one at the rule's level and two held to warnings", levels)
	}
}
