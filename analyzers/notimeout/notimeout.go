// Package notimeout implements the rule go/no-timeout.
package notimeout

import (
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/finding"
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
	var found []*report
	for _, v := range res.Violations {
		pos, end := place(pass, res, v)
		if reported[pos] || follows(res, v, reported) {
			continue
		}
		reported[pos], reported[v.Call.Pos()] = true, true
		if first := sameRoot(found, v); first != nil {
			first.Related = append(first.Related, netcall.At(pos, v.Leaf.Callee+" goes without one too"))
			continue
		}
		found = append(found, &report{v, analysis.Diagnostic{Pos: pos, End: end, Message: message(v), Related: evidence(res, v)}})
	}
	for _, r := range found {
		netcall.Report(pass, r.Strength, r.Diagnostic)
	}
	for _, h := range res.OpenHandlers() {
		reportHandler(pass, res, h)
	}
	return nil, nil
}

type report struct {
	*netcall.Violation
	analysis.Diagnostic
}

// sameRoot returns the report of a call in the same function that goes without
// a bound for the same reason, where that is only likely: what is not known then
// (the limits of a database, say) is the same for all of them.
func sameRoot(found []*report, v *netcall.Violation) *report {
	for _, r := range found {
		if v.Strength == finding.Likely && r.Strength == v.Strength && r.Fn == v.Fn &&
			r.Leaf.Protocol == v.Leaf.Protocol && reason(r.Violation) == reason(v) {
			return r
		}
	}
	return nil
}

// follows reports whether a call goes without a bound only because the call
// that made its transaction or cursor did, which is reported.
func follows(res *netcall.Result, v *netcall.Violation, reported map[token.Pos]bool) bool {
	for _, c := range v.Causes {
		if c.At.IsValid() && reported[res.Pos(c.At)] {
			return true
		}
	}
	return false
}

// reportHandler notes a handler that hands the incoming request's context on:
// one finding for the handler, with the calls it leaves open. A package alone
// cannot know whether its server, a middleware or the caller sets a deadline.
func reportHandler(pass *analysis.Pass, res *netcall.Result, h netcall.OpenHandler) {
	var related []analysis.RelatedInformation
	for _, need := range h.Needs {
		at, callee := need.Leaf.At, need.Leaf.Callee
		if len(need.Leaf.Via) > 0 {
			at, callee = need.Leaf.Via[0].At, need.Leaf.Via[0].Func
		}
		related = append(related, netcall.At(res.Pos(at), callee+" is bounded by the incoming request alone"))
	}
	netcall.Report(pass, finding.Possible, analysis.Diagnostic{
		Pos: h.Fn.Pos(), End: h.Fn.Pos() + token.Pos(len(name(h))),
		Message: fmt.Sprintf("%s makes remote calls that only the incoming request's context bounds, and nothing in this package gives that a deadline", name(h)),
		Related: related,
	})
}

func name(h netcall.OpenHandler) string {
	if h.Fn.Parent() != nil {
		return "func"
	}
	return h.Fn.Name()
}

// place decides where the missing bound belongs: at the call if it passes a
// context without deadline, at the constructor of the client if this package
// builds it, else at the call.
func place(pass *analysis.Pass, res *netcall.Result, v *netcall.Violation) (pos, end token.Pos) {
	node := netcall.NodeAt(pass, v.Call.Pos())
	if made := constructor(pass, res, v); made != nil {
		node = made
	}
	if node == nil {
		return v.Call.Pos(), token.NoPos
	}
	return node.Pos(), node.End()
}

func constructor(pass *analysis.Pass, res *netcall.Result, v *netcall.Violation) ast.Node {
	var made ast.Node
	for _, c := range v.Causes {
		if c.Type == "" && strings.HasPrefix(c.What, "context.") {
			return nil
		}
		if netcall.CanBound(c.Type) && c.At.IsValid() && made == nil {
			made = netcall.NodeAt(pass, res.Pos(c.At))
		}
	}
	return made
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
		return "it takes no context, and nothing else limits it"
	case 1:
		return whats[0] + " sets no time limit"
	}
	return fmt.Sprintf("neither %s nor %s sets a time limit", whats[0], whats[1])
}

// inModuleCache reports whether a file belongs to a dependency, vendored or not.
func inModuleCache(file string) bool {
	file = filepath.ToSlash(file)
	return strings.Contains(file, "/pkg/mod/") || strings.Contains(file, "/vendor/")
}

func evidence(res *netcall.Result, v *netcall.Violation) []analysis.RelatedInformation {
	var related []analysis.RelatedInformation
	here := res.Posn(v.Call.Pos())
	for _, c := range v.Causes {
		// A context made within the call itself needs no pointing at.
		if c.At.IsValid() && c.What != "" && (c.At.File != here.File || c.At.Line != here.Line) {
			related = append(related, netcall.At(res.Pos(c.At), c.What+" is made here, without a time limit"))
		}
	}
	for _, step := range v.Leaf.Via {
		if inModuleCache(step.At.File) {
			continue // a library's insides; the request itself is shown below
		}
		related = append(related, netcall.At(res.Pos(step.At), "calls "+step.Func))
	}
	if len(v.Leaf.Via) > 0 || !sameCallee(v) {
		related = append(related, netcall.At(res.Pos(v.Leaf.At), v.Leaf.Callee+" sends the request"))
	}
	return related
}
