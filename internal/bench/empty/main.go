// Empty is a vet tool that checks nothing: the least that any tool built on
// unitchecker costs. Benchmarks compare commslint with it.
package main

import (
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"
)

func main() {
	unitchecker.Main(&analysis.Analyzer{
		Name: "empty",
		Doc:  "check nothing",
		Run:  func(*analysis.Pass) (any, error) { return nil, nil },
	})
}
