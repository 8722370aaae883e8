// Package retrypermanenterror reports retries of failures that a repeat cannot
// cure, and retries that overlook when the peer wants to be asked again.
package retrypermanenterror

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/analyzers/retryreport"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
)

const doc = `report retries of failures that a repeat cannot cure

An answer such as 400, 401, 403, 404 or InvalidArgument says that the request is
wrong. Sent again it is as wrong as before: the caller waits for longer, and a
peer that is under load has more to refuse.

The analyzer reports a retry that repeats

  - 4xx statuses other than 408 (Request Timeout), 425 (Too Early) and 429 (Too
    Many Requests), or gRPC codes such as INVALID_ARGUMENT and NOT_FOUND, because
    it looks at no status or code, or tests for the wrong ones;
  - every error of a function that turns such statuses into errors, without telling
    them apart;
  - 429 or 503 after a wait of its own, though the answer may say in Retry-After
    how long to wait.

	for range 3 { // reported: a 404 is repeated as well
		resp, err := client.Do(req)
		if err == nil && resp.StatusCode == http.StatusOK {
			return resp, nil
		}
		…
	}

Not reported are errors of which it is not known what they stand for.`

// Analyzer implements the rule go/retry-permanent-error.
var Analyzer = &analysis.Analyzer{
	Name:      "retrypermanenterror",
	Doc:       doc,
	URL:       "https://pkg.go.dev/github.com/commslint/commslint/analyzers/retrypermanenterror",
	Requires:  []*analysis.Analyzer{netcall.Analyzer, retry.Analyzer},
	Run:       run,
	FactTypes: []analysis.Fact{(*Outcome)(nil)},
}

func run(pass *analysis.Pass) (any, error) {
	j := newJudge(pass)
	for _, c := range retryreport.Cases(pass) {
		f := j.faultsOf(c)
		if f != (faults{}) {
			report(pass, c, f)
		}
	}
	return nil, nil
}

// faults says what is wrong with the choice of what is repeated.
type faults struct {
	what string // that a repeat cannot cure: "4xx answers", "gRPC errors such as …"
	how  string // why: "the status is not looked at"
	// retryAfter says that the header of a 429 or 503 is overlooked.
	retryAfter bool
	weak       bool // concluded from a function that is called
}

const (
	clientErrors = "answers such as 400 and 404"
	rpcErrors    = "gRPC errors such as INVALID_ARGUMENT and NOT_FOUND"
)

func (j *judge) faultsOf(c *retryreport.Case) faults {
	switch c.Kind {
	case callgraph.LoopLayer, callgraph.RecursionLayer:
	case callgraph.HelperLayer:
		return j.faultsOfHelper(c)
	case callgraph.ClientLayer:
		return faultsTold(c)
	default:
		return faults{}
	}
	var all faults
	for _, call := range c.Calls {
		if call.Net == nil {
			continue
		}
		f := j.faultsOfAttempt(c, call)
		if f.what != "" && all.what == "" {
			all.what, all.how, all.weak = f.what, f.how, f.weak
		}
		all.retryAfter = all.retryAfter || f.retryAfter
	}
	if c.Growth == callgraph.NoWait || c.Growth == callgraph.GrowthUnknown || !c.MayExceed(2) {
		all.retryAfter = false
	}
	return all
}

func (j *judge) faultsOfAttempt(c *retryreport.Case, call *retry.Attempt) faults {
	has := func(m callgraph.ModeSet) bool { return call.Modes == 0 || call.Modes&m != 0 }
	switch {
	case givesResponse(call) && call.Net.Leaf.Protocol == "http":
		f := faults{retryAfter: has(callgraph.Status429|callgraph.Status503) && c.RetryAfter == callgraph.No}
		if has(callgraph.Status4xx) {
			f.what, f.how = clientErrors, "the status does not decide"
		}
		return f
	case call.Net.Leaf.Protocol == "grpc" && call.Net.Model == nil && call.Common().IsInvoke() && !call.Net.Leaf.Stream:
		if has(callgraph.GRPCPermanent) {
			return faults{what: rpcErrors, how: "the code does not decide"}
		}
	case call.Modes == 0 || call.Modes == callgraph.OpaqueError:
		fn := call.Common().StaticCallee()
		if fn != nil && j.outcomeOf(call.CallInstruction).Refusals && !tellsApart(call.CallInstruction) {
			return faults{what: clientErrors, how: fn.Name() + " makes errors of them, and all errors are repeated", weak: true}
		}
	}
	return faults{}
}

