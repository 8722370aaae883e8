package retrypath

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
)

// Pos returns where a path begins in the code of the function that it belongs to.
func (p *Path) Pos(net *netcall.Result) token.Pos {
	at := p.start().At
	return net.Pos(netcall.Posn{File: at.File, Line: at.Line, Col: at.Col})
}

// start returns the step by which a path leaves the function that it belongs to:
// a retry of its own, the call that leads on, or the request itself.
func (p *Path) start() *callgraph.Step {
	for _, s := range p.Steps {
		switch {
		case s.Kind == callgraph.LoopStep, s.Kind == callgraph.LayerStep && !inCode(s):
			continue // its place is elsewhere, or says nothing
		}
		return s
	}
	return &callgraph.Step{}
}

// inCode reports whether a layer stands in the flow of the code, and not where a
// client or a connection is made.
func inCode(l *callgraph.Step) bool {
	return l.Layer != callgraph.ClientLayer && l.Layer != callgraph.ConfigLayer
}

// Range returns what to mark for a position of a loop or call: the head of the
// loop, or the call.
func Range(pass *analysis.Pass, pos token.Pos) (start, end token.Pos) {
	if expr, ok := netcall.NodeAt(pass, pos).(*ast.CallExpr); ok {
		return expr.Pos(), expr.End()
	}
	file := netcall.FileAt(pass, pos)
	if file == nil {
		return pos, token.NoPos
	}
	enclosing, _ := astutil.PathEnclosingInterval(file, pos, pos)
	for _, n := range enclosing {
		switch n := n.(type) {
		case *ast.ForStmt:
			return n.For, n.Body.Lbrace
		case *ast.RangeStmt:
			return n.For, n.Body.Lbrace
		case *ast.FuncDecl, *ast.FuncLit:
			return pos, token.NoPos
		}
	}
	return pos, token.NoPos
}

// Related lists the steps of a path as evidence, each with what it does.
func (p *Path) Related(net *netcall.Result) []analysis.RelatedInformation {
	var related []analysis.RelatedInformation
	for _, s := range p.Steps {
		pos := net.Pos(netcall.Posn{File: s.At.File, Line: s.At.Line, Col: s.At.Col})
		text := describe(s)
		if !pos.IsValid() || text == "" {
			continue
		}
		related = append(related, netcall.At(pos, text))
	}
	return related
}

func describe(s *callgraph.Step) string {
	switch s.Kind {
	case callgraph.LayerStep:
		return Name(s) + ": " + Attempts(s)
	case callgraph.CallStep:
		return "calls " + callgraph.ShowText(s.Name)
	case callgraph.RequestStep:
		return "the request: " + callgraph.ShowText(s.Name)
	}
	return ""
}
