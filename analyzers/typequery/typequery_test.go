package typequery

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"
)

const src = `package p

import "context"

type flag bool
type count = int64
type box[T any] struct{ v T }
type alias = *box[int]

var (
	e error
	f flag
	n count
	s string
	c context.Context
	b box[int]
	p *box[string]
	a alias
	u *int
)
`

func TestQueries(t *testing.T) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	pkg, err := conf.Check("p", fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		variable                      string
		isError, isBool, isInt, isCtx bool
		name                          string
	}{
		{"e", true, false, false, false, ""},
		{"f", false, true, false, false, "p.flag"},
		{"n", false, false, true, false, ""},
		{"s", false, false, false, false, ""},
		{"c", false, false, false, true, "context.Context"},
		{"b", false, false, false, false, "p.box"},
		{"p", false, false, false, false, "p.box"},
		{"a", false, false, false, false, "p.box"},
		{"u", false, false, false, false, ""},
	}
	for _, tt := range tests {
		typ := pkg.Scope().Lookup(tt.variable).Type()
		if IsError(typ) != tt.isError || IsBool(typ) != tt.isBool || IsInteger(typ) != tt.isInt || IsContext(typ) != tt.isCtx || Name(typ) != tt.name {
			t.Errorf("%s %s: error %v, bool %v, integer %v, context %v, name %q", tt.variable, typ,
				IsError(typ), IsBool(typ), IsInteger(typ), IsContext(typ), Name(typ))
		}
	}
	if IsNamed(pkg.Scope().Lookup("p").Type(), "p", "box") {
		t.Error("a pointer to a box is no box")
	}
}
