// Factsize measures the facts that commslint passes from package to package:
// go vet stores them for each package and reads them again for each importer.
// What a package passes on of its imports' facts is an upper bound: go vet
// leaves out those about objects that its export data does not mention.
//
//	go run ./internal/bench/factsize [-C DIR] [-top N] [PATTERN...]
package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/commslint/commslint/analyzers/netcall"
)

func main() {
	dir := flag.String("C", ".", "load the packages from `dir`")
	top := flag.Int("top", 5, "list the `n` packages with the largest files")
	flag.Parse()
	if err := run(os.Stdout, *dir, flag.Args(), *top); err != nil {
		fmt.Fprintln(os.Stderr, "factsize:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, dir string, patterns []string, top int) error {
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax, Dir: dir}, patterns...)
	if err != nil {
		return err
	}
	if n := packages.PrintErrors(pkgs); n > 0 {
		return fmt.Errorf("%d errors in the packages of %s: the figures would be wrong", n, dir)
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{netcall.Analyzer}, pkgs, nil)
	if err != nil {
		return err
	}
	var files []file
	analysed := 0
	for act := range graph.All() {
		if act.Err != nil {
			return act.Err
		}
		analysed++
		f, err := encode(act)
		if err != nil {
			return fmt.Errorf("%s: %w", act.Package.PkgPath, err)
		}
		if f.total > 0 {
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b file) int {
		return cmp.Or(cmp.Compare(b.total, a.total), cmp.Compare(a.pkg, b.pkg))
	})
	return report(out, analysed, files, top)
}

func report(out io.Writer, analysed int, files []file, top int) error {
	var sum file
	for _, f := range files {
		sum.add(f)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "packages\t%d\t\n", analysed)
	fmt.Fprintf(w, "with facts\t%d\t\n", len(files))
	fmt.Fprintf(w, "functions with facts\t%d\t\n", sum.functions)
	fmt.Fprintf(w, "variables with facts\t%d\t\n", sum.variables)
	fmt.Fprintf(w, "bytes, at most\t%d\t\n", sum.total)
	fmt.Fprintf(w, "of a package's own facts\t%d\t\n", sum.own)
	fmt.Fprintf(w, "per function or variable\t%d\t\n", sum.own/max(1, sum.functions+sum.variables))
	for i, p := range parts {
		fmt.Fprintf(w, "of these, %s\t%d\t\n", p.name, sum.parts[i])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nlargest (bytes at most, own bytes, package):\n")
	for _, f := range files[:min(top, len(files))] {
		fmt.Fprintf(out, "%8d %8d  %s\n", f.total, f.own, f.pkg)
	}
	return nil
}
