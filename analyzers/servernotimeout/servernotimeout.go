// Package servernotimeout defines the rule go/server-no-timeout.
package servernotimeout

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/finding"
)

const doc = `report servers that wait for their clients without limit

An http.Server that is started without ReadHeaderTimeout or ReadTimeout lets a
client that sends its headers slowly hold a connection and a goroutine for ever;
http.ListenAndServe and http.Serve give no way to set either. The servers that
gin and echo make have no limits either. The finding stands
at the literal of the server, where the field is missing.

	http.ListenAndServe(":8080", mux) // want: a http.Server with ReadHeaderTimeout

Not reported: a server whose fields are set anywhere in the package before or
after it is made, one that is handed to code out of sight which may set them, and
one that comes from elsewhere. A server on a loopback address is reported as
likely. A gRPC server without keepalive enforcement is reported as possible.

The suggested ReadHeaderTimeout of 5 s is the read timeout that Cloudflare's
guide "So you want to expose Go on the Internet" recommends.`

// Analyzer implements go/server-no-timeout.
var Analyzer = &analysis.Analyzer{
	Name:     "servernotimeout",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/servernotimeout",
	Requires: []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer},
	Run:      run,
}

type checker struct {
	pass   *analysis.Pass
	tracer *constflow.Tracer
	funcs  []*ssa.Function
	seen   []constflow.Object // reported or found to be bounded
}

func run(pass *analysis.Pass) (any, error) {
	c := &checker{
		pass:   pass,
		tracer: pass.ResultOf[constflow.Analyzer].(*constflow.Tracer),
		funcs:  pass.ResultOf[netcall.Analyzer].(*netcall.Result).Funcs,
	}
	for _, fn := range c.funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				c.instruction(instr)
			}
		}
	}
	return nil, nil
}

func (c *checker) instruction(instr ssa.Instruction) {
	switch instr := instr.(type) {
	case ssa.CallInstruction:
		c.call(instr)
	case *ssa.MakeClosure:
		// A method value: group.Go(server.ListenAndServe).
		fn := instr.Fn.(*ssa.Function)
		if method, ok := fn.Object().(*types.Func); ok && fn.Synthetic != "" && starts[method.FullName()] {
			c.start(instr.Bindings[0], instr.Pos())
		}
	}
}

// unbounded are the functions that start a server of their own without limits.
var unbounded = []string{
	"net/http.ListenAndServe", "net/http.ListenAndServeTLS", "net/http.Serve", "net/http.ServeTLS",
	// gin calls the functions of net/http (gin@v1.10.1 gin.go:519).
	"(*github.com/gin-gonic/gin.Engine).Run", "(*github.com/gin-gonic/gin.Engine).RunTLS",
	"(*github.com/gin-gonic/gin.Engine).RunListener",
}

var starts = map[string]bool{
	"(*net/http.Server).ListenAndServe":    true,
	"(*net/http.Server).ListenAndServeTLS": true,
	"(*net/http.Server).Serve":             true,
	"(*net/http.Server).ServeTLS":          true,
}

func (c *checker) call(call ssa.CallInstruction) {
	fn := netcall.Callee(call)
	if fn == nil {
		return
	}
	switch name := fn.FullName(); {
	case slices.Contains(unbounded, name):
		c.function(call, fn, finding.Proven, "use an http.Server with ReadHeaderTimeout")
	case echoServers[name] != "":
		c.echo(call, fn, echoServers[name])
	case starts[name]:
		c.start(call.Common().Args[0], call.Pos())
	case name == "google.golang.org/grpc.NewServer":
		c.grpc(call)
	}
}

// function reports a function that starts a server without limits, with the
// given strength at most, and what to do instead.
func (c *checker) function(call ssa.CallInstruction, fn *types.Func, strength finding.Strength, instead string) {
	expr := constflow.CallSyntax(c.pass, call)
	if expr == nil {
		return
	}
	for _, arg := range call.Common().Args {
		if isString(arg.Type()) || variadicStrings(arg.Type()) {
			if c.strength(c.addresses(arg)) == finding.Likely {
				strength = finding.Likely
			}
			break
		}
	}
	netcall.Report(c.pass, strength, analysis.Diagnostic{
		Pos: expr.Pos(), End: expr.End(),
		Message: fmt.Sprintf("%s starts a server without any timeout: clients that send their headers slowly hold connections for ever; %s",
			netcall.FuncText(fn), instead),
	})
}

// addresses returns the values of an address, or those of a variadic one.
func (c *checker) addresses(arg ssa.Value) (set constflow.Set) {
	if isString(arg.Type()) {
		return c.tracer.Values(arg)
	}
	elems, _ := c.tracer.Elements(arg)
	for _, e := range elems {
		set = append(set, c.tracer.Values(e)...)
	}
	return set
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.String
}

func variadicStrings(t types.Type) bool {
	s, ok := t.Underlying().(*types.Slice)
	return ok && isString(s.Elem())
}

// strength lowers what is found about servers that only this machine reaches.
func (c *checker) strength(addr constflow.Set) finding.Strength {
	if addr.Always(func(v constant.Value) bool {
		return v.Kind() == constant.String && constflow.IsLoopback(constant.StringVal(v))
	}) {
		return finding.Likely
	}
	return finding.Proven
}

