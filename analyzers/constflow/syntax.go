package constflow

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"
	"golang.org/x/tools/go/ssa"
)

// Syntax returns the innermost node of type N in the source of the package that
// encloses a position and satisfies the predicate, or the zero N. SSA form keeps
// a single position per instruction; a diagnostic needs the whole expression.
func Syntax[N ast.Node](pass *analysis.Pass, pos token.Pos, is func(N) bool) (none N) {
	for _, file := range pass.Files {
		if pos < file.FileStart || file.FileEnd <= pos {
			continue
		}
		path, _ := astutil.PathEnclosingInterval(file, pos, pos)
		for _, n := range path {
			if n, ok := n.(N); ok && is(n) {
				return n
			}
		}
	}
	return none
}

// CallSyntax returns the call expression of a call instruction, nil if it has
// none (as that of a method value).
func CallSyntax(pass *analysis.Pass, call ssa.CallInstruction) *ast.CallExpr {
	pos := call.Common().Pos()
	return Syntax(pass, pos, func(n *ast.CallExpr) bool { return n.Lparen == pos })
}
