// Package retrypolicy reads from a program what its libraries are told about
// repeating: how often, with which waits, and after which failures. What the
// libraries make of it is data (rules/clients); this package follows clients,
// options and backoffs to where they are made and set, and works the data out.
//
// What it cannot follow it does not know, which is never the same as a default.
package retrypolicy

import (
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/rules/clients"
)

// Analyzer provides a *Reader for each package. It reports nothing.
var Analyzer = &analysis.Analyzer{
	Name:       "retrypolicy",
	Doc:        "read what libraries are told about repeating\n\nThe retrypolicy analyzer reports nothing; rules about retries require it.",
	URL:        "https://pkg.go.dev/github.com/commslint/commslint/analyzers/retrypolicy",
	Requires:   []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer},
	ResultType: reflect.TypeFor[*Reader](),
	Run: func(pass *analysis.Pass) (any, error) {
		return New(pass, pass.ResultOf[netcall.Analyzer].(*netcall.Result), pass.ResultOf[constflow.Analyzer].(*constflow.Tracer)), nil
	},
}

// A Reader answers questions about the calls of one package. It may be used by
// one goroutine at a time.
type Reader struct {
	pass     *analysis.Pass
	tracer   *constflow.Tracer
	changes  func() *changes
	hidden   func() map[token.Pos]bool // fields that other packages cannot see
	policies map[ssa.Value]policy      // of values, as far as they were asked for
	busy     map[ssa.Value]bool        // being worked out
}

// New returns a Reader of the package that res is about.
func New(pass *analysis.Pass, res *netcall.Result, tracer *constflow.Tracer) *Reader {
	r := &Reader{pass: pass, tracer: tracer, policies: make(map[ssa.Value]policy), busy: make(map[ssa.Value]bool)}
	r.changes = sync.OnceValue(func() *changes { return newChanges(r, res.Funcs) })
	r.hidden = sync.OnceValue(func() map[token.Pos]bool { return hiddenFields(pass) })
	return r
}

// An Application is a retry layer that a call puts around something.
type Application struct {
	// Layer is the layer. Its At is the call for a helper, and the place where
	// the policy was made, if that is known, for a client.
	Layer callgraph.Layer
	// Invokes is the function, or the object of which Method is called, that is
	// repeated; nil if it is the request that the call itself sends.
	Invokes ssa.Value
	// Method is the name of the method of Invokes; empty if that is a function.
	Method string
	// Methods are the HTTP methods that are repeated.
	Methods Methods
	// Poll says that Invokes is called until it says that it is done: an error
	// ends it too, unless the function swallows it.
	Poll bool
	// Marked says that only errors made by a function of which IsRetryable
	// holds are repeated.
	Marked bool
}

// At returns the retry layers that a call adds, outermost first; nil if it adds
// none. A client of which it is known that it repeats nothing adds none; a helper
// adds one even then, since it calls the function it is given.
func (r *Reader) At(call ssa.CallInstruction) []Application {
	model := modelOf(call)
	if model == nil || model.Repeats == nil {
		return nil
	}
	repeat := model.Repeats
	p := r.evalPolicy(site{call: call}, &repeat.Policy)
	if p.name == "" {
		p.name = callName(call)
	}
	if repeat.Invokes == "" {
		return r.clientLayers(call, p)
	}
	invokes := netcall.Operand(call, repeat.Invokes)
	if invokes == nil {
		return nil
	}
	return r.helperLayers(call, repeat, bare(invokes), p)
}

func (r *Reader) helperLayers(call ssa.CallInstruction, repeat *clients.Repeat, invokes ssa.Value, p policy) (apps []Application) {
	layers := p.layers()
	if len(layers) == 0 {
		p.set(clients.Attempts, fact{counts: []count{{n: 1}}})
		layers = []policy{p}
	}
	for _, q := range layers {
		app := Application{
			Layer: r.layer(q, call.Parent()), Methods: q.methods(),
			Invokes: invokes, Method: repeat.Method, Poll: repeat.Poll, Marked: repeat.Marked,
		}
		app.Layer.Kind, app.Layer.Name, app.Layer.At = callgraph.HelperLayer, callName(call), r.posn(call.Pos())
		apps = append(apps, app)
	}
	return apps
}

func (r *Reader) clientLayers(call ssa.CallInstruction, p policy) (apps []Application) {
	for _, app := range r.applications(p, call.Parent()) {
		if app.Layer.At == (callgraph.Posn{}) {
			app.Layer.At = r.posn(call.Pos())
		}
		if app.Layer.Attempts != (callgraph.Amount{N: 1}) {
			apps = append(apps, app)
		}
	}
	return apps
}

