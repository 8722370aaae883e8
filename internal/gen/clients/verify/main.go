// Command verify checks the client-library models against the real libraries:
// every function, method, type and field that a model names must exist, and
// every operand must be of a kind that fits its use.
//
//	go run ./internal/gen/clients/verify testdata/clients
//
// The argument is the folder of a Go module whose package imports all modelled
// packages. The go command downloads and compiles them.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/commslint/commslint/rules/clients"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: verify DIR")
		os.Exit(2)
	}
	problems, err := run(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "verify:", err)
		os.Exit(2)
	}
	for _, p := range problems {
		fmt.Println(p)
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
}

// run loads what the module in dir imports and checks all models against it.
func run(dir string) ([]string, error) {
	roots, err := load(packages.NeedName|packages.NeedImports, dir, ".")
	if err != nil {
		return nil, err
	}
	var paths []string
	for path := range roots[0].Imports {
		paths = append(paths, path)
	}
	paths = append(paths, internals()...)
	slices.Sort(paths)
	loaded, err := load(declarations, dir, paths...)
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, lib := range clients.All() {
		problems = append(problems, checkLibrary(&lib, loaded)...)
	}
	for _, lib := range clients.AllRetries() {
		problems = append(problems, checkRetries(&lib, loaded)...)
	}
	return problems, nil
}

// internals returns the modelled packages that no other module may import: those
// whose types a library gives other names.
func internals() (paths []string) {
	for _, lib := range clients.AllRetries() {
		for _, path := range lib.Packages {
			if strings.Contains(path+"/", "/internal/") {
				paths = append(paths, path)
			}
		}
	}
	return paths
}

// declarations is the mode in which the packages to check against are loaded:
// from source, since the compiler would take a long time for all of them and
// only what they declare matters.
const declarations = packages.NeedName | packages.NeedTypes | packages.NeedModule |
	packages.NeedImports | packages.NeedDeps | packages.NeedSyntax

func load(mode packages.LoadMode, dir string, patterns ...string) ([]*packages.Package, error) {
	config := &packages.Config{Mode: mode, Dir: dir, ParseFile: parseDeclarations, Env: append(os.Environ(), "CGO_ENABLED=0")}
	pkgs, err := packages.Load(config, patterns...)
	if err != nil {
		return nil, err
	}
	var errs []string
	for _, pkg := range pkgs {
		for _, e := range pkg.Errors {
			// Without the bodies of functions, imports are not used.
			if e.Kind != packages.TypeError {
				errs = append(errs, e.Error())
			}
		}
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("loading packages in %s:\n%s", dir, strings.Join(errs, "\n"))
	}
	return pkgs, nil
}

// parseDeclarations parses a file without the bodies of its functions.
func parseDeclarations(fset *token.FileSet, filename string, src []byte) (*ast.File, error) {
	file, err := parser.ParseFile(fset, filename, src, parser.SkipObjectResolution)
	if file == nil {
		return nil, err
	}
	for _, decl := range file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok {
			fn.Body = nil
		}
	}
	return file, err
}
