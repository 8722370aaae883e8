package insecuretls_test

import (
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/commslint/commslint/analyzers/insecuretls"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/ruletest"
)

func Test(t *testing.T) {
	ruletest.RunWithSuggestedFixes(t, insecuretls.Analyzer, "a")
}

// Verification that a setting switches off is shown on demand.
func TestPossible(t *testing.T) {
	if err := netcall.Analyzer.Flags.Set("raw", "true"); err != nil {
		t.Fatal(err)
	}
	defer netcall.Analyzer.Flags.Set("raw", "false")
	ruletest.Run(t, insecuretls.Analyzer, "possible")
}

func TestMinVersion(t *testing.T) {
	if err := insecuretls.Analyzer.Flags.Set("min-version", "1.3"); err != nil {
		t.Fatal(err)
	}
	defer insecuretls.Analyzer.Flags.Set("min-version", "1.2")
	ruletest.Run(t, insecuretls.Analyzer, "strict")
}

// A comment with the reason weakens the finding: messages begin with the strength.
func TestExplained(t *testing.T) {
	shown := *insecuretls.Analyzer
	shown.Run = func(pass *analysis.Pass) (any, error) {
		inner := *pass
		inner.Report = func(d analysis.Diagnostic) {
			d.Message = d.Category + ": " + d.Message
			pass.Report(d)
		}
		return insecuretls.Analyzer.Run(&inner)
	}
	ruletest.Run(t, &shown, "explained")
}
