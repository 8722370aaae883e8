package xfftrust_test

import (
	"testing"

	"github.com/commslint/commslint/analyzers/ruletest"
	"github.com/commslint/commslint/analyzers/xfftrust"
)

func Test(t *testing.T) {
	ruletest.Run(t, xfftrust.Analyzer, "a", "b", "ginapp", "ginapp/settled", "ginapp/unsettled", "chiapp", "chiapp2", "echoapp", "echoapp2")
}
