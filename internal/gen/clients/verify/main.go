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
	loaded, err := load(packages.NeedName|packages.NeedTypes|packages.NeedModule|packages.NeedExportFile, dir, paths...)
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
			if strings.HasSuffix(path, "/internal") {
				paths = append(paths, path)
			}
		}
	}
	return paths
}

func load(mode packages.LoadMode, dir string, patterns ...string) ([]*packages.Package, error) {
	pkgs, err := packages.Load(&packages.Config{Mode: mode, Dir: dir}, patterns...)
	if err != nil {
		return nil, err
	}
	var errs []string
	for _, pkg := range pkgs {
		for _, e := range pkg.Errors {
			errs = append(errs, e.Error())
		}
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("loading packages in %s:\n%s", dir, strings.Join(errs, "\n"))
	}
	return pkgs, nil
}
