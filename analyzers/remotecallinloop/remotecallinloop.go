// Package remotecallinloop reports loops that send one request per element.
package remotecallinloop

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/finding"
)

const doc = `report loops that send one request per element

A loop over n elements that asks a database or a service for each of them pays n
round trips where one would do: at 2 ms each, a page of 200 orders waits 0.4 s
for nothing, and the peer serves 200 requests for one. It is quick with the five
rows of a test, and slow with the data of production.

The analyzer reports a call in a loop over a slice, an array or a map that reads or
writes one thing by a key that the loop's element gives: an SQL statement with
the element among its arguments, a Redis, memcached, MongoDB or DynamoDB command
for it, a gRPC method with it in the request, a GET of a URL that ends in it. The
call may lie in functions that the loop calls, in this package or in others.

	for _, item := range order.Items {
		p, err := s.prices.Get(ctx, item.SKU) // reported
		...
	}

Not reported are loops

  - over pages, chunks and batches, of which each is many things already;
  - over peers: addresses, clients, shards, regions, where the element decides
    whom to ask;
  - that fill a pipeline or a batch, or whose call answers from a cache first;
  - that end with the first success, wait between elements, or retry;
  - over no more than a few elements that the code writes out (the flag few);
  - at start-up, in migrations, commands and tests.

Writes, calls within a transaction, and elements that are asked for concurrently
are reported as likely. Writes by HTTP and gRPC, and gRPC methods beside which there
is none for several things (ListProducts beside GetProduct), are context only.`

// Analyzer implements the rule go/remote-call-in-loop.
var Analyzer = &analysis.Analyzer{
	Name:      "remotecallinloop",
	Doc:       doc,
	URL:       "https://pkg.go.dev/github.com/commslint/commslint/analyzers/remotecallinloop",
	Requires:  []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer, retry.Analyzer},
	Run:       run,
	FactTypes: []analysis.Fact{(*Keyed)(nil)},
}

// few is the number of elements that a loop may ask for one by one.
var few int

func init() {
	Analyzer.Flags.IntVar(&few, "few", 5, "most elements that a loop over a written-out list may ask for one by one")
}

// A finder is the working state for one package.
type finder struct {
	pass      *analysis.Pass
	net       *netcall.Result
	consts    *constflow.Tracer
	retries   *retry.Result
	remote    map[ssa.CallInstruction]*netcall.Call
	summaries map[*ssa.Function]*Keyed
	sites     map[*ssa.Function]*site // where literals are made
}

func run(pass *analysis.Pass) (any, error) {
	f := &finder{
		pass:      pass,
		net:       pass.ResultOf[netcall.Analyzer].(*netcall.Result),
		consts:    pass.ResultOf[constflow.Analyzer].(*constflow.Tracer),
		retries:   pass.ResultOf[retry.Analyzer].(*retry.Result),
		remote:    make(map[ssa.CallInstruction]*netcall.Call),
		summaries: make(map[*ssa.Function]*Keyed),
		sites:     make(map[*ssa.Function]*site),
	}
	if f.net.Pkg == nil {
		return nil, nil
	}
	for _, c := range f.net.Calls {
		f.remote[c.CallInstruction] = c
	}
	for _, fn := range f.net.Funcs {
		f.indexLiterals(fn)
	}
	for _, c := range f.net.Calls {
		f.check(c)
	}
	f.export()
	return nil, nil
}

// check reports a remote call if some loop around it makes it once per element.
func (f *finder) check(call *netcall.Call) {
	if _, ok := call.CallInstruction.(*ssa.Defer); ok {
		return
	}
	for _, req := range f.requestsOf(call) {
		if it := f.itemLoop(call.CallInstruction, req); it != nil {
			f.report(call, req, it)
			return
		}
	}
}

