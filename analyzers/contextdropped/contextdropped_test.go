package contextdropped_test

import (
	"testing"

	"github.com/commslint/commslint/analyzers/contextdropped"
	"github.com/commslint/commslint/analyzers/ruletest"
)

func Test(t *testing.T) {
	ruletest.RunWithSuggestedFixes(t, contextdropped.Analyzer, "a")
}
