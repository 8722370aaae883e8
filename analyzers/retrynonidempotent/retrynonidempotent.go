// Package retrynonidempotent reports requests that are repeated though the
// server may do their work twice.
package retrynonidempotent

import (
	"go/token"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/effects"
	"github.com/commslint/commslint/analyzers/grpcpolicy"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/callgraph"
)

const doc = `report requests sent again though the server may do their work twice

When the answer to a request does not come, nobody knows whether the server did
what it was asked. Sending a POST or PATCH again may charge a card twice or
create the same order twice.

The analyzer reports a retry of HTTP requests whose method is POST or PATCH after
a failure in which the server may have done the work: a connection that broke, a
timeout, a status such as 500, 502 or 504. That holds for loops, helpers and
client libraries, and for retries in a function whose caller chooses the method.
It also reports gRPC service configs that repeat calls after DEADLINE_EXCEEDED,
INTERNAL or UNKNOWN.

Not reported are requests with an idempotency key that is the same for all
attempts (a header such as Idempotency-Key, set to a value from outside the
retry; a key made inside is reported: it is no key), the other methods, which
may be repeated by their definition, retries after refused connections or after
statuses by which the server says that it did nothing (408, 425, 429, 503 and the
other 4xx), and second tries after renewing credentials.`

// Analyzer implements the rule go/retry-nonidempotent.
var Analyzer = &analysis.Analyzer{
	Name:     "retrynonidempotent",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/retrynonidempotent",
	Requires: []*analysis.Analyzer{sends},
	Run: func(pass *analysis.Pass) (any, error) {
		if c := pass.ResultOf[sends].(*checker); c.net.Pkg != nil {
			c.pass = pass
			c.checkConnections()
			c.flush()
		}
		return nil, nil
	},
}

// sends works out what functions send, and what of it is repeated.
var sends = &analysis.Analyzer{
	Name: "sends",
	Doc:  "find the requests that must not be sent twice\n\nThe sends analyzer reports nothing; the rule about them requires it.",
	URL:  "https://pkg.go.dev/github.com/commslint/commslint/analyzers/retrynonidempotent",
	Requires: []*analysis.Analyzer{
		netcall.Analyzer, constflow.Analyzer, grpcpolicy.Analyzer, retry.Analyzer, effects.Analyzer,
	},
	Run:        run,
	ResultType: reflect.TypeFor[*checker](),
	FactTypes:  []analysis.Fact{(*Sends)(nil)},
}

// keyHeaders are the headers that hold a key, separated by commas.
var keyHeaders = "Idempotency-Key,X-Idempotency-Key"

func init() {
	Analyzer.Flags.StringVar(&keyHeaders, "key-headers", keyHeaders,
		"headers, separated by commas, by which the server knows a request that it has served before")
}

// A checker is the working state for one package.
type checker struct {
	pass   *analysis.Pass
	net    *netcall.Result
	consts *constflow.Tracer
	conns  *grpcpolicy.Result

	layers     map[ssa.CallInstruction][]*layer
	helpers    map[ssa.CallInstruction]ssa.Value // what a helper repeats
	operations map[netcall.Posn]string           // of requests, by their place
	functions  map[string]*ssa.Function          // of the package, by id
	methods    map[string][]string               // ids behind interface methods
	facts      map[string]*Sends                 // of functions elsewhere

	requests map[*ssa.Function][]Request
	results  map[*ssa.Function]parts
	keys     map[*ssa.Function]parts
	ingests  *bool // whether the package sends telemetry; nil until asked
	findings map[token.Pos]*verdict
	places   []token.Pos
}

// A layer is a retry around a call.
type layer struct {
	*retry.Retry
	modes callgraph.ModeSet // after which the call is repeated
	loop  *retry.Loop       // nil if it is no loop
}

func run(pass *analysis.Pass) (any, error) {
	net := pass.ResultOf[netcall.Analyzer].(*netcall.Result)
	if net.Pkg == nil {
		return &checker{net: net}, nil
	}
	c := &checker{
		pass: pass, net: net,
		consts:     pass.ResultOf[constflow.Analyzer].(*constflow.Tracer),
		conns:      pass.ResultOf[grpcpolicy.Analyzer].(*grpcpolicy.Result),
		layers:     make(map[ssa.CallInstruction][]*layer),
		helpers:    make(map[ssa.CallInstruction]ssa.Value),
		operations: make(map[netcall.Posn]string),
		functions:  make(map[string]*ssa.Function),
		methods:    make(map[string][]string),
		facts:      make(map[string]*Sends),
		requests:   make(map[*ssa.Function][]Request),
		results:    make(map[*ssa.Function]parts),
		keys:       make(map[*ssa.Function]parts),
		findings:   make(map[token.Pos]*verdict),
	}
	c.readRetries(pass.ResultOf[retry.Analyzer].(*retry.Result))
	c.readEffects(pass.ResultOf[effects.Analyzer].(*effects.Result))
	for _, f := range pass.AllObjectFacts() {
		if fn, ok := f.Object.(*types.Func); ok {
			c.facts[fn.FullName()] = f.Fact.(*Sends)
		}
	}
	for _, fn := range net.Funcs {
		c.requestsOf(fn)
	}
	c.export()
	return c, nil
}

func (c *checker) readRetries(res *retry.Result) {
	for _, r := range res.Retries {
		for _, a := range r.Calls {
			c.layers[a.CallInstruction] = append(c.layers[a.CallInstruction], &layer{r, a.Modes, r.Loop})
			if r.Invokes != nil {
				c.helpers[a.CallInstruction] = r.Invokes
			}
		}
	}
}

func (c *checker) readEffects(sent *effects.Result) {
	for _, fn := range c.net.Funcs {
		c.functions[sent.ID(fn)] = fn
	}
	for i := range sent.Package.Functions {
		for _, n := range sent.Package.Functions[i].Body.Nodes {
			if n.Kind == callgraph.Send && n.Request.Protocol == "http" {
				c.operations[netcall.Posn{File: n.At.File, Line: n.At.Line, Col: n.At.Col}] = n.Request.Operation
			}
		}
	}
	for _, conv := range sent.Package.Conversions {
		for method, id := range conv.Methods {
			name := "(" + conv.Iface + ")." + method
			c.methods[name] = append(c.methods[name], id)
		}
	}
}

// imported returns what is known of a function of another package, or nil.
func (c *checker) imported(fn *types.Func) *Sends {
	if fn = fn.Origin(); fn.Pkg() == nil || fn.Pkg() == c.pass.Pkg {
		return nil
	}
	return c.facts[fn.FullName()]
}

func (c *checker) export() {
	for _, fn := range c.net.Funcs {
		obj, ok := fn.Object().(*types.Func)
		if !ok {
			continue
		}
		fact := &Sends{}
		for _, r := range c.requestsOf(fn) {
			r.mints = nil
			fact.Requests = append(fact.Requests, r)
		}
		if made := c.result(fn); made.Parts != (Parts{}) {
			fact.Built = &made.Parts
		}
		if len(fact.Requests) > 0 || fact.Built != nil {
			c.pass.ExportObjectFact(obj, fact)
		}
	}
}
