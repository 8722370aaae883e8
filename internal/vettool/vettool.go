// Package vettool is the side of commslint that go vet starts, once for each
// package: the protocol of golang.org/x/tools/go/analysis/unitchecker, with three
// differences. It identifies the binary by its build id instead of hashing it; an
// analyzer that panics or fails is reported, never a stack trace; and under the
// commslint command a dependency is analysed like a package that was asked for.
package vettool

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"
)

// Called reports whether the arguments are those with which go vet calls its
// tool: -V=full, -flags, or flags and a configuration file.
func Called(args []string) bool {
	if len(args) == 0 {
		return false
	}
	last := len(args) - 1
	isFlag := func(arg string) bool { return strings.HasPrefix(arg, "-") }
	if len(args) == 1 && (args[0] == "-V=full" || args[0] == "-flags") {
		return true
	}
	return strings.HasSuffix(args[last], ".cfg") && !isFlag(args[last]) &&
		!slices.ContainsFunc(args[:last], func(arg string) bool { return !isFlag(arg) })
}

// Main answers go vet and exits. The analyzers are asked for only if needed.
func Main(analyzers func() []*analysis.Analyzer) {
	if len(os.Args) == 2 && os.Args[1] == "-V=full" {
		if id, err := contentID(); err == nil {
			// Not the program's path, which may hold blanks: the go
			// command splits this line at them.
			fmt.Printf("commslint version devel buildID=%s\n", id)
			os.Exit(0)
		}
	}
	if strings.HasSuffix(os.Args[len(os.Args)-1], ".cfg") {
		if tooOld(os.Args) {
			fmt.Fprintln(os.Stderr, OldGo)
			os.Exit(1)
		}
		os.Args = asRoot(os.Args)
	}
	all := analyzers()
	guard(all)
	flag.Bool(ModuleCacheFlag, false, "for the commslint command alone: modules in the module cache are checked themselves")
	unitchecker.Main(all...)
}
