package ruletest

import (
	"go/ast"
	"io/fs"
	"path"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// callees reports every call by the full name of what it calls.
var callees = &analysis.Analyzer{
	Name:     "callees",
	Doc:      "report calls by their callee",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run: func(pass *analysis.Pass) (any, error) {
		in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
		in.Preorder([]ast.Node{(*ast.CallExpr)(nil)}, func(n ast.Node) {
			if fn := typeutil.Callee(pass.TypesInfo, n.(*ast.CallExpr)); fn != nil {
				if full, ok := fn.(interface{ FullName() string }); ok {
					pass.Reportf(n.Pos(), "calls %s", full.FullName())
				}
			}
		})
		return nil, nil
	},
}

func TestFixturesSeeTheStubs(t *testing.T) {
	Run(t, callees, "shop/checkout")
}

// TestStubsCompile loads every stub: analysistest fails for one that does not
// type-check.
func TestStubsCompile(t *testing.T) {
	quiet := &analysis.Analyzer{
		Name: "quiet",
		Doc:  "report nothing",
		Run:  func(*analysis.Pass) (any, error) { return nil, nil },
	}
	Run(t, quiet, stubPackages(t)...)
}

func stubPackages(t *testing.T) []string {
	var pkgs []string
	err := fs.WalkDir(stubs, "testdata/stubs", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		dir := strings.TrimPrefix(path.Dir(file), "testdata/stubs/")
		if len(pkgs) == 0 || pkgs[len(pkgs)-1] != dir {
			pkgs = append(pkgs, dir)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return pkgs
}
