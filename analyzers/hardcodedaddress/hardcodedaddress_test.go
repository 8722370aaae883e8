package hardcodedaddress_test

import (
	"testing"

	"github.com/commslint/commslint/analyzers/hardcodedaddress"
	"github.com/commslint/commslint/analyzers/ruletest"
)

func Test(t *testing.T) {
	ruletest.Run(t, hardcodedaddress.Analyzer, "a")
}

func TestAllow(t *testing.T) {
	if err := hardcodedaddress.Analyzer.Flags.Set("allow", "10.0.0.0/8,2001:db8::/32"); err != nil {
		t.Fatal(err)
	}
	defer hardcodedaddress.Analyzer.Flags.Set("allow", "")
	ruletest.Run(t, hardcodedaddress.Analyzer, "allow")
}
