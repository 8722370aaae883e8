// Command recognised prints the retries that the analyzers find in a package,
// one line of JSON each. It is run by go vet -vettool, to compare what is found
// with what people have read in the same code (docs/evaluation.md).
package main

import (
	"encoding/json"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/callgraph"
)

// A line is one retry, or one loop with remote calls that is none.
type line struct {
	Kind     callgraph.LayerKind `json:"kind"`
	Func     string              `json:"func"`
	Line     int                 `json:"line"`
	Attempts callgraph.Amount    `json:"attempts"`
	Growth   string              `json:"backoff"`
	Jitter   string              `json:"jitter"`
	Context  string              `json:"context"`
	ByTime   bool                `json:"byTime"`
	Remote   string              `json:"remote"`
	Modes    string              `json:"modes"`
}

var (
	tris    = []string{"unknown", "no", "yes"}
	growths = []string{"unknown", "none", "constant", "growing"}
)

var show = &analysis.Analyzer{
	Name:     "recognised",
	Doc:      "print the retries that are found",
	Requires: []*analysis.Analyzer{retry.Analyzer},
	Run: func(pass *analysis.Pass) (any, error) {
		res := pass.ResultOf[retry.Analyzer].(*retry.Result)
		for _, r := range res.Retries {
			report(pass, r, line{
				Kind: r.Kind, Func: r.Fn.RelString(pass.Pkg), Line: pass.Fset.Position(r.Pos).Line, Attempts: r.Attempts,
				Growth: growths[r.Growth], Jitter: tris[r.Jitter], Context: tris[r.Context], ByTime: r.ByTime,
				Remote: tris[r.Remote], Modes: r.Modes.String(),
			})
		}
		return nil, nil
	},
}

func report(pass *analysis.Pass, r *retry.Retry, l line) {
	text, err := json.Marshal(l)
	if err == nil {
		pass.Reportf(r.Pos, "%s", text)
	}
}

func main() { unitchecker.Main(show) }
