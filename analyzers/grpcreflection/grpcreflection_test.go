package grpcreflection_test

import (
	"testing"

	"github.com/commslint/commslint/analyzers/grpcreflection"
	"github.com/commslint/commslint/analyzers/ruletest"
)

func Test(t *testing.T) {
	ruletest.Run(t, grpcreflection.Analyzer, "a", "library")
}
