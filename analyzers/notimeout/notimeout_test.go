package notimeout_test

import (
	"testing"

	"github.com/commslint/commslint/analyzers/notimeout"
	"github.com/commslint/commslint/analyzers/ruletest"
)

func Test(t *testing.T) {
	ruletest.Run(t, notimeout.Analyzer, "direct", "pay", "web", "rpc", "stores", "shapes", "aliases", "local")
}
