// Package bodyleak reports HTTP responses whose body stays open.
package bodyleak

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/finding"
)

const doc = `report HTTP response bodies left open on some path

A response body that is not closed keeps its connection: it cannot be used
again, and the client opens a new one for each request until file descriptors
run out. The body must be closed even if the status is an error and even if
there is nothing to read.

The analyzer follows every path from a call that returned without an error and
reports the call if on one of them the function returns, or loops to the next
request, with the body open:

	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errStatus // the body stays open here
	}
	defer resp.Body.Close()

It does not report a response that is handed on: returned, stored, sent,
wrapped in another value, captured by a closure that closes it, or passed to a
function that closes it, in this package or another. Functions that return an
open response are followed into their callers.

A body that is closed on an early return without having been read, where other
paths read it, is a possible finding: closing it closes the connection instead
of returning it to the pool.`

// Analyzer implements the rule go/body-leak.
var Analyzer = &analysis.Analyzer{
	Name:      "bodyleak",
	Doc:       doc,
	URL:       "https://pkg.go.dev/github.com/commslint/commslint/analyzers/bodyleak",
	Requires:  []*analysis.Analyzer{netcall.Analyzer},
	Run:       run,
	FactTypes: []analysis.Fact{(*Effect)(nil)},
}

func run(pass *analysis.Pass) (any, error) {
	res := pass.ResultOf[netcall.Analyzer].(*netcall.Result)
	if res.Pkg == nil {
		return nil, nil
	}
	pk := newPkg(pass)
	for _, fn := range res.Funcs {
		pk.export(fn)
		for _, src := range pk.sources(fn) {
			pk.report(src, pk.follow(src))
		}
	}
	return nil, nil
}

// report turns what was found on the paths from a source into a diagnostic.
func (pk *pkg) report(src source, out *outcome) {
	if out.gaveUp {
		return
	}
	call, ok := netcall.NodeAt(pk.pass, src.call.Common().Pos()).(*ast.CallExpr)
	if !ok {
		return
	}
	if len(out.leaks) == 0 {
		pk.reportUndrained(src, out, call)
		return
	}
	leak := out.leaks[0]
	strength := src.strength
	if leak.how == returned && isMain(src.call.Parent()) {
		strength = finding.Possible // the process ends
	}
	name := types.ExprString(call.Fun)
	d := analysis.Diagnostic{
		Pos: call.Pos(), End: call.End(),
		Related: []analysis.RelatedInformation{netcall.At(leak.pos, leak.how.String())},
	}
	switch {
	case leak.how == discarded:
		d.Message = "the response of " + name + " is discarded with its body open: every such call leaks a connection"
		d.Related = nil
	case !out.handled:
		d.Message = "the response body of " + name + " is never closed: its connection leaks instead of being used again"
		d.SuggestedFixes = pk.deferFix(src, call)
	default:
		d.Message = "the response body of " + name + " is not closed on every path: where it stays open its connection leaks"
	}
	netcall.Report(pk.pass, strength, d)
}

func (pk *pkg) reportUndrained(src source, out *outcome, call *ast.CallExpr) {
	if out.undrained == token.NoPos || !out.read || isMain(src.call.Parent()) {
		return
	}
	if m := netcall.ModelOf(src.call); m != nil && m.Call != nil && m.Call.Op == "HEAD" {
		return
	}
	netcall.Report(pk.pass, finding.Possible, analysis.Diagnostic{
		Pos: call.Pos(), End: call.End(),
		Message: "the response body of " + types.ExprString(call.Fun) +
			" is closed unread on some path: that closes the connection instead of returning it to the pool",
		Related: []analysis.RelatedInformation{netcall.At(out.undrained, "ends here without having read the body")},
	})
}

func isMain(fn *ssa.Function) bool {
	return fn.Name() == "main" && fn.Parent() == nil && fn.Pkg != nil && fn.Pkg.Pkg.Name() == "main"
}
