// Package deadlineexceedscaller reports calls that are given more time than
// their caller has.
package deadlineexceedscaller

import (
	"fmt"
	"go/types"
	"slices"
	"time"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/analyzers/retryreport"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/finding"
)

const doc = `report calls that are given more time than their caller has

The least of the limits around a call is the one that counts. A limit that is
greater than one around it never comes to bear: whoever chose it counts on time
that the call does not have, and a retry that needs it never makes its last
attempts, though the code says that it does.

The analyzer compares limits that the code gives as constants. It reports

  - a context.WithTimeout under a context that ends earlier;
  - a call that passes such a context to a function which allows itself more;
  - a retry of which one attempt may take as long as all attempts together, so
    that after an attempt that hangs there is no time for a second one;
  - a retry that waits between its attempts for longer than it may take in all;
  - a retry whose attempts and waits, if each attempt hangs, take longer than it
    may take in all;
  - a handler, or http.TimeoutHandler, with more time than the server's
    WriteTimeout leaves for the answer.

	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for range 3 {
		try, cancel := context.WithTimeout(ctx, 10*time.Second) // reported
		err = c.charge(try)
		...
	}

Limits that are not known, equal limits of one call, and contexts that are detached
(context.WithoutCancel) are not reported. Nor is an http.Client whose Timeout is
longer than the context's: it is for other calls too.`

// Analyzer implements the rule go/deadline-exceeds-caller.
var Analyzer = &analysis.Analyzer{
	Name:      "deadlineexceedscaller",
	Doc:       doc,
	URL:       "https://pkg.go.dev/github.com/commslint/commslint/analyzers/deadlineexceedscaller",
	Requires:  []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer, retry.Analyzer},
	Run:       run,
	FactTypes: []analysis.Fact{(*Takes)(nil)},
}

// A checker is the working state for one package.
type checker struct {
	pass    *analysis.Pass
	net     *netcall.Result
	consts  *constflow.Tracer
	retries *retry.Result
	takes   map[*ssa.Function]*Takes
	needs   map[*ssa.Function][]OwnLimit // of retries
	// retried are the limits that are reported with the retry around them.
	retried map[ssa.CallInstruction]bool
}

func run(pass *analysis.Pass) (any, error) {
	c := &checker{
		pass:    pass,
		net:     pass.ResultOf[netcall.Analyzer].(*netcall.Result),
		consts:  pass.ResultOf[constflow.Analyzer].(*constflow.Tracer),
		retries: pass.ResultOf[retry.Analyzer].(*retry.Result),
		takes:   make(map[*ssa.Function]*Takes),
		needs:   make(map[*ssa.Function][]OwnLimit),
		retried: make(map[ssa.CallInstruction]bool),
	}
	if c.net.Pkg == nil {
		return nil, nil
	}
	for _, r := range retryreport.Cases(pass) {
		c.checkRetry(r)
	}
	for _, fn := range c.net.Funcs {
		c.checkFunction(fn)
	}
	c.checkServer()
	c.export()
	return nil, nil
}

// checkFunction compares the limits that one function sets with those around them.
func (c *checker) checkFunction(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			if l, ok := c.limitAt(call); ok {
				c.checkLimit(l)
			} else {
				c.checkCallee(call)
			}
		}
	}
}

// checkLimit reports a limit under a context that ends earlier.
func (c *checker) checkLimit(l limit) {
	outer, ok := c.around(l.parent)
	if !ok || outer.d >= l.d || c.retried[l.call] || outermost(outer.call) != outermost(l.call) || !c.sends(l.call) {
		return
	}
	node := netcall.NodeAt(c.pass, l.call.Common().Pos())
	if node == nil {
		return
	}
	c.retried[l.call] = true
	netcall.Report(c.pass, finding.Proven, analysis.Diagnostic{
		Pos: node.Pos(), End: node.End(),
		Message: fmt.Sprintf("this allows %s under a context that ends after %s: the longer limit never comes to bear", text(l.d), text(outer.d)),
		Related: []analysis.RelatedInformation{netcall.At(outer.call.Pos(), "the context ends "+text(outer.d)+" after this")},
	})
}

// outermost returns the declared function around an instruction.
func outermost(instr ssa.Instruction) *ssa.Function {
	fn := instr.Parent()
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	return fn
}