func (r *Reader) applications(p policy, in *ssa.Function) (apps []Application) {
	for _, q := range p.layers() {
		app := Application{Layer: r.layer(q, in), Methods: q.methods()}
		app.Layer.Kind, app.Layer.At = callgraph.ClientLayer, r.posn(q.pos)
		apps = append(apps, app)
	}
	return apps
}

// Of returns the layers that a value stands for, outermost first: a client, a
// policy, an interceptor, options. in is the function that v is looked at from.
// Nothing is returned for values that are not known to repeat anything.
func (r *Reader) Of(v ssa.Value, in *ssa.Function) []Application {
	return r.applications(r.policyOf(v), in)
}

// Delay says how the wait v, a duration, grows from one try to the next, and
// whether it has jitter, if a modelled function made it: backoff.NextBackOff().
func (r *Reader) Delay(v ssa.Value) (growth callgraph.Growth, jitter callgraph.Tri, known bool) {
	origins, _ := r.tracer.AllOrigins(v)
	for _, o := range origins {
		call, ok := o.(*ssa.Call)
		if !ok {
			continue
		}
		model := modelOf(call)
		if model == nil || model.Delay == nil {
			continue
		}
		p := r.evalPolicy(site{call: call}, model.Delay)
		return p.growth(), p.tri(clients.Jitter), true
	}
	return callgraph.GrowthUnknown, callgraph.Unknown, false
}

// Wait reports whether a call waits, and for how long: duration is nil if that is
// not an operand. ctx is the context that ends the wait, nil if none does.
func (r *Reader) Wait(call ssa.CallInstruction) (duration, ctx ssa.Value, ok bool) {
	model := modelOf(call)
	if model == nil || model.Wait == nil {
		return nil, nil, false
	}
	if op := model.Wait.Duration; op != "" {
		duration = netcall.Operand(call, op)
	}
	if op := model.Wait.Context; op != "" {
		ctx = netcall.Operand(call, op)
	}
	return duration, ctx, true
}

// IsPermanent reports whether a call makes an error that helpers do not repeat.
func (r *Reader) IsPermanent(call ssa.CallInstruction) bool {
	model := modelOf(call)
	return model != nil && model.Permanent
}

// IsRetryable reports whether a call makes an error that helpers repeat which
// repeat only such errors.
func (r *Reader) IsRetryable(call ssa.CallInstruction) bool {
	model := modelOf(call)
	return model != nil && model.Retryable
}

// Methods says which HTTP methods a layer repeats: "" for all, "idempotent", or
// a list such as "GET HEAD PUT".
type Methods string

// Include reports whether requests of a method, in capitals, are repeated.
func (m Methods) Include(method string) callgraph.Tri {
	list := strings.Fields(string(m))
	switch m {
	case "", "all":
		return callgraph.Yes
	case "unknown":
		return callgraph.Unknown
	case "idempotent":
		list = []string{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"} // RFC 9110, section 9.2.2
	}
	switch {
	case method == "":
		return callgraph.Unknown
	case slices.Contains(list, method):
		return callgraph.Yes
	}
	return callgraph.No
}

// modelOf returns what is known of the function that a call names, or nil. A
// value's own type goes before the one that declares the method.
func modelOf(call ssa.CallInstruction) *clients.RetryFunc {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return nil
	}
	if common := call.Common(); common.IsInvoke() {
		if pkg, name := typequery.Names(common.Value.Type()); pkg != "" {
			if m := clients.LookupRetry(pkg, name, fn.Name()); m != nil {
				return m
			}
		}
	}
	return funcModel(fn)
}

func funcModel(fn *types.Func) *clients.RetryFunc {
	recv := ""
	if r := fn.Signature().Recv(); r != nil {
		_, recv = typequery.Names(r.Type())
	}
	return clients.LookupRetry(fn.Pkg().Path(), recv, fn.Name())
}

// callName writes the function that a call names as source does: "backoff.Retry".
func callName(call ssa.CallInstruction) string {
	fn := netcall.Callee(call)
	recv := fn.Signature().Recv()
	if recv == nil {
		return fn.Pkg().Name() + "." + fn.Name()
	}
	qualified := types.TypeString(recv.Type(), (*types.Package).Name)
	if strings.HasPrefix(qualified, "*") {
		qualified = "(" + qualified + ")"
	}
	return qualified + "." + fn.Name()
}

// bare strips what only gives a function another type.
func bare(v ssa.Value) ssa.Value {
	for {
		switch w := v.(type) {
		case *ssa.ChangeType:
			v = w.X
		case *ssa.MakeInterface:
			v = w.X
		case *ssa.ChangeInterface:
			v = w.X
		default:
			return v
		}
	}
}
