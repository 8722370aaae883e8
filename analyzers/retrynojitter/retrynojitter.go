// Package retrynojitter reports retries whose waits have no randomness.
package retrynojitter

import (
	"golang.org/x/tools/go/analysis"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/analyzers/retryreport"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
)

const doc = `report retries that wait without randomness

Requests that failed at the same moment, because a peer was overloaded or went
away, come back at the same moment if all of them wait for the same time, and the
next time again: waits that grow spread the waves, not the requests in a wave.

The analyzer reports a retry of more than two attempts whose waits, constant or
growing, do not depend on chance.

	time.Sleep(time.Second << attempt)                        // reported
	time.Sleep(d/2 + rand.N(d/2+1))                           // not reported

Not reported are libraries that add jitter by default, waits that the peer
determines by Retry-After, durations that cannot be seen, and commands that serve
nobody, of which only one runs at a time.`

// Analyzer implements the rule go/retry-no-jitter.
var Analyzer = &analysis.Analyzer{
	Name:     "retrynojitter",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/retrynojitter",
	Requires: []*analysis.Analyzer{netcall.Analyzer, retry.Analyzer},
	Run:      run,
}

// attempts is how many may be made before the rule applies.
var attempts int

func init() {
	Analyzer.Flags.IntVar(&attempts, "attempts", 2, "attempts up to which a retry needs no jitter")
}

func run(pass *analysis.Pass) (any, error) {
	for _, c := range retryreport.Cases(pass) {
		if c.Growth > callgraph.NoWait && c.Jitter == callgraph.No && c.MayExceed(attempts) && c.RetryAfter != callgraph.Yes {
			report(pass, c)
		}
	}
	return nil, nil
}

func report(pass *analysis.Pass, c *retryreport.Case) {
	strength := c.Strength()
	switch {
	case c.AtStart(), c.Local(), c.Kind == callgraph.ClientLayer:
		// One command, one process that waits for what it needs, its own child, or
		// a client that mostly cannot be told to do otherwise.
		strength = finding.Possible
	case c.Connects():
		strength = retryreport.Weaker(strength, finding.Likely)
	}
	d := analysis.Diagnostic{Related: append(c.Again(), c.Waiting("waits here, as long each time as everybody else")...)}
	d.Pos, d.End = c.Range()
	d.Message = c.Subject() + " is repeated after " + waits(c.Growth) + " without jitter: clients that failed together come back together"
	d.SuggestedFixes = append(c.JitterFix(), c.ContextFix()...)
	if c.Context == callgraph.Yes {
		d.SuggestedFixes = c.JitterFix()
	}
	netcall.Report(pass, strength, d)
}

func waits(g callgraph.Growth) string {
	if g == callgraph.Growing {
		return "waits that grow"
	}
	return "a constant wait"
}
