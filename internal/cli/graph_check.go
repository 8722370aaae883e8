package cli

import (
	"slices"
	"strconv"
	"strings"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/govet"
	"github.com/commslint/commslint/internal/program"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/rules"
)

// asksGraph reports whether any rule about the call graph is on.
func (c *findingRun) asksGraph() bool {
	return slices.ContainsFunc(rules.All(), func(r rules.Rule) bool {
		return strings.HasPrefix(r.ID, "graph/") && c.config.Level(r.ID) != finding.Off
	})
}

// checkGraph links what go vet said of the packages with what proxies are told, and
// joins what the whole shows to the findings. Rules that are off cost nothing but the
// linking that the others need.
func (c *checkRun) checkGraph(ws *workspace.Workspace, vetted *govet.Result, findings []finding.Finding) ([]finding.Finding, error) {
	if !c.asksGraph() {
		return findings, nil
	}
	estate := callgraph.Estate{Services: estateServices(c.env, c.config), Contracts: c.inspected.contracts}
	if proxies := c.inspected.proxies; proxies != nil {
		estate.Routes, estate.Workloads = proxies.Routes, proxies.Workloads
	}
	p, err := program.New(vetted.Emissions, ws, c.env.Dir, estate, callgraph.Conditions{})
	if err != nil {
		return nil, err
	}
	return p.Supersede(findings, p.Findings(c.graphLimits())), nil
}

// graphLimits are the parameters of the rules about the call graph.
func (c *findingRun) graphLimits() callgraph.Limits {
	number := func(rule, name string) int {
		n, _ := strconv.Atoi(c.param(rule, name)) // checked when the configuration was read
		return n
	}
	return callgraph.Limits{
		Warn:      callgraph.Count(number("graph/amplification", "warn")),
		Fail:      callgraph.Count(number("graph/amplification", "fail")),
		Hops:      number("graph/retry-at-every-layer", "hops"),
		Bystander: callgraph.Count(number("graph/bystander-load", "factor")),
	}
}
