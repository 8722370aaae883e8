package servernotimeout_test

import (
	"testing"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/ruletest"
	"github.com/commslint/commslint/analyzers/servernotimeout"
)

func Test(t *testing.T) {
	ruletest.RunWithSuggestedFixes(t, servernotimeout.Analyzer, "a")
	ruletest.Run(t, servernotimeout.Analyzer, "echoed", "echoset")
}

// What the rule says of gRPC servers is context, shown on demand.
func TestPossible(t *testing.T) {
	if err := netcall.Analyzer.Flags.Set("raw", "true"); err != nil {
		t.Fatal(err)
	}
	defer netcall.Analyzer.Flags.Set("raw", "false")
	ruletest.Run(t, servernotimeout.Analyzer, "rpc")
}
