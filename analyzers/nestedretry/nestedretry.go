// Package nestedretry reports retries around what itself retries.
package nestedretry

import (
	"fmt"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retrypath"
	"github.com/commslint/commslint/analyzers/retryreport"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
)

const doc = `report retries around what itself retries

Attempts multiply: a loop of 3 around a client that tries 4 times sends 12
requests for one, and it does so while the peer is already failing. Each layer
was chosen by somebody who saw only that one.

The analyzer reports a retry (a loop, a second try, recursion, a helper such as
backoff.Retry, a client library, a gRPC service config) that repeats another one
after the same failure, at any depth of calls, through functions of other packages
and interfaces. The path is given as related locations.

Not reported are retries one after the other, an inner layer that is told to make
one attempt, and layers that repeat different failures: an inner one that repeats
refused connections within an outer one that repeats HTTP 503.`

// Analyzer implements the rule go/nested-retry.
var Analyzer = &analysis.Analyzer{
	Name:     "nestedretry",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/nestedretry",
	Requires: []*analysis.Analyzer{netcall.Analyzer, retrypath.Analyzer},
	Run:      run,
}

// fail is the number of requests from which a finding is an error.
var fail int

func init() {
	Analyzer.Flags.IntVar(&fail, "fail", 10, "number of requests that one may become from which a finding is an error; below it is a warning")
}

// few is the number of requests below which layers of unknown size are nothing to
// warn of: two attempts within a loop that may as well turn once.
const few = 4

type checker struct {
	pass *analysis.Pass
	net  *netcall.Result
	res  *retrypath.Result
}

func run(pass *analysis.Pass) (any, error) {
	c := &checker{
		pass: pass, net: pass.ResultOf[netcall.Analyzer].(*netcall.Result),
		res: pass.ResultOf[retrypath.Analyzer].(*retrypath.Result),
	}
	for _, fn := range c.res.Functions {
		c.check(fn)
	}
	return nil, nil
}

// check reports the layers that meet in a function. Of those at one place it
// reports what multiplies to most.
func (c *checker) check(fn *retrypath.Function) {
	worst := make(map[token.Pos]*retrypath.Path)
	var places []token.Pos
	for _, p := range fn.Paths {
		if !c.res.Meets(fn, p) {
			continue
		}
		pos := p.Pos(c.net)
		if have := worst[pos]; have == nil {
			places = append(places, pos)
		} else if p.Product().Compare(have.Product()) <= 0 {
			continue
		}
		worst[pos] = p
	}
	for _, pos := range places {
		c.report(pos, worst[pos])
	}
}

func (c *checker) report(pos token.Pos, p *retrypath.Path) {
	product := p.Product()
	strength, atMost := finding.Proven, finding.Level("")
	switch {
	case retryreport.DrivesEngine(c.pass), product.Unknown && !product.Unbounded && product.N < few:
		strength = finding.Possible
	case product.Unknown:
		strength = finding.Likely
	}
	if product.Unbounded || product.N < callgraph.Count(fail) {
		atMost = finding.Warning
	}
	start, end := retrypath.Range(c.pass, pos)
	netcall.ReportUpTo(c.pass, atMost, strength, analysis.Diagnostic{
		Pos: start, End: end, Message: message(p, product), Related: p.Related(c.net),
	})
}

// message says which layers lie in each other and what one request becomes.
func message(p *retrypath.Path, product retrypath.Product) string {
	var layers []string
	for _, l := range p.Layers {
		layers = append(layers, fmt.Sprintf("%s (%s)", retrypath.Name(l), retrypath.Attempts(l)))
	}
	return fmt.Sprintf("nested retries multiply: %s, so that after %s %s", strings.Join(layers, " around "), p.Modes, becomes(p, product))
}

func becomes(p *retrypath.Path, product retrypath.Product) string {
	target := callgraph.ShowText(p.Target.Name)
	switch {
	case product.Unbounded:
		return target + " is sent without limit, several times in each attempt"
	case product.Unknown && product.N > 1:
		return fmt.Sprintf("%s is sent %s times an unknown number of times", target, product.N)
	case product.Unknown:
		return target + " is sent an unknown number of times"
	}
	return fmt.Sprintf("%s is sent up to %s times", target, product.N)
}
