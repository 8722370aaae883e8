// Package haproxy reads configurations of HAProxy: which requests go to which servers, how long HAProxy waits for
// them, and what it sends again.
//
//	if haproxy.Sniff(text) {
//		result := haproxy.Check(name, text, policy.NewOptions(param))
//	}
package haproxy

import (
	"bytes"
	"slices"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/finding"
)

// A Result is what a configuration shows.
type Result struct {
	Findings []finding.Finding
	Routes   []callgraph.Route
}

// system is HAProxy as the rules see it.
var system = policy.System{ID: "haproxy", Name: "HAProxy"}

// Sniff reports whether a text may be a configuration of HAProxy: whether it has a section that takes or sends requests, and
// one of the keywords that all such sections have. It looks at the beginnings of lines.
func Sniff(text []byte) bool {
	if !bytes.Contains(text, []byte("backend")) && !bytes.Contains(text, []byte("listen")) && !bytes.Contains(text, []byte("defaults")) {
		return false
	}
	section, keyword := false, false
	for line := range bytes.Lines(text) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		first, rest, _ := bytes.Cut(bytes.TrimSpace(line), []byte(" "))
		switch string(first) {
		case "frontend", "backend", "listen", "defaults":
			if line[0] != ' ' && line[0] != '\t' && !bytes.ContainsAny(rest, "{;=:") {
				section = true
			}
		case "server", "bind", "timeout", "mode", "retries", "default_backend", "balance", "option":
			keyword = keyword || section && len(rest) > 0 && !bytes.ContainsAny(rest, "{;=")
		}
	}
	return section && keyword
}

// Check reads a configuration and asks the rules mesh/… of it. What it does not know it leaves out: HAProxy has many
// hundred keywords, of which two dozen matter here.
func Check(name string, text []byte, opt policy.Options) *Result {
	c := &config{report: policy.NewReport(opt), file: name}
	c.read(policy.MaskTemplate(text))
	if policy.IsTemplate(text) {
		c.whole = false // what is missing may be filled in
	}
	for _, s := range c.sections {
		switch s.kind {
		case "listen":
			c.listen(s)
		case "frontend":
			c.frontend(s)
		}
	}
	for _, s := range c.sections {
		if s.kind == "backend" && !c.reached[s] {
			c.unreached(s)
		}
	}
	c.report.Check(c.routes)
	result := &Result{Findings: c.report.Findings()}
	for i := range c.routes {
		result.Routes = append(result.Routes, c.routes[i].Graph()...)
	}
	slices.SortStableFunc(result.Routes, func(a, b callgraph.Route) int { return a.At.Line - b.At.Line })
	return result
}
