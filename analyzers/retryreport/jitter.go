package retryreport

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"go/version"
	"strconv"

	"golang.org/x/tools/go/analysis"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
)

const randPath = "math/rand/v2"

// jittered writes a duration with up to a half of it added by chance, and the
// edit that imports what this needs. It can not where the duration would have to
// be worked out twice with a different outcome.
func (c *Case) jittered(duration ast.Expr) (text string, edits []analysis.TextEdit, ok bool) {
	file := netcall.FileAt(c.Pass, duration.Pos())
	if file == nil || !atLeast122(c.Pass, file) {
		return "", nil, false
	}
	name, edits, ok := randName(c.Pass, file, duration.Pos())
	if !ok {
		return "", nil, false
	}
	d := types.ExprString(duration)
	half := d + "/2"
	if b, isBinary := duration.(*ast.BinaryExpr); isBinary && b.Op.Precedence() < token.MUL.Precedence() {
		half = "(" + d + ")/2"
	}
	switch tv := c.Pass.TypesInfo.Types[duration]; {
	case tv.Value != nil:
		// An untyped constant would make the sum an int.
		if constant.Sign(tv.Value) <= 0 || constant.Compare(tv.Value, token.LSS, constant.MakeInt64(2)) || !namesDuration(c.Pass, duration) {
			return "", nil, false
		}
		return d + " + " + name + ".N(" + half + ")", edits, true
	case isPure(c.Pass, duration):
		// N panics unless its argument is positive.
		return d + " + " + name + ".N(max(" + half + ", 1))", edits, true
	}
	return "", nil, false
}

// atLeast122 reports whether a file may use math/rand/v2 and max.
func atLeast122(pass *analysis.Pass, file *ast.File) bool {
	v := pass.TypesInfo.FileVersions[file]
	if v == "" {
		v = pass.Pkg.GoVersion()
	}
	return v == "" || version.Compare(v, "go1.22") >= 0
}

// namesDuration reports whether some name in a constant expression is a
// time.Duration, so that all of it is.
func namesDuration(pass *analysis.Pass, e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if obj := pass.TypesInfo.Uses[id]; obj != nil && isDuration(obj.Type()) {
				found = true
			}
		}
		return !found
	})
	return found
}

func isDuration(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "time" && n.Obj().Name() == "Duration"
}

// isPure reports whether an expression gives the same twice in a row and does
// nothing else: names, fields, constants, arithmetic and conversions.
func isPure(pass *analysis.Pass, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.BasicLit:
		return true
	case *ast.SelectorExpr:
		return isPure(pass, e.X)
	case *ast.StarExpr:
		return isPure(pass, e.X)
	case *ast.IndexExpr:
		return isPure(pass, e.X) && isPure(pass, e.Index)
	case *ast.BinaryExpr:
		return isPure(pass, e.X) && isPure(pass, e.Y)
	case *ast.CallExpr:
		return pass.TypesInfo.Types[e.Fun].IsType() && len(e.Args) == 1 && isPure(pass, e.Args[0])
	}
	return false
}

// randName returns the name of math/rand/v2 at a position of a file, and the edit
// that imports it there if it is not imported yet.
func randName(pass *analysis.Pass, file *ast.File, pos token.Pos) (string, []analysis.TextEdit, bool) {
	for _, imp := range file.Imports {
		if path, _ := strconv.Unquote(imp.Path.Value); path == randPath {
			name := "rand"
			if imp.Name != nil {
				name = imp.Name.Name
			}
			_, obj := pass.Pkg.Scope().Innermost(pos).LookupParent(name, pos)
			pkg, ok := obj.(*types.PkgName)
			return name, nil, ok && pkg.Imported().Path() == randPath
		}
	}
	name := "rand"
	if taken(pass, file, name, pos) {
		if name = "randv2"; taken(pass, file, name, pos) {
			return "", nil, false
		}
	}
	spec := strconv.Quote(randPath)
	if name != "rand" {
		spec = name + " " + spec
	}
	return name, []analysis.TextEdit{importEdit(file, spec)}, true
}

// taken reports whether a name means something at a position or anywhere in the
// file's or package's own scope.
func taken(pass *analysis.Pass, file *ast.File, name string, pos token.Pos) bool {
	if pass.Pkg.Scope().Lookup(name) != nil {
		return true
	}
	if scope := pass.TypesInfo.Scopes[file]; scope != nil && scope.Lookup(name) != nil {
		return true
	}
	_, obj := pass.Pkg.Scope().Innermost(pos).LookupParent(name, pos)
	return obj != nil
}

// importEdit adds an import where it belongs by its path: among those of the
// standard library in a parenthesised declaration, else in one of its own.
func importEdit(file *ast.File, spec string) analysis.TextEdit {
	for _, decl := range file.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.IMPORT {
			break
		}
		if !d.Lparen.IsValid() || len(d.Specs) == 0 {
			continue
		}
		var last ast.Spec
		for _, s := range d.Specs {
			imp := s.(*ast.ImportSpec)
			path, _ := strconv.Unquote(imp.Path.Value)
			if !retry.IsStandardPath(path) {
				continue
			}
			if path > randPath && imp.Doc == nil {
				return analysis.TextEdit{Pos: imp.Pos(), End: imp.Pos(), NewText: []byte(spec + "\n\t")}
			}
			last = s
		}
		if last != nil {
			return analysis.TextEdit{Pos: last.End(), End: last.End(), NewText: []byte("\n\t" + spec)}
		}
	}
	end := file.Name.End()
	return analysis.TextEdit{Pos: end, End: end, NewText: []byte("\n\nimport " + spec)}
}
