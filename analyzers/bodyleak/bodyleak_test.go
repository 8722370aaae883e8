package bodyleak

import (
	"testing"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/ruletest"
)

func TestAnalyzer(t *testing.T) { ruletest.Run(t, Analyzer, "a", "wrap") }

func TestFix(t *testing.T) { ruletest.RunWithSuggestedFixes(t, Analyzer, "fix") }

// TestPossible runs as the commslint command does, which wants to know of
// possible findings too.
func TestPossible(t *testing.T) {
	if err := netcall.Analyzer.Flags.Set("raw", "true"); err != nil {
		t.Fatal(err)
	}
	defer netcall.Analyzer.Flags.Set("raw", "false")
	ruletest.Run(t, Analyzer, "drain")
}
