// Package retrynobackoff reports retries that do not wait between attempts.
package retrynobackoff

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/analyzers/retryreport"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
)

const doc = `report retries that do not wait between attempts

What made a request fail (an overload, a restart, a lost leader) mostly lasts for
longer than the next attempt takes to arrive. Attempts that follow at once all
meet the same failure, and multiply the load just when there is too much of it.

The analyzer reports a retry of more than two attempts that waits on no way from
a failed attempt to the next.

	for range 5 { // reported
		if err = c.send(order); err == nil {
			return nil
		}
	}

Not reported are a single second attempt, as after a refreshed credential or a
stale connection; libraries that wait by default; attempts that are each made at
another peer; and loops that start over since somebody else changed the data
(compare-and-swap, conflicting transactions), where the next attempt asks for
something else.`

// Analyzer implements the rule go/retry-no-backoff.
var Analyzer = &analysis.Analyzer{
	Name:     "retrynobackoff",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/retrynobackoff",
	Requires: []*analysis.Analyzer{netcall.Analyzer, retry.Analyzer},
	Run:      run,
}

// attempts is how many may be made before the rule applies.
var attempts int

func init() {
	Analyzer.Flags.IntVar(&attempts, "attempts", 2, "attempts that may follow each other without a wait")
}

func run(pass *analysis.Pass) (any, error) {
	for _, c := range retryreport.Cases(pass) {
		if c.Growth == callgraph.NoWait && c.MayExceed(attempts) && c.Kind != callgraph.ConfigLayer {
			report(pass, c)
		}
	}
	return nil, nil
}

func report(pass *analysis.Pass, c *retryreport.Case) {
	strength := c.Strength()
	if isPaced(c) || isConflict(c) || rotates(c) {
		strength = finding.Possible
	}
	d := analysis.Diagnostic{Related: c.Again()}
	d.Pos, d.End = c.Range()
	d.Message = fmt.Sprintf("%s is repeated without a wait: %s, while the peer has no time to recover", c.Subject(), burst(c.Attempts))
	netcall.Report(pass, strength, d)
}

// burst says how many attempts follow each other.
func burst(n callgraph.Amount) string {
	if n.Var != "" || n.Param != nil || n.N == callgraph.Unbounded || n.N == 0 {
		return "all attempts follow each other at once"
	}
	return fmt.Sprintf("all %d attempts follow each other at once", n.N)
}

// pacing are parts of names of functions that let time pass or may do so.
var pacing = []string{"wait", "sleep", "backoff", "back_off", "pause", "delay", "throttle", "limiter", "ticker", "poll"}

// isPaced reports whether something that cannot be seen through may wait: a
// channel, or a function that is named as if it did.
func isPaced(c *retryreport.Case) bool {
	paced := false
	c.Names(func(name string) {
		name = strings.ToLower(name)
		paced = paced || slices.ContainsFunc(pacing, func(p string) bool { return strings.Contains(name, p) })
	})
	return paced || c.Loop != nil && blocks(c) || slices.ContainsFunc(c.Calls, isLimited)
}

// isLimited reports whether an attempt is given a rate limiter, which waits within
// the attempt.
func isLimited(call *retry.Attempt) bool {
	return slices.ContainsFunc(call.Common().Args, func(arg ssa.Value) bool {
		n, ok := types.Unalias(arg.Type()).(*types.Named)
		if p, isPointer := arg.Type().Underlying().(*types.Pointer); isPointer {
			n, ok = types.Unalias(p.Elem()).(*types.Named)
		}
		return ok && strings.Contains(n.Obj().Name(), "Limiter")
	})
}

// blocks reports whether the loop waits for a channel that is none of its own.
func blocks(c *retryreport.Case) bool {
	for b := range c.Loop.Blocks {
		for _, instr := range b.Instrs {
			switch instr := instr.(type) {
			case *ssa.Select:
				if instr.Blocking {
					return true
				}
			case *ssa.UnOp:
				if made, ok := instr.X.(*ssa.MakeChan); instr.Op == token.ARROW && !(ok && c.Loop.Blocks[made.Block()]) {
					return true
				}
			}
		}
	}
	return false
}

// conflicts are parts of the names by which programs speak of data that somebody
// else has changed.
var conflicts = []string{
	"conflict", "cas", "compareandswap", "compare_and_swap", "stale", "version", "serializ", "serialis", "optimistic", "collision", "collide",
	"duplicate", "alreadyexists", "exists", "precondition", "txn", "transaction", "deadlock", "aborted", "etag", "generation", "resourceversion",
}

// isConflict reports whether a retry starts over because data has changed.
func isConflict(c *retryreport.Case) bool {
	if c.Modes != 0 && c.Modes&^(callgraph.GRPCAborted|callgraph.OpaqueError) == 0 && c.Modes&callgraph.GRPCAborted != 0 {
		return true
	}
	found := false
	c.Names(func(name string) {
		name = strings.ToLower(name)
		found = found || slices.ContainsFunc(conflicts, func(p string) bool {
			if p == "cas" {
				return name == p || strings.HasSuffix(name, "cas") || strings.HasPrefix(name, "cas")
			}
			return strings.Contains(name, p)
		})
	})
	return found
}

// rotates reports whether the attempts may go to different peers: what they are
// given is the number of the attempt, or chosen by it.
func rotates(c *retryreport.Case) bool {
	if c.Loop == nil {
		return false
	}
	for _, call := range c.Calls {
		for _, arg := range call.Common().Args {
			if choosesByTurn(arg, c.Loop, make(map[ssa.Value]bool)) {
				return true
			}
		}
	}
	return false
}

func choosesByTurn(v ssa.Value, l *retry.Loop, seen map[ssa.Value]bool) bool {
	instr, ok := v.(ssa.Instruction)
	if !ok || seen[v] || !l.Blocks[instr.Block()] {
		return false
	}
	seen[v] = true
	switch v.(type) {
	case *ssa.IndexAddr, *ssa.Index, *ssa.Lookup:
		return true
	case *ssa.Phi:
		if typequery.IsInteger(v.Type()) && instr.Block() == l.Header {
			return true
		}
	}
	return slices.ContainsFunc(instr.Operands(nil), func(op *ssa.Value) bool {
		return *op != nil && choosesByTurn(*op, l, seen)
	})
}