func (f *finder) report(call *netcall.Call, req request, it *items) {
	expr, ok := netcall.NodeAt(f.pass, call.Common().Pos()).(*ast.CallExpr)
	if !ok {
		return
	}
	stmt := f.statement(it, expr.Pos())
	strength := f.strengthOf(req, it, stmt)
	name, over := textOf(expr.Fun, "the call"), overText(stmt, it)
	d := analysis.Diagnostic{Pos: expr.Pos(), End: expr.End()}
	d.Message = name + " sends one request for each element of " + over +
		": the loop takes as many round trips as there are elements, where one request for all of them would do"
	if it.concurrent {
		d.Message = name + " sends one request for each element of " + over +
			": the peer gets as many requests at once as there are elements, where one request for all of them would do"
	}
	if stmt != nil {
		head, end := headOf(stmt)
		d.Related = append(d.Related, analysis.RelatedInformation{Pos: head, End: end, Message: "once for each element of " + over})
	}
	for _, step := range call.Leaf.Via {
		if pos := f.net.Pos(step.At); pos.IsValid() && pos != call.Common().Pos() {
			d.Related = append(d.Related, netcall.At(pos, "calls "+step.Func))
		}
	}
	if pos := f.net.Pos(call.Leaf.At); pos.IsValid() && len(call.Leaf.Via) > 0 {
		d.Related = append(d.Related, netcall.At(pos, "sends the request by "+call.Leaf.Callee))
	}
	netcall.Report(f.pass, strength, d)
}

// strengthOf tells how sure it is that the loop should ask once.
func (f *finder) strengthOf(req request, it *items, stmt ast.Stmt) finding.Strength {
	fn := outermost(it.fn)
	switch {
	case f.atStart(fn), it.search, it.waits, req.cached, req.single, isSetting(it.over),
		namesPeer(it, stmt), req.access == remove && req.protocol != "sql", req.access != read && (req.protocol == "http" || req.protocol == "grpc"):
		return finding.Possible
	case req.access != read, it.concurrent, req.protocol == "http", req.transaction, !takesContext(fn):
		return finding.Likely
	}
	return finding.Proven
}

func outermost(fn *ssa.Function) *ssa.Function {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	return fn
}

// takesContext reports whether a function works for a caller that waits: it is
// given a context or an incoming request.
func takesContext(fn *ssa.Function) bool {
	return slices.ContainsFunc(fn.Params, func(p *ssa.Parameter) bool {
		switch typequery.Name(p.Type()) {
		case "context.Context", "net/http.Request", "github.com/gin-gonic/gin.Context",
			"github.com/labstack/echo/v4.Context", "github.com/gofiber/fiber/v2.Ctx":
			return true
		}
		return false
	})
}

// statement returns the loop statement of an item loop around a position.
func (f *finder) statement(it *items, pos token.Pos) ast.Stmt {
	file := netcall.FileAt(f.pass, pos)
	if file == nil {
		return nil
	}
	var found ast.Stmt
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil || pos < n.Pos() || pos >= n.End() {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			if n.Type.Func <= it.fn.Pos() {
				found = nil // the loop lies in it
			}
		case *ast.RangeStmt:
			found = n
		case *ast.ForStmt:
			if it.counted {
				found = n
			}
		}
		return true
	})
	return found
}

func headOf(stmt ast.Stmt) (pos, end token.Pos) {
	switch n := stmt.(type) {
	case *ast.RangeStmt:
		return n.For, n.X.End()
	case *ast.ForStmt:
		return n.For, n.Body.Lbrace
	}
	return stmt.Pos(), stmt.End()
}

func overText(stmt ast.Stmt, it *items) string {
	if r, ok := stmt.(*ast.RangeStmt); ok {
		return textOf(r.X, "the collection")
	}
	if text := retry.TextOf(it.over); text != "a value" {
		return text
	}
	return "the collection"
}

// textOf writes an expression on one line, or says other if that is long.
func textOf(e ast.Expr, other string) string {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		_, lit := n.(*ast.FuncLit)
		_, comp := n.(*ast.CompositeLit)
		found = found || lit || comp
		return !found
	})
	if text := types.ExprString(e); !found && len(text) <= 60 {
		return text
	}
	return other
}
