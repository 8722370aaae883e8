// Package retry recognises retries in Go code, whatever their shape: loops,
// recursion, a second call after the first failed, functions that repeat what
// they are given. It decides by the flow of control and data: a call is retried
// if its failure leads to the same call again and its success does not.
//
// It reports nothing itself. Rules about retries require [Analyzer].
package retry

import (
	"go/token"
	"go/types"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
)

const doc = `find retries and what they repeat

The retry analyzer reports nothing. It finds the places that may send the same
request again, how often, after which failures and after what wait, for the
rules that require it.`

// Analyzer computes a *Result for each package.
var Analyzer = &analysis.Analyzer{
	Name:       "retry",
	Doc:        doc,
	URL:        "https://pkg.go.dev/github.com/commslint/commslint/analyzers/retry",
	Requires:   []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer},
	Run:        run,
	ResultType: reflect.TypeFor[*Result](),
	FactTypes:  []analysis.Fact{(*Traits)(nil)},
}

// A Result is what is known of the retries of one package. It is empty but
// never nil for a package that cannot reach the network.
type Result struct {
	// Retries lists the retries in source order.
	Retries []*Retry
	// Loops lists the other loops that contain remote calls, in source order.
	Loops []*Loop
}

// A Retry is a retry layer in the source of the package.
type Retry struct {
	callgraph.Layer
	Fn *ssa.Function // that repeats
	// Calls are the calls that are repeated, in source order.
	Calls []*Attempt
	// Pos is the position of the loop, or of the call that repeats.
	Pos token.Pos
	// Remote says whether what is repeated is known to reach the network. It is
	// Unknown where that depends on a function value or an interface.
	Remote callgraph.Tri
	// Waits are the durations waited between attempts, as far as they are seen.
	Waits []ssa.Value

	loop *loop
}

// An Attempt is a call that a Retry repeats.
type Attempt struct {
	ssa.CallInstruction
	// Net is the request that it sends, nil if that is not known.
	Net *netcall.Call
	// Modes are the failures after which it is repeated; 0 for all.
	Modes callgraph.ModeSet
}

// A Loop is a loop with a remote call that is not a retry of it.
type Loop struct {
	Fn    *ssa.Function
	Pos   token.Pos
	Calls []*netcall.Call
	// Items says that the loop does something for each element of Over.
	Items bool
	Over  ssa.Value // the slice, map or number that it ranges over; nil if unknown

	loop *loop
}

// A finder is the working state for one package.
type finder struct {
	pass   *analysis.Pass
	net    *netcall.Result
	consts *constflow.Tracer
	remote map[ssa.CallInstruction]*netcall.Call
	funcs  map[*ssa.Function]*function
	maybe  map[*ssa.Function]callgraph.Tri
	traits map[*ssa.Function]*Traits
	res    *Result
}

// A function is what is known of one function's control flow.
type function struct {
	fn        *ssa.Function
	roots     []*loop
	innermost map[*ssa.BasicBlock]*loop
	retries   map[*loop]*Retry
	// repeated are the calls that are made again after a failure elsewhere in
	// the function, and the calls that do so.
	repeated map[ssa.CallInstruction]*Retry
	repeats  map[ssa.CallInstruction]bool
	self     map[ssa.CallInstruction]*Retry // calls of itself after a failure
}

func run(pass *analysis.Pass) (any, error) {
	net := pass.ResultOf[netcall.Analyzer].(*netcall.Result)
	if net.Pkg == nil {
		return &Result{}, nil
	}
	a := &finder{
		pass: pass, net: net, consts: pass.ResultOf[constflow.Analyzer].(*constflow.Tracer),
		remote: make(map[ssa.CallInstruction]*netcall.Call),
		funcs:  make(map[*ssa.Function]*function),
		maybe:  make(map[*ssa.Function]callgraph.Tri),
		traits: make(map[*ssa.Function]*Traits),
		res:    &Result{},
	}
	for _, c := range net.Calls {
		a.remote[c.CallInstruction] = c
	}
	for _, fn := range net.Funcs {
		a.analyze(fn)
	}
	slices.SortStableFunc(a.res.Retries, func(x, y *Retry) int { return int(x.Pos - y.Pos) })
	slices.SortStableFunc(a.res.Loops, func(x, y *Loop) int { return int(x.Pos - y.Pos) })
	a.exportTraits()
	return a.res, nil
}

