package plaintext

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"github.com/commslint/commslint/analyzers/constflow"
)

// isDefaultScheme reports whether a literal stands where an address has turned
// out to have no scheme: whoever gives the address can ask for https.
//
//	if !strings.HasPrefix(addr, "http://") && !strings.HasPrefix(addr, "https://") {
//		addr = "http://" + addr
//	}
func (c *checker) isDefaultScheme(lit ast.Expr) bool {
	if lit == nil {
		return false
	}
	pos := lit.Pos()
	return constflow.Syntax(c.pass, pos, func(n *ast.IfStmt) bool {
		return n.Body.Pos() <= pos && pos < n.Body.End() && c.excludesHTTPS(n.Cond)
	}) != nil
}

// excludesHTTPS reports whether a condition holds only for strings that do not
// begin with https.
func (c *checker) excludesHTTPS(cond ast.Expr) bool {
	switch cond := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		return cond.Op == token.LAND && (c.excludesHTTPS(cond.X) || c.excludesHTTPS(cond.Y))
	case *ast.UnaryExpr:
		return cond.Op == token.NOT && c.includesHTTPS(cond.X)
	}
	return false
}

// includesHTTPS reports whether a condition holds for all strings that begin
// with https://.
func (c *checker) includesHTTPS(cond ast.Expr) bool {
	switch cond := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		return cond.Op == token.LOR && (c.includesHTTPS(cond.X) || c.includesHTTPS(cond.Y))
	case *ast.CallExpr:
		sel, ok := cond.Fun.(*ast.SelectorExpr)
		if !ok || len(cond.Args) != 2 {
			return false
		}
		fn, ok := c.pass.TypesInfo.Uses[sel.Sel].(*types.Func)
		sought := c.pass.TypesInfo.Types[cond.Args[1]].Value
		if !ok || sought == nil || sought.Kind() != constant.String {
			return false
		}
		text := constant.StringVal(sought)
		switch fn.FullName() {
		case "strings.HasPrefix":
			return text != "" && strings.HasPrefix("https://", text)
		case "strings.Contains":
			return text != "" && strings.Contains("https://", text)
		}
	}
	return false
}
