package servernotimeout

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// field is what the fix adds; the package documentation says where the number
// comes from.
const field = "ReadHeaderTimeout: 5 * time.Second"

// fix suggests to add a ReadHeaderTimeout to a literal where package time can
// be named.
func (c *checker) fix(lit *ast.CompositeLit) []analysis.SuggestedFix {
	if !c.timeVisible(lit) || hasKey(lit, "ReadHeaderTimeout") {
		return nil
	}
	edit := analysis.TextEdit{Pos: lit.Lbrace + 1, End: lit.Lbrace + 1, NewText: []byte(field)}
	if len(lit.Elts) > 0 {
		first := lit.Elts[0]
		if _, keyed := first.(*ast.KeyValueExpr); !keyed {
			return nil
		}
		posn := c.pass.Fset.Position(first.Pos())
		separator := ", "
		if posn.Line > c.pass.Fset.Position(lit.Lbrace).Line {
			separator = ",\n" + strings.Repeat("\t", posn.Column-1) // gofmt indents by tabs
		}
		edit.Pos, edit.End, edit.NewText = first.Pos(), first.Pos(), []byte(field+separator)
	}
	return []analysis.SuggestedFix{{
		Message:   "Add " + field,
		TextEdits: []analysis.TextEdit{edit},
	}}
}

func hasKey(lit *ast.CompositeLit, name string) bool {
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return true
			}
		}
	}
	return false
}

// timeVisible reports whether the identifier time means the package there.
func (c *checker) timeVisible(lit *ast.CompositeLit) bool {
	for _, file := range c.pass.Files {
		if file.FileStart <= lit.Pos() && lit.Pos() < file.FileEnd {
			scope := c.pass.TypesInfo.Scopes[file].Innermost(lit.Pos())
			if scope == nil {
				return false
			}
			_, obj := scope.LookupParent("time", lit.Pos())
			name, ok := obj.(*types.PkgName)
			return ok && name.Imported().Path() == "time"
		}
	}
	return false
}
