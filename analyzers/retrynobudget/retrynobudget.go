// Package retrynobudget reports retries of incoming requests' work that nothing
// holds back while most requests fail.
package retrynobudget

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/analyzers/retryreport"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
)

const doc = `report retries on a request path with neither a budget nor a circuit breaker

A limit of three attempts per request triples the load of a peer that is down,
for as long as it is down. A budget limits retries to a share of the requests, so
that a failure that hits all of them adds a few percent and not a multiple.

The analyzer reports a retry of more than two attempts to which a handler of
incoming requests leads, an HTTP handler or a method of a gRPC service of the same
package, and that has neither a budget, as some libraries do, nor a circuit
breaker or rate limiter around its attempts. A retry in another function that
takes a context is a possible finding: what calls it may be a request.

Not reported are a single second attempt, and retries in main and initialisers.`

// Analyzer implements the rule go/retry-no-budget.
var Analyzer = &analysis.Analyzer{
	Name:     "retrynobudget",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/retrynobudget",
	Requires: []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer, retry.Analyzer},
	Run:      run,
}

// attempts is how many may be made before the rule applies.
var attempts int

func init() {
	Analyzer.Flags.IntVar(&attempts, "attempts", 2, "attempts up to which a retry needs no budget")
}

func run(pass *analysis.Pass) (any, error) {
	for _, c := range retryreport.Cases(pass) {
		if c.Kind == callgraph.ClientLayer || c.Kind == callgraph.ConfigLayer || c.Kind == callgraph.AgainLayer {
			continue // what is told to a client is not on a path; one more attempt doubles at most
		}
		if c.Budget == callgraph.Yes || c.Throttled == callgraph.Yes || !c.MayExceed(attempts) || c.AtStart() || c.Connects() || !servesCaller(c.Fn) || isHeldBack(c) {
			continue
		}
		report(pass, c)
	}
	return nil, nil
}

func report(pass *analysis.Pass, c *retryreport.Case) {
	d := analysis.Diagnostic{Related: c.Again()}
	d.Pos, d.End = c.Range()
	d.Message = "the retry of " + c.Subject() + " has neither a budget nor a circuit breaker: while the peer is down, every request is multiplied"
	strength := retryreport.Weaker(c.Strength(), finding.Likely)
	if !servesRequest(pass.ResultOf[constflow.Analyzer].(*constflow.Tracer), c.Fn, make(map[*ssa.Function]bool)) {
		strength = finding.Possible // whoever calls it may be a request or not
	}
	netcall.Report(pass, strength, d)
}

// servesCaller reports whether a function works for somebody: it, or the one that
// it is a literal of, takes a context or an incoming request.
func servesCaller(fn *ssa.Function) bool {
	for ; fn != nil; fn = fn.Parent() {
		for _, p := range fn.Params {
			switch t := p.Type().String(); t {
			case "context.Context", "*net/http.Request":
				return true
			}
		}
	}
	return false
}

// servesRequest reports whether a handler of incoming requests leads to a function
// without leaving the package.
func servesRequest(calls *constflow.Tracer, fn *ssa.Function, seen map[*ssa.Function]bool) bool {
	for fn.Parent() != nil && !netcall.IsHandler(fn) {
		fn = fn.Parent()
	}
	if netcall.IsHandler(fn) {
		return true
	}
	if seen[fn] {
		return false
	}
	seen[fn] = true
	callers, _ := calls.Callers(fn)
	return slices.ContainsFunc(callers, func(call ssa.CallInstruction) bool {
		_, concurrent := call.(*ssa.Go)
		return !concurrent && servesRequest(calls, call.Parent(), seen)
	})
}

// breakers are the import paths of libraries that hold requests back.
var breakers = []string{
	"github.com/sony/gobreaker", "github.com/afex/hystrix-go", "github.com/failsafe-go/failsafe-go", "github.com/cep21/circuit",
	"github.com/rubyist/circuitbreaker", "github.com/mercari/go-circuitbreaker", "github.com/eapache/go-resiliency/breaker",
	"github.com/slok/goresilience", "golang.org/x/time/rate", "go.uber.org/ratelimit", "github.com/juju/ratelimit", "github.com/streadway/handy/breaker",
}

// holding are parts of names by which programs call their own.
var holding = []string{"breaker", "budget", "throttl", "ratelimit", "rate_limit", "limiter", "tokenbucket", "quota", "hystrix"}

// isHeldBack reports whether something holds the attempts back: within the
// function, or in one of the package that it repeats.
func isHeldBack(c *retryreport.Case) bool {
	seen := make(map[*ssa.Function]bool)
	fn := c.Fn
	for ; fn != nil; fn = fn.Parent() {
		if holdsBack(fn, 0, seen) {
			return true
		}
	}
	return false
}

// maxDepth limits how far down the attempts are looked for a breaker.
const maxDepth = 4

func holdsBack(fn *ssa.Function, depth int, seen map[*ssa.Function]bool) bool {
	if seen[fn] || depth > maxDepth {
		return false
	}
	seen[fn] = true
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			if isBreaker(call) {
				return true
			}
			if callee := call.Common().StaticCallee(); callee != nil && holdsBack(callee, depth+1, seen) {
				return true
			}
		}
	}
	return slices.ContainsFunc(fn.AnonFuncs, func(lit *ssa.Function) bool { return holdsBack(lit, depth, seen) })
}

func isBreaker(call ssa.CallInstruction) bool {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	path := fn.Pkg().Path()
	if slices.ContainsFunc(breakers, func(b string) bool { return path == b || strings.HasPrefix(path, b+"/") }) {
		return true
	}
	name := strings.ToLower(fn.Name())
	if recv := fn.Signature().Recv(); recv != nil {
		name += " " + strings.ToLower(types.TypeString(recv.Type(), func(*types.Package) string { return "" }))
	}
	return slices.ContainsFunc(holding, func(h string) bool { return strings.Contains(name, h) })
}
