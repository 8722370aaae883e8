// Package contextdropped implements the rule go/context-dropped.
package contextdropped

import (
	"fmt"
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules/clients"
)

const doc = `find remote calls that do not get the context at hand

The contextdropped analyzer reports a call that reaches the network from a
function that was given a context (or an incoming request), but that does not
pass it on: it passes context.Background() or context.TODO(), or uses a variant
of the function that takes no context. The caller's deadline and cancellation
end there, and so does the trace.

	func (s *Server) get(w http.ResponseWriter, r *http.Request) {
		row := s.db.QueryRow(query)                        // reported
		row = s.db.QueryRowContext(r.Context(), query)     // right
	}

Work that is detached on purpose is left alone: context.WithoutCancel, a
goroutine of its own, a deferred clean-up, what follows the end of the context
("<-ctx.Done()"), and a fresh context whose comment says why. So are dialers that
get the deadline of the context, and unix sockets.`

// Analyzer implements go/context-dropped.
var Analyzer = &analysis.Analyzer{
	Name:     "contextdropped",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/contextdropped",
	Requires: []*analysis.Analyzer{netcall.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	res := pass.ResultOf[netcall.Analyzer].(*netcall.Result)
	reported := make(map[token.Pos]bool)
	for _, call := range res.Calls {
		hand := contextAtHand(call.CallInstruction)
		if hand == nil {
			continue
		}
		d, ok := dropped(pass, call, hand)
		if !ok || reported[d.Pos] {
			continue
		}
		reported[d.Pos] = true
		d.Related = append(d.Related, netcall.At(hand.Pos(), fmt.Sprintf("%s is at hand here", hand.Name())))
		netcall.Report(pass, finding.Proven, d)
	}
	return nil, nil
}

// dropped describes how the call goes without the context at hand, if it does.
func dropped(pass *analysis.Pass, call *netcall.Call, hand *ssa.Parameter) (analysis.Diagnostic, bool) {
	if call.Model != nil && call.Model.Call.Context == "" {
		if call.Model.Call.WithContext == "" || call.Model.Call.BestEffort || excusedDial(call) {
			return analysis.Diagnostic{}, false
		}
		return withoutContext(pass, call, hand)
	}
	for _, arg := range contextOperands(call) {
		root := origin(arg)
		if root == nil || documented(pass, root.Pos()) {
			continue
		}
		node := netcall.NodeAt(pass, root.Pos())
		if node == nil {
			continue
		}
		d := analysis.Diagnostic{Pos: node.Pos(), End: node.End()}
		fn := netcall.FuncText(netcall.Callee(root))
		d.Message = fmt.Sprintf("%s goes to %s although %s is at hand: the caller's deadline and cancellation end here",
			fn+"()", netcall.FuncText(call.Callee), hand.Name())
		if netcall.HasRole(netcall.ModelOf(root), clients.Background) {
			d.SuggestedFixes = passOn(pass, node, hand)
		}
		return d, true
	}
	return analysis.Diagnostic{}, false
}

func withoutContext(pass *analysis.Pass, call *netcall.Call, hand *ssa.Parameter) (analysis.Diagnostic, bool) {
	node := netcall.NodeAt(pass, call.Pos())
	if node == nil || documented(pass, call.Pos()) {
		return analysis.Diagnostic{}, false
	}
	return analysis.Diagnostic{
		Pos: node.Pos(), End: node.End(),
		Message: fmt.Sprintf("%s takes no context although %s is at hand: use %s, so that the caller's deadline and cancellation reach the call",
			netcall.FuncText(call.Callee), hand.Name(), call.Model.Call.WithContext),
	}, true
}

// contextOperands returns the arguments of a call that carry its context: a
// context, or a request made with one.
func contextOperands(call *netcall.Call) []ssa.Value {
	if call.Model != nil {
		if v := netcall.Operand(call, call.Model.Call.Context); v != nil {
			return []ssa.Value{v}
		}
		return nil
	}
	var found []ssa.Value
	for _, a := range call.Common().Args {
		if typequery.IsContext(a.Type()) {
			found = append(found, a)
		}
	}
	return found
}

// origin returns the call that made a context (or request) out of nothing:
// context.Background() below any WithTimeout, WithValue …; nil if the context
// comes from elsewhere or was detached on purpose.
func origin(v ssa.Value) *ssa.Call {
	for range 20 { // longer chains do not occur; loops in phis do
		switch x := v.(type) {
		case *ssa.MakeInterface:
			v = x.X
		case *ssa.Extract:
			v = x.Tuple
		case *ssa.Phi:
			// Some alternative is a context from elsewhere, as in
			// "if ctx == nil { ctx = context.Background() }".
			return nil
		case *ssa.Call:
			m := netcall.ModelOf(x)
			switch {
			case m == nil || netcall.HasRole(m, clients.Detach) || len(m.Result) == 0:
				return nil
			case netcall.HasRole(m, clients.Background), m.Request != nil && m.Result[0].Bound == "none":
				return x
			}
			if v = netcall.Operand(x, clients.Operand(m.Result[0].Bound)); v == nil {
				return nil
			}
		default:
			return nil
		}
	}
	return nil
}

// passOn replaces a fresh context by the one at hand, if its name means it there.
func passOn(pass *analysis.Pass, node ast.Node, hand *ssa.Parameter) []analysis.SuggestedFix {
	scope := pass.Pkg.Scope().Innermost(node.Pos())
	if scope == nil || hand.Object() == nil {
		return nil
	}
	if _, obj := scope.LookupParent(hand.Name(), node.Pos()); obj != hand.Object() {
		return nil
	}
	text := hand.Name()
	if !typequery.IsContext(hand.Type()) {
		text += ".Context()"
	}
	return []analysis.SuggestedFix{{
		Message:   "pass " + text + " on",
		TextEdits: []analysis.TextEdit{{Pos: node.Pos(), End: node.End(), NewText: []byte(text)}},
	}}
}
