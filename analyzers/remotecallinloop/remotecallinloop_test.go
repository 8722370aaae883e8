package remotecallinloop

import (
	"testing"

	"github.com/commslint/commslint/analyzers/ruletest"
)

func TestAnalyzer(t *testing.T) { ruletest.Run(t, Analyzer, "a", "b") }
