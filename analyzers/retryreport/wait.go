package retryreport

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
)

// WaitCalls returns the calls between attempts that are told how long to wait.
func (c *Case) WaitCalls() []*ast.CallExpr {
	var calls []*ast.CallExpr
	for _, b := range c.blocks() {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok || !c.isTold(call) {
				continue
			}
			if expr, ok := netcall.NodeAt(c.Pass, call.Common().Pos()).(*ast.CallExpr); ok {
				calls = append(calls, expr)
			}
		}
	}
	return calls
}

func (c *Case) isTold(call ssa.CallInstruction) bool {
	for _, arg := range call.Common().Args {
		for _, w := range c.Waits {
			if arg == w {
				return true
			}
		}
	}
	return false
}

// Waiting says where the waits are, as evidence.
func (c *Case) Waiting(message string) []analysis.RelatedInformation {
	var related []analysis.RelatedInformation
	for _, call := range c.WaitCalls() {
		related = append(related, analysis.RelatedInformation{Pos: call.Pos(), End: call.End(), Message: message})
	}
	return related
}

// soleWait returns the only wait of the retry if it is one of package time's,
// with the expression that says how long.
func (c *Case) soleWait() (call *ast.CallExpr, name string, duration ast.Expr) {
	calls := c.WaitCalls()
	if len(calls) != 1 || len(calls[0].Args) != 1 || slices.ContainsFunc(c.Waits, func(w ssa.Value) bool { return w != c.Waits[0] }) {
		return nil, "", nil
	}
	sel, ok := calls[0].Fun.(*ast.SelectorExpr)
	if !ok {
		return nil, "", nil
	}
	fn, ok := c.Pass.TypesInfo.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "time" || fn.Signature().Recv() != nil {
		return nil, "", nil
	}
	switch fn.Name() {
	case "Sleep", "After", "NewTimer":
		return calls[0], fn.Name(), calls[0].Args[0]
	}
	return nil, "", nil
}

// JitterFix adds up to a half to the wait by chance, where that is one call of
// package time in the loop whose argument can be written twice; nil otherwise.
func (c *Case) JitterFix() []analysis.SuggestedFix {
	call, _, duration := c.soleWait()
	if call == nil {
		return nil
	}
	text, edits, ok := c.jittered(duration)
	if !ok {
		return nil
	}
	edits = append(edits, analysis.TextEdit{Pos: duration.Pos(), End: duration.End(), NewText: []byte(text)})
	return []analysis.SuggestedFix{{Message: "Add up to a half by chance", TextEdits: edits}}
}

// ContextFix makes a time.Sleep end with a context that is at hand, and returns
// the context's error then; nil where that is not mechanical.
func (c *Case) ContextFix() []analysis.SuggestedFix {
	call, name, duration := c.soleWait()
	if call == nil || name != "Sleep" {
		return nil
	}
	file := netcall.FileAt(c.Pass, call.Pos())
	stmt := sleepStatement(file, call)
	ctx := c.contextAt(call.Pos())
	ret, ok := returnOf(c.Pass, c.Fn.Signature, ctx)
	if stmt == nil || ctx == "" || !ok {
		return nil
	}
	text := types.ExprString(duration)
	pkg := types.ExprString(call.Fun.(*ast.SelectorExpr).X)
	indent := indentOf(c.Pass, stmt.Pos())
	code := "select {\n" +
		indent + "case <-" + ctx + ".Done():\n" +
		indent + "\t" + ret + "\n" +
		indent + "case <-" + pkg + ".After(" + text + "):\n" +
		indent + "}"
	return []analysis.SuggestedFix{{
		Message:   "End the wait with " + ctx,
		TextEdits: []analysis.TextEdit{{Pos: stmt.Pos(), End: stmt.End(), NewText: []byte(code)}},
	}}
}

// sleepStatement returns the statement that consists of a call, nil if it is
// part of another one.
func sleepStatement(file *ast.File, call *ast.CallExpr) (found ast.Stmt) {
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.ExprStmt); ok && s.X == call {
			found = s
		}
		return found == nil && n != nil && n.Pos() <= call.Pos() && call.End() <= n.End()
	})
	return found
}

// contextAt returns the name of a context in scope, the innermost parameter of
// the functions around a position; "" if there is none.
func (c *Case) contextAt(pos token.Pos) string {
	scope := c.Pass.Pkg.Scope().Innermost(pos)
	for fn := c.Fn; fn != nil; fn = fn.Parent() {
		for _, p := range fn.Params {
			if !typequery.IsContext(p.Type()) || p.Name() == "_" || scope == nil {
				continue
			}
			if _, obj := scope.LookupParent(p.Name(), pos); obj != nil && typequery.IsContext(obj.Type()) {
				return p.Name()
			}
		}
	}
	return ""
}

// returnOf writes the statement that leaves a function with the context's error.
func returnOf(pass *analysis.Pass, sig *types.Signature, ctx string) (string, bool) {
	results := sig.Results()
	if results.Len() == 0 {
		return "return", true
	}
	text := "return "
	for i := range results.Len() - 1 {
		zero, ok := zeroOf(results.At(i).Type())
		if !ok {
			return "", false
		}
		text += zero + ", "
	}
	if !types.Identical(results.At(results.Len()-1).Type(), types.Universe.Lookup("error").Type()) {
		return "", false
	}
	return text + ctx + ".Err()", true
}

// zeroOf writes the zero value of a type that has a short one.
func zeroOf(t types.Type) (string, bool) {
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return "", false
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map, *types.Chan, *types.Interface, *types.Signature:
		return "nil", true
	case *types.Basic:
		switch {
		case u.Info()&types.IsNumeric != 0:
			return "0", true
		case u.Info()&types.IsString != 0:
			return `""`, true
		case u.Info()&types.IsBoolean != 0:
			return "false", true
		}
	}
	return "", false
}

// indentOf returns the white space before the first token of a line.
func indentOf(pass *analysis.Pass, pos token.Pos) string {
	file := pass.Fset.File(pos)
	start := file.LineStart(file.Line(pos))
	indent := make([]byte, int(pos-start))
	for i := range indent {
		indent[i] = '\t'
	}
	return string(indent)
}
