// Package amplification reports functions of which one run can become many
// requests.
package amplification

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retrypath"
	"github.com/commslint/commslint/analyzers/retryreport"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
)

const doc = `report functions of which one run can become many requests

While a peer fails, every retry on the way to it sends more, and what reaches it
is what the attempts of all layers multiply to. A peer that is only slow is then
kept down by those who wait for it.

The analyzer reports exported functions and handlers of requests from which one
logical request can be sent more than 4 times, in the worst way in which it can
fail, with the path to it. Several functions that lead to the same retries are
reported once, at the one nearest to them.

Only retries count: sending something for each element of a list is no
amplification, and attempts of which the number is not known count once. Layers
without a limit on their attempts are left to the rule about those.`

// Analyzer implements the rule go/amplification.
var Analyzer = &analysis.Analyzer{
	Name:     "amplification",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/amplification",
	Requires: []*analysis.Analyzer{netcall.Analyzer, retrypath.Analyzer},
	Run:      run,
}

// warn and fail are the most requests that one may become without a warning, and
// without an error.
var warn, fail int

func init() {
	Analyzer.Flags.IntVar(&warn, "warn", 4, "most requests that one may become without a warning")
	Analyzer.Flags.IntVar(&fail, "fail", 10, "most requests that one may become before it is an error")
}

// An excess is a stack of retries that makes too many requests, with the
// functions that lead to it.
type excess struct {
	path    *retrypath.Path
	entries []*retrypath.Function
}

func run(pass *analysis.Pass) (any, error) {
	res := pass.ResultOf[retrypath.Analyzer].(*retrypath.Result)
	var found []*excess
	byKey := make(map[string]*excess)
	for _, fn := range res.Functions {
		p := worst(res, fn)
		if p == nil {
			continue
		}
		e := byKey[p.Key()]
		if e == nil {
			e = &excess{path: p}
			byKey[p.Key()] = e
			found = append(found, e)
		}
		if len(p.Steps) < len(e.path.Steps) {
			e.path, e.entries = p, slices.Insert(e.entries, 0, fn)
			continue
		}
		e.entries = append(e.entries, fn)
	}
	net := pass.ResultOf[netcall.Analyzer].(*netcall.Result)
	for _, e := range found {
		e.report(pass, net)
	}
	return nil, nil
}

// worst returns the path of a function that multiplies to most, nil if none
// exceeds the limit, or if that is a callee's doing.
func worst(res *retrypath.Result, fn *retrypath.Function) (most *retrypath.Path) {
	for _, p := range fn.Paths {
		if !exceeds(p) || !res.Exposes(fn, p) {
			continue
		}
		if most == nil || p.Product().Compare(most.Product()) > 0 {
			most = p
		}
	}
	return most
}

func exceeds(p *retrypath.Path) bool {
	product := p.Product()
	return !product.Unbounded && product.N > callgraph.Count(warn)
}

func (e *excess) report(pass *analysis.Pass, net *netcall.Result) {
	product := e.path.Product()
	strength, atMost := finding.Proven, finding.Level("")
	switch {
	case retryreport.DrivesEngine(pass), retryreport.IsCommand(e.entries[0].Fn):
		strength = finding.Possible // one machine's own engine, or one person's command
	case product.Unknown:
		strength = finding.Likely
	}
	if product.N <= callgraph.Count(fail) {
		atMost = finding.Warning
	}
	fn := e.entries[0]
	d := analysis.Diagnostic{Pos: fn.Fn.Pos(), Message: e.message(product), Related: e.path.Related(net)}
	if name := fn.Fn.Name(); fn.Fn.Parent() == nil {
		d.End = d.Pos + token.Pos(len(name))
	}
	for _, other := range e.entries[1:min(len(e.entries), 6)] {
		d.Related = append(d.Related, netcall.At(other.Fn.Pos(), "so may this one"))
	}
	netcall.ReportUpTo(pass, atMost, strength, d)
}

func (e *excess) message(product retrypath.Product) string {
	var factors []string
	for _, l := range e.path.Layers {
		if len(l.Factor.Variables()) == 0 {
			factors = append(factors, l.Factor.At(1).String()+" by "+retrypath.Name(l))
		}
	}
	times := product.N.String()
	if product.Unknown {
		times = "at least " + times
	}
	also := ""
	switch n := len(e.entries) - 1; {
	case n == 1:
		also = ", and so does another function"
	case n > 1:
		also = fmt.Sprintf(", and so do %d other functions", n)
	}
	return fmt.Sprintf("%s turns one request into %s while %s fails (attempts: %s)%s, which is more load than a peer in trouble can recover under",
		e.name(), times, callgraph.ShowText(e.path.Target.Name), strings.Join(factors, " × "), also)
}

func (e *excess) name() string {
	fn := e.entries[0].Fn
	if fn.Parent() != nil {
		return "this handler"
	}
	return fn.Name()
}