// analyze finds the retries of one function.
func (a *finder) analyze(fn *ssa.Function) {
	f := &function{
		fn:       fn,
		retries:  make(map[*loop]*Retry),
		repeated: make(map[ssa.CallInstruction]*Retry),
		repeats:  make(map[ssa.CallInstruction]bool),
		self:     make(map[ssa.CallInstruction]*Retry),
	}
	f.roots, f.innermost = loopsOf(fn)
	a.funcs[fn] = f
	candidates := a.candidates(fn)
	for _, c := range candidates {
		for l := f.innermost[c.Block()]; l != nil; l = l.parent {
			a.tryLoop(f, l, c)
		}
	}
	a.findAgain(f, candidates)
	a.findRecursion(f, candidates)
	a.otherLoops(f, candidates)
	for _, r := range sortedRetries(f) {
		a.describe(f, r)
		a.res.Retries = append(a.res.Retries, r)
	}
}

func sortedRetries(f *function) []*Retry {
	var all []*Retry
	for _, r := range f.retries {
		all = append(all, r)
	}
	for _, r := range f.repeated {
		all = append(all, r)
	}
	for _, r := range f.self {
		if !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(x, y *Retry) int { return int(x.Pos - y.Pos) })
	return all
}

// candidates returns the calls of a function that may be attempts: those that
// may reach the network and tell how they went.
func (a *finder) candidates(fn *ssa.Function) []ssa.CallInstruction {
	var found []ssa.CallInstruction
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			if call, ok := instr.(ssa.CallInstruction); ok && a.mayReach(call) != callgraph.No {
				found = append(found, call)
			}
		}
	}
	return found
}

// mayReach reports whether a call reaches the network: Unknown if that depends
// on what a function value or interface holds.
func (a *finder) mayReach(call ssa.CallInstruction) callgraph.Tri {
	if a.remote[call] != nil {
		return callgraph.Yes
	}
	common := call.Common()
	if _, builtin := common.Value.(*ssa.Builtin); builtin {
		return callgraph.No
	}
	if common.IsInvoke() {
		if tellsOutcome(common.Signature().Results()) && !isQuiet(common.Method) {
			return callgraph.Unknown
		}
		return callgraph.No
	}
	if fn := common.StaticCallee(); fn != nil {
		if origin := fn.Origin(); origin != nil {
			fn = origin
		}
		if fn.Blocks == nil || fn.Pkg != a.net.Pkg {
			return a.importedReach(call)
		}
		return a.mayReachIn(fn)
	}
	return callgraph.Unknown
}

// mayReachIn is mayReach for all calls of a function.
func (a *finder) mayReachIn(fn *ssa.Function) callgraph.Tri {
	if known, ok := a.maybe[fn]; ok {
		return known
	}
	a.maybe[fn] = callgraph.No // in a cycle the others decide
	out := callgraph.No
	for _, f := range append([]*ssa.Function{fn}, fn.AnonFuncs...) {
		for _, b := range f.Blocks {
			for _, instr := range b.Instrs {
				if call, ok := instr.(ssa.CallInstruction); ok {
					out = stronger(out, a.mayReach(call))
				}
			}
		}
	}
	a.maybe[fn] = out
	return out
}

func stronger(x, y callgraph.Tri) callgraph.Tri {
	switch {
	case x == callgraph.Yes || y == callgraph.Yes:
		return callgraph.Yes
	case x == callgraph.Unknown || y == callgraph.Unknown:
		return callgraph.Unknown
	}
	return callgraph.No
}

func tellsOutcome(results *types.Tuple) bool {
	for v := range results.Variables() {
		if isError(v.Type()) || isResponse(v.Type()) {
			return true
		}
	}
	return false
}

// isQuiet reports whether an interface method is known not to be a request: those
// of the standard library, except the ones that transport requests.
func isQuiet(m *types.Func) bool {
	if m.Pkg() == nil {
		return true
	}
	switch m.Pkg().Path() {
	case "net/http":
		return m.Name() != "RoundTrip"
	}
	return isStandardPath(m.Pkg().Path())
}
