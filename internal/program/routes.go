package program

import (
	"strings"

	"github.com/commslint/commslint/analyzers/callsheet"
	"github.com/commslint/commslint/callgraph"
)

// serve tells the packages which HTTP requests their functions serve. Patterns that
// hold for everything below the root say nothing.
func serve(packages []callgraph.Package, sheets []callsheet.Sheet) {
	byPath := make(map[string]int)
	for i := range packages {
		if _, ok := byPath[packages[i].Path]; !ok {
			byPath[packages[i].Path] = i
		}
	}
	for i := range sheets {
		at, ok := byPath[sheets[i].Path]
		if !ok {
			continue
		}
		for _, r := range sheets[i].Routes {
			if strings.HasSuffix(r.Pattern, "//") {
				continue
			}
			for _, id := range r.Funcs {
				packages[at].Served = append(packages[at].Served, callgraph.Served{Operation: r.Pattern, Func: id, At: r.At})
			}
		}
	}
}
