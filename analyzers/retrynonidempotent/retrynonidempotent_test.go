package retrynonidempotent

import (
	"testing"

	"github.com/commslint/commslint/analyzers/ruletest"
	"github.com/commslint/commslint/finding"
)

func TestAnalyzer(t *testing.T) {
	ruletest.Run(t, Analyzer, "a", "keys", "grpcs", "elsewhere", "gateway", "purpose")
}

// TestStrengths checks that what a name or an unknown number makes doubtful is no error.
func TestStrengths(t *testing.T) {
	strengths := map[finding.Strength]int{}
	for _, res := range ruletest.Run(t, Analyzer, "strengths") {
		for _, d := range res.Diagnostics {
			s, _ := finding.ParseCategory(d.Category)
			strengths[s]++
		}
	}
	if strengths[finding.Proven] != 1 || strengths[finding.Likely] != 1 || len(strengths) != 2 {
		t.Errorf("found %v, want one proven and one likely", strengths)
	}
}