// checkCallee reports a call that passes a context to a function which allows
// itself more time than the context has.
func (c *checker) checkCallee(call ssa.CallInstruction) {
	takes := c.takesOf(call)
	if takes == nil {
		return
	}
	for _, t := range takes.Limits {
		args := call.Common().Args
		if t.Param >= len(args) {
			continue
		}
		outer, ok := c.around(args[t.Param])
		if !ok || outer.d >= t.Dur {
			continue
		}
		node := netcall.NodeAt(c.pass, call.Common().Pos())
		if node == nil {
			return
		}
		d := analysis.Diagnostic{Pos: node.Pos(), End: node.End()}
		d.Message = fmt.Sprintf("%s allows itself %s, but the context that it is given here ends after %s: %s",
			netcall.FuncText(netcall.Callee(call)), text(t.Dur), text(outer.d), "the longer limit never comes to bear")
		if t.Retry {
			d.Message = fmt.Sprintf("%s makes its last attempt %s after the first if they hang, but the context that it is given here ends after %s: that attempt is never made",
				netcall.FuncText(netcall.Callee(call)), text(t.Dur), text(outer.d))
		}
		d.Related = []analysis.RelatedInformation{netcall.At(outer.call.Pos(), "the context ends "+text(outer.d)+" after this")}
		if pos := c.net.Pos(t.At); pos.IsValid() {
			d.Related = append(d.Related, netcall.At(pos, "takes up to "+text(t.Dur)))
		}
		netcall.Report(c.pass, finding.Likely, d)
		return
	}
}

// checkRetry compares what a retry needs with the time that it has.
func (c *checker) checkRetry(r *retryreport.Case) {
	n := r.Attempts.N
	if r.Attempts.Var != "" || r.Attempts.Param != nil || n == 1 {
		return
	}
	b := c.budgetOf(r)
	if b.overall == 0 {
		c.noteNeed(r, b)
		return
	}
	d := analysis.Diagnostic{}
	d.Pos, d.End = r.Range()
	if b.outer.call != nil {
		d.Related = append(d.Related, netcall.At(b.outer.call.Pos(), "all attempts together have "+text(b.overall)))
	}
	if b.inner.call != nil {
		d.Related = append(d.Related, netcall.At(b.inner.call.Pos(), "one attempt has "+text(b.perTry)))
	}
	strength := finding.Proven
	switch {
	case b.perTry >= b.overall && b.perTry > 0:
		d.Message = fmt.Sprintf("one attempt of %s may take %s, and all attempts together no more than %s: after one that hangs there is no time for another",
			r.Subject(), text(b.perTry), text(b.overall))
	case n > 1 && r.MaxWait >= b.overall:
		d.Message = fmt.Sprintf("the waits between the %d attempts of %s add up to %s, and all of it may take no more than %s: the last attempts are never made",
			n, r.Subject(), text(r.MaxWait), text(b.overall))
		strength = finding.Likely // jitter may shorten the waits
	case n > 1 && b.perTry > 0 && time.Duration(n-1)*b.perTry+r.MaxWait >= b.overall:
		d.Message = fmt.Sprintf("%d attempts of %s of up to %s each, with their waits, take longer than the %s that all of it may take: if the first ones hang, the last are never made",
			n, r.Subject(), text(b.perTry), text(b.overall))
		strength = finding.Likely
	default:
		return
	}
	if b.inner.call != nil {
		c.retried[b.inner.call] = true
	}
	netcall.Report(c.pass, retryreport.Weaker(strength, r.Strength()), d)
}

// sends reports whether a context that a call makes is given to something that
// may send a request.
func (c *checker) sends(made ssa.CallInstruction) bool {
	work, seen := []ssa.Value{made.Value()}, make(map[ssa.Value]bool)
	for len(work) > 0 {
		v := work[0]
		work = work[1:]
		if v == nil || seen[v] || v.Referrers() == nil {
			continue
		}
		seen[v] = true
		for _, r := range *v.Referrers() {
			switch r := r.(type) {
			case *ssa.Extract:
				if r.Index == 0 {
					work = append(work, r)
				}
			case *ssa.Store:
				work = append(work, r.Addr)
			case *ssa.UnOp, *ssa.Phi, *ssa.ChangeInterface, *ssa.MakeInterface:
				work = append(work, r.(ssa.Value))
			case *ssa.MakeClosure:
				if i := slices.Index(r.Bindings, v); i >= 0 {
					work = append(work, r.Fn.(*ssa.Function).FreeVars[i])
				}
			case ssa.CallInstruction:
				if slices.Contains(r.Common().Args, v) && c.mayReach(r) {
					return true
				}
				if val := r.Value(); val != nil && derives(val.Type()) {
					work = append(work, val)
				}
			}
		}
	}
	return false
}

func (c *checker) mayReach(call ssa.CallInstruction) bool {
	return c.remote(call) || c.retries.MayReach(call)
}

func (c *checker) remote(call ssa.CallInstruction) bool {
	return slices.ContainsFunc(c.net.Calls, func(n *netcall.Call) bool { return n.CallInstruction == call })
}

// derives reports whether a result may carry the context on: another context, or
// a request.
func derives(t types.Type) bool {
	if tuple, ok := t.(*types.Tuple); ok {
		return tuple.Len() > 0 && derives(tuple.At(0).Type())
	}
	name := typequery.Name(t)
	return name == "context.Context" || name == "net/http.Request"
}

// text writes a duration as one would say it: "1m30s", "5s", "2h".
func text(d time.Duration) string {
	s := d.String()
	for _, zero := range []string{"0s", "0m"} {
		if n := len(s) - len(zero); n > 1 && s[n:] == zero && (s[n-1] == 'm' || s[n-1] == 'h') {
			s = s[:n]
		}
	}
	return s
}
