// Package ignorederror reports remote calls whose error is lost.
package ignorederror

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/finding"
)

const doc = `report remote calls whose error is thrown away

Remote calls fail as a matter of course. Where the error is thrown away, a
request that was not served looks like one that was: data is lost, and nobody
learns of it.

The analyzer reports a call that sends a request, itself or through the
functions it calls, if

  - its error is not used at all: a call statement, an assignment to _, a
    variable that is overwritten before anything looks at it;
  - all that happens on error is that the function returns nil for its own:
    "if err != nil { return nil }";
  - all that happens on error is that an HTTP handler returns, which answers
    200 with an empty body;
  - it is started by a go statement, which has no use for results.

Whatever else is done about an error counts as handling it: logging or counting
it, returning another value, trying again. Not reported are Close and Rollback,
writes to a pure cache such as memcached, "_ = call()" with any comment on its
line or the line above, and any statement whose comment there says that failing
is acceptable: "best effort", "we don't care", "non-fatal", "fire and forget",
"ignore the error", nolint:errcheck.`

// Analyzer implements the rule go/ignored-error.
var Analyzer = &analysis.Analyzer{
	Name:     "ignorederror",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/ignorederror",
	Requires: []*analysis.Analyzer{netcall.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	res := pass.ResultOf[netcall.Analyzer].(*netcall.Result)
	for _, call := range res.Calls {
		if isCleanUp(call) {
			continue
		}
		if l := lossOf(call); l.how != none {
			report(pass, call, l)
		}
	}
	return nil, nil
}

// isCleanUp reports whether a call ends something, so that there is nothing
// left to do about its error.
func isCleanUp(call *netcall.Call) bool {
	if call.Model != nil && call.Model.Call != nil && call.Model.Call.BestEffort {
		return true
	}
	name := call.Callee.Name()
	return strings.HasPrefix(name, "Close") || name == "Rollback"
}

func report(pass *analysis.Pass, call *netcall.Call, l loss) {
	expr, ok := netcall.NodeAt(pass, call.Common().Pos()).(*ast.CallExpr)
	if !ok || marked(pass, expr, l) {
		return
	}
	strength := finding.Proven
	if isIndirect(call) {
		strength = finding.Likely // the error need not be that of the request
	}
	name := types.ExprString(expr.Fun)
	d := analysis.Diagnostic{Pos: expr.Pos(), End: expr.End()}
	switch l.how {
	case dropped:
		d.Message = "the error of " + name + " is thrown away: " + consequence(call)
	case started:
		strength = weaker(strength, finding.Likely)
		d.Message = "the error of " + name + " is lost, for a go statement discards results: " + consequence(call)
	case deferred:
		strength = finding.Possible
		d.Message = "the error of " + name + " is thrown away, for it is deferred: " + consequence(call)
	case turnedNil:
		strength = weaker(strength, finding.Likely)
		d.Message = "the error of " + name + " is turned into nil: " + consequence(call)
		d.Related = []analysis.RelatedInformation{netcall.At(l.at, "returns nil for the error here")}
	case unanswered:
		d.Message = "the error of " + name + " ends the handler without an answer: the client gets 200 OK with an empty body"
		d.Related = []analysis.RelatedInformation{netcall.At(l.at, "returns here with nothing written")}
	}
	netcall.Report(pass, strength, d)
}

func consequence(call *netcall.Call) string {
	if isIndirect(call) && call.Leaf.Callee != "" {
		return "if the request that it sends (" + call.Leaf.Callee + ") fails, nobody learns of it"
	}
	return "if the request fails, nobody learns of it"
}

// isIndirect reports whether a call is of a function that has more to do than
// to send the request, unlike a library's function or a generated stub.
func isIndirect(call *netcall.Call) bool { return call.Model == nil && !call.Common().IsInvoke() }

func weaker(a, b finding.Strength) finding.Strength {
	if a == finding.Possible || b == finding.Possible {
		return finding.Possible
	}
	if a == finding.Likely || b == finding.Likely {
		return finding.Likely
	}
	return a
}

// errorIndex returns the index of the result that is the error, -1 if none is.
func errorIndex(sig *types.Signature) int {
	last := sig.Results().Len() - 1
	if last < 0 || !typequery.IsError(sig.Results().At(last).Type()) {
		return -1
	}
	return last
}

// carriesError reports whether the error of a call is asked of its result, as
// of a sql.Row or a Redis command.
func carriesError(sig *types.Signature) bool {
	if sig.Results().Len() != 1 {
		return false
	}
	obj, _, _ := types.LookupFieldOrMethod(sig.Results().At(0).Type(), true, nil, "Err")
	m, ok := obj.(*types.Func)
	return ok && m.Signature().Params().Len() == 0 && errorIndex(m.Signature()) == 0
}

// values lists what of a call's results may be its error.
func values(call ssa.CallInstruction, index int) []ssa.Value {
	v := call.Value()
	if call.Common().Signature().Results().Len() == 1 {
		return []ssa.Value{v}
	}
	var errs []ssa.Value
	for _, ref := range *v.Referrers() {
		if ext, ok := ref.(*ssa.Extract); ok && ext.Index == index {
			errs = append(errs, ext)
		}
	}
	return errs
}
