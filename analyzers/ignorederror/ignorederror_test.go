package ignorederror

import (
	"go/ast"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/commslint/commslint/analyzers/ruletest"
)

func TestAnalyzer(t *testing.T) { ruletest.Run(t, Analyzer, "a") }

// unchecked ignores that package blank has no want comments; see there.
type unchecked struct{}

func (unchecked) Errorf(string, ...any) {}

func TestMarkedByComment(t *testing.T) {
	res := analysistest.Run(unchecked{}, ruletest.Gopath(t), Analyzer, "blank")
	if len(res) != 1 || res[0].Err != nil {
		t.Fatalf("analysis failed: %+v", res)
	}
	found := make(map[string]bool)
	var decls []ast.Decl
	for _, file := range res[0].Pass.Files {
		decls = append(decls, file.Decls...)
	}
	for _, decl := range decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		for _, d := range res[0].Diagnostics {
			if fn.Pos() <= d.Pos && d.Pos < fn.End() {
				found[fn.Name.Name] = true
			}
		}
		if want := strings.HasPrefix(fn.Name.Name, "lost"); found[fn.Name.Name] != want {
			t.Errorf("%s: reported %v, want %v", fn.Name.Name, !want, want)
		}
	}
}
