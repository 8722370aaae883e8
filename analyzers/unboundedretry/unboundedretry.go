// Package unboundedretry reports retries that nothing ends.
package unboundedretry

import (
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/analyzers/retryreport"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
)

const doc = `report retries that nothing ends

While a dependency is down, a retry without a limit keeps its goroutine and its
caller for ever, and the dependency meets the traffic of all of them when it
comes back.

The analyzer reports a loop, a recursion or a library's retry that sends the same
request again after it failed, if there is

  - no limit on the number of attempts,
  - no limit of time, and
  - no context or channel that is looked at between attempts.

A limit that some way to the next attempt goes around is none: the counter that
a continue skips, the error that is overwritten before it is compared.

	for { // reported
		if err := c.send(order); err == nil {
			return
		}
		time.Sleep(time.Second)
	}

Not reported are loops over pages, jobs, messages and ticks, which do not repeat
what failed; loops that reconnect, wait, and end with a context or a channel; and
loops that are left by a test which depends on something else than how the
attempt went, for that may be a limit.`

// Analyzer implements the rule go/unbounded-retry.
var Analyzer = &analysis.Analyzer{
	Name:     "unboundedretry",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/unboundedretry",
	Requires: []*analysis.Analyzer{netcall.Analyzer, retry.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	for _, c := range retryreport.Cases(pass) {
		if c.Endless() {
			report(pass, c)
		}
	}
	return nil, nil
}

func report(pass *analysis.Pass, c *retryreport.Case) {
	d := analysis.Diagnostic{Related: c.Again()}
	d.Pos, d.End = c.Range()
	strength := c.Strength()
	subject := c.Subject()
	switch c.Kind {
	case callgraph.LoopLayer:
		ends := endsOf(c)
		if ends.unknown {
			strength = finding.Possible
		}
		if ends.limit != nil {
			d.Message = "the limit of this retry does not hold: on some way to the next attempt it is not counted, so while " + subject + " fails it may be repeated for ever"
			d.Related = append(d.Related, netcall.At(ends.limit.Pos(), "not every failed attempt counts towards this limit"))
			strength = retryreport.Weaker(strength, finding.Likely)
			break
		}
		d.Message = "nothing ends this retry: while " + subject + " fails it is repeated for ever, without a limit on attempts or time"
		if c.Connects() || c.AtStart() || ends.judged {
			strength = retryreport.Weaker(strength, finding.Likely)
		}
		d.SuggestedFixes = c.ContextFix()
	case callgraph.RecursionLayer:
		d.Message = "nothing ends this retry: while it fails, " + subject + " calls itself again, without a limit on attempts or time"
		strength = retryreport.Weaker(strength, finding.Likely)
		if !asksTheSame(c) {
			strength = finding.Possible // of something smaller, say
		}
	default:
		d.Message = subject + " repeats what fails for ever: it is given no limit on attempts or time"
		if c.Context == callgraph.Unknown {
			strength = finding.Possible
		}
	}
	netcall.Report(pass, strength, d)
}

// asksTheSame reports whether a recursion hands on all that it was given.
func asksTheSame(c *retryreport.Case) bool {
	for _, b := range c.Fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok || call.Pos() != c.Pos {
				continue
			}
			return slices.EqualFunc(call.Common().Args, c.Fn.Params, func(arg ssa.Value, p *ssa.Parameter) bool { return arg == ssa.Value(p) })
		}
	}
	return false
}
