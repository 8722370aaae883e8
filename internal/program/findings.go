package program

import (
	"slices"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
)

// Findings asks the rules graph/… of what was asked for.
func (p *Program) Findings(limits callgraph.Limits) []finding.Finding {
	return p.Check(p.Wanted, limits)
}

// Supersede joins what the rules found with what the whole program shows, and drops
// what says the same with less: the worst case of a function as far as its own code
// goes, where the program knows all of it.
func (p *Program) Supersede(findings, graph []finding.Finding) []finding.Finding {
	whole := make(map[finding.Location]bool)
	for i := range graph {
		f := &graph[i]
		if f.Rule != "graph/amplification" {
			continue
		}
		if entry, ok := f.Properties["entry"].(string); ok {
			if fn, ok := p.Function(entry); ok {
				whole[finding.Location{File: fn.At.File, Line: fn.At.Line}] = true
			}
		}
		for _, r := range f.Related {
			whole[finding.Location{File: r.File, Line: r.Line}] = true
		}
	}
	findings = slices.DeleteFunc(slices.Clone(findings), func(f finding.Finding) bool {
		return f.Rule == "go/amplification" && whole[finding.Location{File: f.File, Line: f.Line}]
	})
	return append(findings, graph...)
}
