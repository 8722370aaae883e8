package nestedretry

import (
	"testing"

	"github.com/commslint/commslint/analyzers/ruletest"
	"github.com/commslint/commslint/finding"
)

func TestAnalyzer(t *testing.T) { ruletest.Run(t, Analyzer, "a", "wrapper") }

// TestLevels checks which findings the number of requests makes warnings.
func TestLevels(t *testing.T) {
	levels := map[finding.Level]int{}
	for _, res := range ruletest.Run(t, Analyzer, "levels") {
		for _, d := range res.Diagnostics {
			strength, atMost := finding.ParseCategory(d.Category)
			if strength == finding.Likely {
				atMost = "likely"
			}
			levels[atMost]++
		}
	}
	if levels[""] != 1 || levels[finding.Warning] != 3 || levels["likely"] != 1 {
		t.Errorf("found %v, want one at the rule's level, three held to warnings and one likely", levels)
	}
}
