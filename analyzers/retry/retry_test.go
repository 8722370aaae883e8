package retry_test

import (
	"fmt"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/analyzers/ruletest"
	"github.com/commslint/commslint/callgraph"
)

// shown reports each retry and loop that the analyzer finds, so that fixtures
// can say what they want.
var shown = &analysis.Analyzer{
	Name:     "shown",
	Doc:      "show retries",
	Requires: []*analysis.Analyzer{retry.Analyzer},
	Run: func(pass *analysis.Pass) (any, error) {
		res := pass.ResultOf[retry.Analyzer].(*retry.Result)
		for _, r := range res.Retries {
			pass.Reportf(r.Pos, "%s %s wait=%s jitter=%s context=%s%s%s",
				r.Kind, amount(r.Attempts), growths[r.Growth], tris[r.Jitter], tris[r.Context], modes(r), remote(r))
		}
		for _, l := range res.Loops {
			pass.Reportf(l.Pos, "loop items=%v", l.Items)
		}
		return nil, nil
	},
}

var (
	tris    = []string{"?", "no", "yes"}
	growths = []string{"?", "none", "constant", "growing"}
)

func amount(a callgraph.Amount) string {
	text := ""
	switch {
	case a.N == callgraph.Unbounded:
		return "unbounded"
	case a.Param != nil:
		text = fmt.Sprintf("param%d", a.Param.Index)
		if a.Param.Path != "" {
			text += "." + a.Param.Path
		}
	case a.Var != "":
		text = a.Var
	default:
		return fmt.Sprint(a.N)
	}
	if a.N != 0 {
		text += fmt.Sprintf("%+d", a.N)
	}
	return text
}

func modes(r *retry.Retry) string {
	text := ""
	if r.Modes != 0 {
		text = fmt.Sprintf(" modes=%s", r.Modes)
	}
	if r.ByTime {
		text += " bytime"
	}
	if r.RetryAfter == callgraph.Yes {
		text += " retry-after"
	}
	return text
}

func remote(r *retry.Retry) string {
	if r.Remote == callgraph.Unknown {
		return " perhaps"
	}
	return ""
}

func Test(t *testing.T) {
	ruletest.Run(t, shown, "shapes", "loops")
}