// faultsOfHelper looks into a literal that a library repeats whatever its error.
func (j *judge) faultsOfHelper(c *retryreport.Case) faults {
	if c.Modes != 0 || !c.MayExceed(2) {
		return faults{}
	}
	selective := false
	c.Names(func(name string) {
		name = strings.ToLower(name)
		selective = selective || slices.ContainsFunc([]string{"retryif", "retryable", "permanent", "unrecoverable", "abort"},
			func(word string) bool { return strings.Contains(name, word) })
	})
	fn := literal(c.Invokes)
	if selective || fn == nil {
		return faults{}
	}
	if j.outcome(fn).Refusals {
		return faults{what: clientErrors, how: "the function makes errors of them, and all errors are repeated", weak: true}
	}
	return faults{}
}

// literal returns the function that a value is, nil if that is not seen.
func literal(v ssa.Value) *ssa.Function {
	switch v := v.(type) {
	case *ssa.ChangeType:
		return literal(v.X)
	case *ssa.MakeClosure:
		return v.Fn.(*ssa.Function)
	case *ssa.Function:
		return v
	}
	return nil
}

// faultsTold looks at what a client is told to repeat.
func faultsTold(c *retryreport.Case) faults {
	switch {
	case c.Modes&callgraph.Status4xx != 0:
		return faults{what: clientErrors, how: "it is told so", weak: true}
	case c.Modes&callgraph.GRPCPermanent != 0:
		return faults{what: rpcErrors, how: "it is told so", weak: true}
	}
	return faults{}
}

func report(pass *analysis.Pass, c *retryreport.Case, f faults) {
	strength := c.Strength()
	if f.weak || f.what == "" {
		strength = retryreport.Weaker(strength, finding.Likely)
	}
	if c.Connects() || awaits(c.Fn) {
		// Until a peer is ready, its answers are anything.
		strength = finding.Possible
	}
	d := analysis.Diagnostic{Related: c.Again()}
	d.Pos, d.End = c.Range()
	overlooked := "the Retry-After of 429 and 503 is not looked at"
	switch {
	case f.what == "":
		d.Message = c.Subject() + " is repeated after a wait of its own: " + overlooked + ", by which the peer says when to come again"
	case f.retryAfter:
		d.Message = c.Subject() + " is repeated after " + f.what + ", which a repeat cannot cure: " + f.how + "; nor is Retry-After looked at"
	default:
		d.Message = c.Subject() + " is repeated after " + f.what + ", which a repeat cannot cure: " + f.how
	}
	netcall.Report(pass, strength, d)
}

// awaiting are beginnings of words by which functions are called that wait until
// a peer is ready.
var awaiting = []string{"wait", "check", "health", "ready", "probe", "ping", "until", "await"}

func awaits(fn *ssa.Function) bool {
	for ; fn != nil; fn = fn.Parent() {
		name := strings.ToLower(fn.Name())
		if slices.ContainsFunc(awaiting, func(word string) bool { return strings.Contains(name, word) }) {
			return true
		}
	}
	return false
}

// givesResponse reports whether a call returns the answer with its status.
func givesResponse(call ssa.CallInstruction) bool {
	for v := range call.Common().Signature().Results().Variables() {
		if isResponse(v.Type()) {
			return true
		}
	}
	return false
}

func isResponse(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return false
	}
	s, ok := p.Elem().Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range s.Fields() {
		if f.Name() == "StatusCode" {
			b, ok := f.Type().Underlying().(*types.Basic)
			return ok && b.Info()&types.IsInteger != 0
		}
	}
	return false
}
