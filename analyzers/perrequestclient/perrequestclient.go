// Package perrequestclient reports connection pools that are made for one
// request.
package perrequestclient

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/finding"
)

const doc = `report connection pools made for one request

An http.Transport, a grpc.ClientConn, an sql.DB, a Redis client hold connections
so that requests can share them. Made anew for each request they share nothing:
each request pays for name resolution and for the TCP and TLS handshakes, and
pools that are not closed keep their idle connections until ports or file
descriptors run out.

The analyzer reports a pool that a request handler makes, itself or through the
functions it calls (also in other packages), and one that a library function
makes, uses for its request and drops. Handlers are functions of the shapes of
net/http, gin, echo, fiber and connect, and the methods of gRPC services. A pool
that a request comes to only under a condition, other than a check that ends in
an error, is reported as likely: the handler may make it.

It does not report

  - http.Client literals without a Transport of their own: they share
    http.DefaultTransport;
  - pools that outlive the call: stored in a field, a package variable or a
    map, also lazily;
  - pools that serve to fill a cache or a lazily made value, where a condition
    on that very field or package variable decides whether they are made;
  - constructors, which return what they make;
  - main packages, outside of handlers;
  - transports with DisableKeepAlives, which pool nothing.`

// Analyzer implements the rule go/per-request-client.
var Analyzer = &analysis.Analyzer{
	Name:      "perrequestclient",
	Doc:       doc,
	URL:       "https://pkg.go.dev/github.com/commslint/commslint/analyzers/perrequestclient",
	Requires:  []*analysis.Analyzer{netcall.Analyzer},
	Run:       run,
	FactTypes: []analysis.Fact{(*Makes)(nil)},
}

// Makes is the fact about a function that returns a pool which it makes, alone
// or inside another value.
type Makes struct{ What string } // "http.Transport", "grpc.NewClient"

// AFact marks Makes as an analysis fact.
func (*Makes) AFact() {}

func (m *Makes) String() string { return "makes " + m.What }

func run(pass *analysis.Pass) (any, error) {
	res := pass.ResultOf[netcall.Analyzer].(*netcall.Result)
	if res.Pkg == nil {
		return nil, nil
	}
	pk := newPkg(pass, res)
	for _, fn := range res.Funcs {
		pk.export(fn)
		for _, p := range pk.pools(fn) {
			pk.check(p)
		}
	}
	return nil, nil
}

func (pk *pkg) export(fn *ssa.Function) {
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return
	}
	if m := pk.makes(fn); m != nil {
		pk.pass.ExportObjectFact(obj, m)
	}
}

// check reports a pool if nothing keeps it beyond one request or call.
func (pk *pkg) check(p pool) {
	f := pk.trace(p.fn, p.value)
	if f.kept || f.returned {
		return
	}
	via, served := pk.served()[p.fn]
	if !served && (!f.used || f.spawned || !pk.isPerCall(p.fn)) {
		return
	}
	again, only := pk.condition(p.value.(ssa.Instruction))
	if !again {
		return
	}
	if !served {
		pk.report(p, f, made{finding.Likely, "each call of " + outermost(p.fn).Name(), only, nil})
		return
	}
	m := made{finding.Proven, "each request that " + via.root().Name() + " serves", only, pk.path(via)}
	if m.only == nil {
		m.only = via.choice()
	}
	if m.only != nil {
		m.strength = finding.Likely
	}
	pk.report(p, f, m)
}

// made says how often a pool is made.
type made struct {
	strength finding.Strength
	each     string
	only     *ssa.If // decides whether it is, nil if it is each time
	path     []analysis.RelatedInformation
}

func (pk *pkg) report(p pool, f flow, m made) {
	node := netcall.NodeAt(pk.pass, p.pos)
	if node == nil {
		return
	}
	name := p.what
	if call, ok := node.(*ast.CallExpr); ok {
		name = types.ExprString(call.Fun)
		if p.made != "" {
			name += " (" + p.made + ")"
		}
	}
	makes := " makes "
	if m.only != nil {
		makes = " may make "
		if pos := m.only.Cond.Pos(); pos.IsValid() {
			m.path = append(m.path, netcall.At(pos, "this condition decides whether it does"))
		}
	}
	costs := "no connection is used twice, and each costs a handshake"
	if !f.closed {
		costs += "; nothing closes it either"
	}
	netcall.Report(pk.pass, m.strength, analysis.Diagnostic{
		Pos: node.Pos(), End: node.End(),
		Message: name + makes + "a connection pool for " + m.each + ": " + costs,
		Related: m.path,
	})
}

// path tells how a request comes to a function.
func (pk *pkg) path(via *visit) []analysis.RelatedInformation {
	var steps []analysis.RelatedInformation
	for ; via.from != nil; via = via.from {
		if via.at.IsValid() {
			steps = append(steps, netcall.At(via.at, via.from.fn.Name()+" calls "+via.fn.Name()+" here"))
		}
	}
	steps = append(steps, netcall.At(via.fn.Pos(), via.fn.Name()+" handles requests"))
	for i, j := 0, len(steps)-1; i < j; i, j = i+1, j-1 {
		steps[i], steps[j] = steps[j], steps[i]
	}
	return steps
}

func outermost(fn *ssa.Function) *ssa.Function {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	return fn
}

// pkg is the analysis of one package.
type pkg struct {
	pass     *analysis.Pass
	res      *netcall.Result
	remote   map[ssa.CallInstruction]bool
	made     map[*ssa.Function]*Makes // nil for functions that make none
	params   map[param]flow
	visits   map[*ssa.Function]*visit // see served
	services []*types.Interface       // see isService
}

type param struct {
	fn    *ssa.Function
	index int
}

func newPkg(pass *analysis.Pass, res *netcall.Result) *pkg {
	pk := &pkg{
		pass: pass, res: res,
		remote: make(map[ssa.CallInstruction]bool),
		made:   make(map[*ssa.Function]*Makes),
		params: make(map[param]flow),
	}
	for _, call := range res.Calls {
		pk.remote[call.CallInstruction] = true
	}
	return pk
}

// A pool is a place where a connection pool is made.
type pool struct {
	fn    *ssa.Function
	value ssa.Value
	pos   token.Pos
	what  string
	made  string // what the function called makes, if it is not itself a library's
}
