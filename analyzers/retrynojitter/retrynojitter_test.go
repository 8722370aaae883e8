package retrynojitter

import (
	"testing"

	"github.com/commslint/commslint/analyzers/ruletest"
)

func TestAnalyzer(t *testing.T) { ruletest.RunWithSuggestedFixes(t, Analyzer, "a") }