// start checks every server that may be the one that is started at pos.
func (c *checker) start(server ssa.Value, pos token.Pos) {
	objs, complete := c.tracer.Objects(server)
	for _, obj := range objs {
		if slices.Contains(c.seen, obj) || c.mayBeBounded(obj) {
			continue
		}
		c.seen = append(c.seen, obj)
		strength := c.strength(c.tracer.ObjectField(obj, "Addr"))
		if !complete {
			strength = finding.Likely
		}
		c.report(obj, strength, pos)
	}
}

// mayBeBounded reports whether the package, or code that it hands the server
// to, may set a limit on reading.
func (c *checker) mayBeBounded(obj constflow.Object) bool {
	for _, name := range []string{"ReadHeaderTimeout", "ReadTimeout"} {
		uses, overwritten := c.tracer.FieldUses(obj, name)
		if overwritten {
			return true
		}
		for _, use := range uses {
			if use.Store == nil || !c.tracer.Values(use.Store.Val).Always(notPositive) {
				return true
			}
		}
	}
	return c.tracer.PassedOut(obj, harmless) != nil
}

func notPositive(v constant.Value) bool { return constant.Sign(v) <= 0 }

// harmless reports whether a call that gets a server leaves its limits alone.
func harmless(call ssa.CallInstruction) bool {
	fn := netcall.Callee(call)
	if fn == nil {
		return false
	}
	if fn.Pkg() != nil && fn.Pkg().Path() == "net/http" {
		return true
	}
	// http2.ConfigureServer copies limits from the server, not to it
	// (golang.org/x/net@v0.61.0 http2/server.go:243).
	return fn.FullName() == "golang.org/x/net/http2.ConfigureServer"
}

func (c *checker) report(obj constflow.Object, strength finding.Strength, start token.Pos) {
	lit := c.literal(obj)
	d := analysis.Diagnostic{
		Message: "this HTTP server has neither ReadHeaderTimeout nor ReadTimeout: clients that send their headers slowly hold connections for ever",
		Related: []analysis.RelatedInformation{netcall.At(start, "the server is started here")},
	}
	switch {
	case lit != nil:
		d.Pos, d.End = lit.Pos(), lit.End()
		d.SuggestedFixes = c.fix(lit)
	case obj.Root != nil && obj.Root.Pos().IsValid():
		d.Pos = obj.Root.Pos()
		if id := constflow.Syntax(c.pass, d.Pos, func(*ast.Ident) bool { return true }); id != nil {
			d.End = id.End()
		}
	default:
		d.Pos = start
	}
	netcall.Report(c.pass, strength, d)
}

// literal returns the composite literal that an object begins as, or nil.
func (c *checker) literal(obj constflow.Object) *ast.CompositeLit {
	if obj.Root == nil {
		return c.fieldLiteral(obj.Field)
	}
	pos := obj.Root.Pos()
	if lit := constflow.Syntax(c.pass, pos, func(n *ast.CompositeLit) bool { return n.Lbrace == pos }); lit != nil {
		return lit
	}
	// A variable: SSA form builds the literal in place.
	if n := constflow.Syntax(c.pass, pos, func(*ast.AssignStmt) bool { return true }); n != nil {
		for i, lhs := range n.Lhs {
			if lhs.Pos() == pos && i < len(n.Rhs) {
				return c.asServer(n.Rhs[i])
			}
		}
	}
	if n := constflow.Syntax(c.pass, pos, func(*ast.ValueSpec) bool { return true }); n != nil {
		for i, name := range n.Names {
			if name.Pos() == pos && i < len(n.Values) {
				return c.asServer(n.Values[i])
			}
		}
	}
	return nil
}

func (c *checker) asServer(e ast.Expr) *ast.CompositeLit {
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	if !ok || types.TypeString(c.pass.TypesInfo.TypeOf(lit), nil) != "net/http.Server" {
		return nil
	}
	return lit
}

// fieldLiteral returns the literal that a literal of the outer struct gives to
// a field that holds the server by value.
func (c *checker) fieldLiteral(field *types.Var) (found *ast.CompositeLit) {
	for _, file := range c.pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			kv, ok := n.(*ast.KeyValueExpr)
			if !ok || found != nil {
				return found == nil
			}
			if key, ok := kv.Key.(*ast.Ident); ok && c.pass.TypesInfo.Uses[key] == field {
				found = c.asServer(kv.Value)
			}
			return found == nil
		})
	}
	return found
}

// grpc reports a gRPC server whose options are all known and do not include
// keepalive enforcement.
func (c *checker) grpc(call ssa.CallInstruction) {
	opts, complete := c.tracer.Elements(call.Common().Args[0])
	expr := constflow.CallSyntax(c.pass, call)
	if !complete || expr == nil {
		return
	}
	for _, opt := range opts {
		made, ok := opt.(*ssa.Call)
		if !ok {
			return
		}
		fn := netcall.Callee(made)
		if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "google.golang.org/grpc" || fn.Name() == "KeepaliveEnforcementPolicy" {
			return
		}
	}
	netcall.Report(c.pass, finding.Possible, analysis.Diagnostic{
		Pos: expr.Pos(), End: expr.End(),
		Message: "this gRPC server has no keepalive enforcement policy of its own: it closes connections of clients that ping more often " +
			"than every 5 minutes, and never finds out which clients are dead",
	})
}
