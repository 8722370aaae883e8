// Package directives passes the commslint comments of a package on to the
// commslint command, which applies suppressions across all rules and so can say
// which of them suppress nothing. It is silent under any other driver.
package directives

import (
	"golang.org/x/tools/go/analysis"

	"github.com/commslint/commslint/analyzers/effects"
	"github.com/commslint/commslint/analyzers/netcall"
)

const doc = `list the commslint directives in comments

The directives analyzer prints nothing by itself: under the commslint command
each directive becomes a diagnostic of the category "alone" or "trailing",
according to whether code stands on the same line.

Under any driver it fails where netcall failed, so that no package is silently
left out.`

// Analyzer lists directives when netcall's raw flag is set.
var Analyzer = &analysis.Analyzer{
	Name:     "directives",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/directives",
	Requires: []*analysis.Analyzer{netcall.Analyzer, effects.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	if err := pass.ResultOf[netcall.Analyzer].(*netcall.Result).Err; err != nil {
		return nil, err
	}
	if err := pass.ResultOf[effects.Analyzer].(*effects.Result).Err; err != nil {
		return nil, err
	}
	if !netcall.Raw() {
		return nil, nil
	}
	for _, file := range pass.Files {
		if !netcall.Reports(pass, file) {
			continue
		}
		for _, d := range netcall.Directives(pass, file) {
			category := "trailing"
			if d.Alone {
				category = "alone"
			}
			pass.Report(analysis.Diagnostic{Pos: d.Comment.Pos(), End: d.Comment.End(), Category: category, Message: d.Comment.Text})
		}
	}
	return nil, nil
}
