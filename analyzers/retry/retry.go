// Package retry recognises retries in Go code, whatever their shape: loops,
// recursion, a second call after the first failed, functions that repeat what
// they are given. It decides by the flow of control and data: a call is retried
// if its failure leads to the same call again and its success does not.
//
// It reports nothing itself. Rules about retries require [Analyzer].
package retry

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retrypolicy"
	"github.com/commslint/commslint/analyzers/typequery"
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
	Requires:   []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer, retrypolicy.Analyzer},
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

	// Err says why the package could not be analysed: a defect of commslint.
	// The other fields are then empty.
	Err error

	flows  map[*ssa.Function]*Flow
	finder *finder
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
	// Invokes is the function that a library function repeats, nil for other
	// retries. Methods are the HTTP methods that a client library repeats.
	Invokes ssa.Value
	Methods retrypolicy.Methods
	// Waits are the durations waited between attempts, as far as they are seen.
	Waits []ssa.Value

	// Loop is the loop that repeats, nil for other kinds of retries.
	Loop *Loop

	first ssa.CallInstruction // the first attempt, if it is made before the loop
}

// An Attempt is a call that a Retry repeats.
type Attempt struct {
	ssa.CallInstruction
	// Net is the request that it sends, nil if that is not known.
	Net *netcall.Call
	// Modes are the failures after which it is repeated; 0 for all.
	Modes callgraph.ModeSet
}

// A finder is the working state for one package.
type finder struct {
	pass     *analysis.Pass
	net      *netcall.Result
	consts   *constflow.Tracer
	policies *retrypolicy.Reader
	remote   map[ssa.CallInstruction]*netcall.Call
	maybe    map[*ssa.Function]callgraph.Tri
	traits   map[*ssa.Function]*Traits
	memo     map[evaluation][][]aval // see walk
	res      *Result
}

// A Flow is what is known of one function's control flow.
type Flow struct {
	fn *ssa.Function
	// Roots are the outermost loops, Innermost the innermost loop of each block.
	Roots     []*Loop
	Innermost map[*ssa.BasicBlock]*Loop
	// Again holds the calls that are made a second time after they failed, and
	// Repeats the second ones.
	Again   map[ssa.CallInstruction]*Retry
	Repeats map[ssa.CallInstruction]bool
	// Self holds the calls by which the function calls itself after a failure.
	Self map[ssa.CallInstruction]*Retry
}

// Flow returns what is known of the control flow of a function of the package,
// nil for others.
func (res *Result) Flow(fn *ssa.Function) *Flow { return res.flows[fn] }

// Amount works out what number a value of the package is: a constant, a parameter
// of the function or a field below one, or a name for what cannot be known.
func (res *Result) Amount(v ssa.Value) callgraph.Amount {
	if res.finder == nil {
		return callgraph.Amount{}
	}
	return res.finder.amountOf(v)
}

// MayReach reports whether a call is known to reach the network, or may do so
// through a function value or an interface.
func (res *Result) MayReach(call ssa.CallInstruction) bool {
	return res.finder != nil && res.finder.mayReach(call) != callgraph.No
}

func run(pass *analysis.Pass) (result any, err error) {
	// As in netcall: a crash must not take the packages down that import this one.
	defer func() {
		if r := recover(); r != nil {
			result = &Result{Err: fmt.Errorf("internal error in retry: %v", r)}
		}
	}()
	net := pass.ResultOf[netcall.Analyzer].(*netcall.Result)
	if net.Pkg == nil {
		return &Result{}, nil
	}
	a := &finder{
		pass: pass, net: net, consts: pass.ResultOf[constflow.Analyzer].(*constflow.Tracer),
		policies: pass.ResultOf[retrypolicy.Analyzer].(*retrypolicy.Reader),
		remote:   make(map[ssa.CallInstruction]*netcall.Call),
		maybe:    make(map[*ssa.Function]callgraph.Tri),
		traits:   make(map[*ssa.Function]*Traits),
		memo:     make(map[evaluation][][]aval),
		res:      &Result{flows: make(map[*ssa.Function]*Flow)},
	}
	a.res.finder = a
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
	f := &Flow{
		fn:      fn,
		Again:   make(map[ssa.CallInstruction]*Retry),
		Repeats: make(map[ssa.CallInstruction]bool),
		Self:    make(map[ssa.CallInstruction]*Retry),
	}
	f.Roots, f.Innermost = loopsOf(fn)
	a.res.flows[fn] = f
	candidates := a.candidates(fn)
	for _, c := range candidates {
		for l := f.Innermost[c.Block()]; l != nil; l = l.Parent {
			a.tryLoop(f, l, c)
		}
	}
	a.findFirst(f, candidates)
	a.findAgain(f, candidates)
	a.findRecursion(f, candidates)
	a.otherLoops(f, candidates)
	for _, r := range sortedRetries(f) {
		a.describe(f, r)
		a.res.Retries = append(a.res.Retries, r)
	}
	a.libraryRetries(fn)
}

