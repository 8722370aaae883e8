package bodyleak

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"
)

// deferFix offers "defer resp.Body.Close()" after
//
//	resp, err := call()
//	if err != nil {
//		return …
//	}
//
// outside of loops, where deferring it is certainly right. It returns nil for
// any other shape. It is meant for bodies that nothing closes or hands on.
func (pk *pkg) deferFix(src source, call *ast.CallExpr) []analysis.SuggestedFix {
	file := pk.fileOf(call.Pos())
	if file == nil || reaches(src.call.Block(), src.call.Block()) {
		return nil
	}
	enclosing, _ := astutil.PathEnclosingInterval(file, call.Pos(), call.End())
	if len(enclosing) < 3 || enclosing[0] != ast.Node(call) {
		return nil
	}
	assign, ok := enclosing[1].(*ast.AssignStmt)
	if !ok || len(assign.Rhs) != 1 || len(assign.Lhs) != 2 || src.result != 0 {
		return nil
	}
	resp, ok := assign.Lhs[0].(*ast.Ident)
	if !ok || resp.Name == "_" {
		return nil
	}
	errName, ok := assign.Lhs[1].(*ast.Ident)
	if !ok {
		return nil
	}
	check := guardAfter(enclosing[2], assign, errName.Name)
	if check == nil {
		return nil
	}
	closing := ".Body.Close()"
	if kindOf(pk.pass.TypesInfo.TypeOf(resp)) == body {
		closing = ".Close()"
	}
	edit := "\n" + pk.indent(check.Pos()) + "defer " + resp.Name + closing
	return []analysis.SuggestedFix{{
		Message:   "Close the body when the function returns",
		TextEdits: []analysis.TextEdit{{Pos: check.End(), End: check.End(), NewText: []byte(edit)}},
	}}
}

// guardAfter returns the statement "if err != nil { …return }" that follows an
// assignment in its block, or nil.
func guardAfter(parent ast.Node, assign *ast.AssignStmt, errName string) *ast.IfStmt {
	var list []ast.Stmt
	switch parent := parent.(type) {
	case *ast.BlockStmt:
		list = parent.List
	case *ast.CaseClause:
		list = parent.Body
	case *ast.CommClause:
		list = parent.Body
	}
	for i, stmt := range list {
		if stmt != ast.Stmt(assign) || i+1 == len(list) {
			continue
		}
		check, ok := list[i+1].(*ast.IfStmt)
		if ok && check.Init == nil && check.Else == nil && isNotNil(check.Cond, errName) && endsInReturn(check.Body) {
			return check
		}
	}
	return nil
}

func isNotNil(cond ast.Expr, name string) bool {
	bin, ok := cond.(*ast.BinaryExpr)
	if !ok || bin.Op != token.NEQ {
		return false
	}
	x, ok := bin.X.(*ast.Ident)
	y, ok2 := bin.Y.(*ast.Ident)
	return ok && ok2 && x.Name == name && y.Name == "nil"
}

func endsInReturn(block *ast.BlockStmt) bool {
	if len(block.List) == 0 {
		return false
	}
	_, ok := block.List[len(block.List)-1].(*ast.ReturnStmt)
	return ok
}

func (pk *pkg) fileOf(pos token.Pos) *ast.File {
	for _, f := range pk.pass.Files {
		if f.FileStart <= pos && pos < f.FileEnd {
			return f
		}
	}
	return nil
}

// indent returns the white space before a statement. gofmt indents by tabs, one
// for each column before the statement.
func (pk *pkg) indent(pos token.Pos) string {
	tabs := make([]byte, pk.pass.Fset.PositionFor(pos, false).Column-1)
	for i := range tabs {
		tabs[i] = '\t'
	}
	return string(tabs)
}
