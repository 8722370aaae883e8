// Package notimeout implements the rule go/no-timeout.
package notimeout

import (
	"fmt"
	"go/token"

	"golang.org/x/tools/go/analysis"

	"github.com/commslint/commslint/analyzers/netcall"
)

const doc = `find outbound calls that may wait for ever

The notimeout analyzer reports calls that put a request on the wire and that
nothing bounds as a whole: no client timeout, no deadline on the context. A dial
or response-header timeout does not count, because it does not cover the body.

	resp, err := http.Get(url)                             // nothing bounds it
	client.Charge(context.Background(), req)               // nor this
	client := &http.Client{Timeout: 5 * time.Second}       // this is bounded

A function that takes a context leaves it to its callers to bound it: the
report is at the call that passes a context without deadline, with the way to
the network as related locations. A client that was built without a timeout is
reported where it was built. Streaming calls are left alone: a deadline would be
wrong for them.`

// Analyzer implements go/no-timeout.
var Analyzer = &analysis.Analyzer{
	Name:     "notimeout",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/notimeout",
	Requires: []*analysis.Analyzer{netcall.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	res := pass.ResultOf[netcall.Analyzer].(*netcall.Result)
	reported := make(map[token.Pos]bool)
	for _, v := range res.Violations {
		pos, end := place(pass, res, v)
		if reported[pos] {
			continue
		}
		reported[pos] = true
		netcall.Report(pass, v.Strength, analysis.Diagnostic{
			Pos: pos, End: end,
			Message: message(v),
			Related: evidence(res, v),
		})
	}
	return nil, nil
}

// place decides where the missing bound belongs: at the constructor of the
// client if this package builds it, else at the call.
func place(pass *analysis.Pass, res *netcall.Result, v *netcall.Violation) (pos, end token.Pos) {
	for _, c := range v.Causes {
		if c.Type == "" || !c.At.IsValid() {
			continue
		}
		pos := res.Pos(c.At)
		if node := netcall.NodeAt(pass, pos); node != nil {
			return node.Pos(), node.End()
		}
	}
	if node := netcall.NodeAt(pass, v.Call.Pos()); node != nil {
		return node.Pos(), node.End()
	}
	return v.Call.Pos(), token.NoPos
}

func message(v *netcall.Violation) string {
	callee := v.Leaf.Callee
	if len(v.Leaf.Via) > 0 || !sameCallee(v) {
		if fn := netcall.Callee(v.Call); fn != nil {
			return fmt.Sprintf("%s may wait for ever: it sends a request with %s, and %s", netcall.FuncText(fn), callee, reason(v))
		}
	}
	return fmt.Sprintf("%s may wait for ever: %s", callee, reason(v))
}

func sameCallee(v *netcall.Violation) bool {
	fn := netcall.Callee(v.Call)
	return fn != nil && netcall.FuncText(fn) == v.Leaf.Callee
}

// reason names what should have bounded the call.
func reason(v *netcall.Violation) string {
	var whats []string
	for _, c := range v.Causes {
		if c.What != "" && c.What != v.Leaf.Callee && c.What != v.Leaf.Callee+"()" {
			whats = append(whats, c.What)
		}
	}
	switch len(whats) {
	case 0:
		return "its client has no timeout and it takes no context"
	case 1:
		return whats[0] + " sets no time limit"
	}
	return fmt.Sprintf("neither %s nor %s sets a time limit", whats[0], whats[1])
}

func evidence(res *netcall.Result, v *netcall.Violation) []analysis.RelatedInformation {
	var related []analysis.RelatedInformation
	for _, c := range v.Causes {
		if c.At.IsValid() && c.What != "" {
			related = append(related, netcall.At(res.Pos(c.At), c.What+" is made here, without a time limit"))
		}
	}
	for _, step := range v.Leaf.Via {
		related = append(related, netcall.At(res.Pos(step.At), "calls "+step.Func))
	}
	if len(v.Leaf.Via) > 0 || !sameCallee(v) {
		related = append(related, netcall.At(res.Pos(v.Leaf.At), v.Leaf.Callee+" sends the request"))
	}
	return related
}