// libraryRetries notes the retries that libraries make for a function: helpers
// that repeat what they are given, and clients that repeat requests.
func (a *finder) libraryRetries(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			for _, app := range a.policies.At(call) {
				if app.Poll || Transparent(app, call) {
					continue
				}
				r := &Retry{Layer: app.Layer, Fn: fn, Pos: call.Pos(), Invokes: app.Invokes, Methods: app.Methods, Remote: callgraph.Yes}
				if app.Invokes != nil {
					r.Remote = a.invokedReach(app.Invokes)
				}
				r.Calls = []*Attempt{{CallInstruction: call, Net: a.remote[call], Modes: app.Layer.Modes}}
				a.res.Retries = append(a.res.Retries, r)
			}
		}
	}
}

// Transparent reports whether a layer is one of net/http of which nothing is
// known: a client with a transport of its own, which is looked at by itself.
func Transparent(app retrypolicy.Application, call ssa.CallInstruction) bool {
	fn := netcall.Callee(call)
	return app.Invokes == nil && fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "net/http" && app.Layer.Attempts == (callgraph.Amount{})
}

// invokedReach is mayReach for a function that is given to a helper.
func (a *finder) invokedReach(v ssa.Value) callgraph.Tri {
	switch v := v.(type) {
	case *ssa.MakeClosure:
		fn := v.Fn.(*ssa.Function)
		if fn.Pkg == a.net.Pkg || fn.Blocks != nil {
			return a.mayReachIn(fn)
		}
	case *ssa.Function:
		if fn := v; fn.Pkg == a.net.Pkg && fn.Blocks != nil {
			return a.mayReachIn(fn)
		}
	case *ssa.ChangeType:
		return a.invokedReach(v.X)
	case *ssa.MakeInterface:
		return a.invokedReach(v.X)
	}
	return callgraph.Unknown
}

func sortedRetries(f *Flow) []*Retry {
	var all []*Retry
	f.eachLoop(func(l *Loop) {
		if l.Retry != nil {
			all = append(all, l.Retry)
		}
	})
	for _, r := range f.Again {
		all = append(all, r)
	}
	for _, r := range f.Self {
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
			if call, ok := instr.(ssa.CallInstruction); ok && a.mayReach(call) != callgraph.No && mayTell(call) {
				found = append(found, call)
			}
		}
	}
	return found
}

// mayTell reports whether a call can tell how it went: by its results, or by what
// a literal or goroutine leaves in the variables and channels that it captures.
func mayTell(call ssa.CallInstruction) bool {
	if _, ok := call.Common().Value.(*ssa.MakeClosure); ok {
		return true
	}
	if _, ok := call.(*ssa.Go); ok {
		return true
	}
	v := call.Value()
	return call.Common().Signature().Results().Len() > 0 && (v == nil || len(*v.Referrers()) > 0)
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
		if tellsOutcome(common.Signature().Results()) && !isQuiet(common.Method, a.pass.Pkg) && a.mayBePeer(common.Method) {
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

// mayBePeer reports whether an interface method could stand for a peer: it takes
// a context or request, as calls of libraries do, or belongs to the module.
func (a *finder) mayBePeer(m *types.Func) bool {
	for p := range m.Signature().Params().Variables() {
		if typequery.IsContext(p.Type()) || isRequest(p.Type()) {
			return true
		}
	}
	for r := range m.Signature().Results().Variables() {
		if isResponse(r.Type()) {
			return true
		}
	}
	return m.Pkg() != nil && (moduleOf(m.Pkg().Path()) == moduleOf(a.pass.Pkg.Path()) || IsStandardPath(m.Pkg().Path()))
}

func isRequest(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && typequery.IsNamed(p.Elem(), "net/http", "Request")
}

// moduleOf returns the part of an import path that packages of one module share,
// as far as a path tells: host, owner and repository.
func moduleOf(path string) string {
	parts := strings.SplitN(path, "/", 4)
	return strings.Join(parts[:min(3, len(parts))], "/")
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
		if typequery.IsError(v.Type()) || isResponse(v.Type()) {
			return true
		}
	}
	return false
}

// isQuiet reports whether an interface method is known not to be a request: those
// of the standard library, except the ones that transport requests.
func isQuiet(m *types.Func, pkg *types.Package) bool {
	if m.Pkg() == nil {
		return true
	}
	switch m.Pkg().Path() {
	case "net/http":
		return m.Name() != "RoundTrip"
	case "net":
		return m.Name() != "Read" && m.Name() != "Write"
	case "github.com/go-kit/log", "github.com/go-kit/kit/log", "go.uber.org/zap", "github.com/rs/zerolog", "github.com/go-logr/logr",
		"github.com/hashicorp/go-hclog", "github.com/sirupsen/logrus":
		return true // loggers, some of which return an error
	}
	return IsStandardPath(m.Pkg().Path()) && m.Pkg() != pkg
}

// eachLoop calls visit for each loop of the function.
func (f *Flow) eachLoop(visit func(*Loop)) {
	work := slices.Clone(f.Roots)
	for len(work) > 0 {
		l := work[0]
		work = append(work[1:], l.Children...)
		visit(l)
	}
}
