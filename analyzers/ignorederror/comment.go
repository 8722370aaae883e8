package ignorederror

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"
)

func fileAt(pass *analysis.Pass, pos token.Pos) *ast.File {
	for _, f := range pass.Files {
		if f.FileStart <= pos && pos < f.FileEnd {
			return f
		}
	}
	return nil
}

// marked reports whether the source says that losing the error is meant: by a
// comment beside an assignment of the error to the blank identifier, above it if
// the call's other results are blank too (otherwise it is about those), or
// between the call and the return that turns the error into nil.
func marked(pass *analysis.Pass, expr *ast.CallExpr, l loss) bool {
	file := fileAt(pass, expr.Pos())
	line := func(pos token.Pos) int { return pass.Fset.PositionFor(pos, false).Line }
	if l.at.IsValid() {
		return commented(file, line, line(expr.End())+1, line(l.at))
	}
	stmt := assignment(file, expr)
	if stmt == nil {
		return false
	}
	first, last := line(stmt.Pos()), line(stmt.End())
	switch {
	case allBlank(stmt.Lhs):
		return commented(file, line, first-1, last)
	case allBlank(stmt.Lhs[len(stmt.Lhs)-1:]):
		return commented(file, line, first, last)
	}
	return false
}

// commented reports whether a comment ends on one of the lines.
func commented(file *ast.File, line func(token.Pos) int, first, last int) bool {
	for _, group := range file.Comments {
		if end := line(group.End()); first <= end && end <= last {
			return true
		}
	}
	return false
}

// assignment returns the assignment whose right side a call belongs to.
func assignment(file *ast.File, expr *ast.CallExpr) *ast.AssignStmt {
	enclosing, _ := astutil.PathEnclosingInterval(file, expr.Pos(), expr.End())
	for _, n := range enclosing {
		switch n := n.(type) {
		case *ast.AssignStmt:
			return n
		case ast.Stmt:
			return nil
		}
	}
	return nil
}

func allBlank(exprs []ast.Expr) bool {
	for _, e := range exprs {
		if id, ok := e.(*ast.Ident); !ok || id.Name != "_" {
			return false
		}
	}
	return true
}
