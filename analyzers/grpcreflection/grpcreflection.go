// Package grpcreflection defines the rule go/grpc-reflection.
package grpcreflection

import (
	"go/build/constraint"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules/clients"
)

const doc = `report gRPC reflection that is registered in every build and configuration

Reflection tells whoever reaches the port every service, method and message of
the server. It belongs behind a switch that is off by default.

	server := grpc.NewServer()
	reflection.Register(server) // want: if cfg.Reflection { … }

Not reported: a registration that a condition decides on, in the function itself
or in all of its callers in the package, and one in a file with a build
constraint. A condition that decides on the server as a whole is no such switch.
A function that registers reflection on a server of its caller's is reported as
likely, as possible if it does nothing else.`

// Analyzer implements go/grpc-reflection.
var Analyzer = &analysis.Analyzer{
	Name:     "grpcreflection",
	Doc:      doc,
	URL:      "https://pkg.go.dev/github.com/commslint/commslint/analyzers/grpcreflection",
	Requires: []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	c := &checker{pass, pass.ResultOf[constflow.Analyzer].(*constflow.Tracer)}
	for _, fn := range pass.ResultOf[netcall.Analyzer].(*netcall.Result).Funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				call, ok := instr.(ssa.CallInstruction)
				if ok && netcall.HasRole(netcall.ModelOf(call), clients.Reflection) {
					c.check(call)
				}
			}
		}
	}
	return nil, nil
}

type checker struct {
	pass   *analysis.Pass
	tracer *constflow.Tracer
}

func (c *checker) check(call ssa.CallInstruction) {
	expr := constflow.CallSyntax(c.pass, call)
	if expr == nil || c.constrained(expr.Pos()) {
		return
	}
	strength, ok := c.always(call)
	if !ok {
		return
	}
	d := analysis.Diagnostic{
		Pos: expr.Pos(), End: expr.End(),
		Message: "gRPC reflection is registered in every build and configuration: " +
			"whoever reaches the port can list every service, method and message",
	}
	for _, made := range c.servers(call) {
		d.Related = append(d.Related, netcall.At(made.Pos(), "the server is made here"))
	}
	netcall.Report(c.pass, strength, d)
}

// constrained reports whether the file has a build constraint.
func (c *checker) constrained(pos token.Pos) bool {
	for _, file := range c.pass.Files {
		if pos < file.FileStart || file.FileEnd <= pos {
			continue
		}
		for _, group := range file.Comments {
			if group.Pos() > file.Package {
				break
			}
			for _, comment := range group.List {
				if constraint.IsGoBuild(comment.Text) {
					return true
				}
			}
		}
	}
	return false
}

// servers returns the calls that make the server, as far as they are known.
func (c *checker) servers(call ssa.CallInstruction) (made []*ssa.Call) {
	args := call.Common().Args
	if len(args) == 0 {
		return nil
	}
	for _, v := range c.tracer.Origins(args[0]) {
		if call, ok := v.(*ssa.Call); ok {
			made = append(made, call)
		}
	}
	return made
}

// always reports whether a registration runs whenever its server exists, and
// how sure that is.
func (c *checker) always(call ssa.CallInstruction) (finding.Strength, bool) {
	made := c.servers(call)
	if !unconditional(call, made) {
		return "", false
	}
	here := slices.ContainsFunc(made, func(m *ssa.Call) bool { return m.Parent() == call.Parent() })
	if here {
		return finding.Proven, true
	}
	return c.calledAlways(call.Parent(), made, 0)
}

// maxCallers limits how far up the callers are followed; registrations stand
// within two or three calls of main.
const maxCallers = 5

// calledAlways reports whether a function that registers reflection is called
// unconditionally.
func (c *checker) calledAlways(fn *ssa.Function, made []*ssa.Call, depth int) (finding.Strength, bool) {
	calls, complete := c.tracer.Callers(fn)
	if !complete && !isMain(fn) {
		if depth == 0 && onlyCalls(fn) {
			return finding.Possible, true
		}
		return finding.Likely, true
	}
	if isMain(fn) || depth >= maxCallers {
		return finding.Proven, true
	}
	for _, call := range calls {
		if unconditional(call, made) {
			if strength, ok := c.calledAlways(call.Parent(), made, depth+1); ok {
				return strength, true
			}
		}
	}
	return "", false
}

// unconditional reports whether nothing within its function decides on a call
// but what decides on the server that it is about.
func unconditional(call ssa.CallInstruction, made []*ssa.Call) bool {
	shared := make(map[*ssa.If]bool)
	for _, m := range append(handed(call), made...) {
		if m.Parent() == call.Parent() {
			for _, g := range constflow.Guards(m) {
				shared[g] = true
			}
		}
	}
	for _, g := range constflow.Guards(call) {
		if !shared[g] && chooses(g.Cond) {
			return false
		}
	}
	return true
}

// handed returns the calls whose results are passed on as they are by a call:
// one of them hands out the server.
func handed(call ssa.CallInstruction) (from []*ssa.Call) {
	for _, arg := range call.Common().Args {
		if i, ok := arg.(*ssa.MakeInterface); ok {
			arg = i.X
		}
		if e, ok := arg.(*ssa.Extract); ok {
			arg = e.Tuple
		}
		if made, ok := arg.(*ssa.Call); ok && returnsServer(made) {
			from = append(from, made)
		}
	}
	return from
}

func returnsServer(call *ssa.Call) bool {
	results := call.Call.Signature().Results()
	return results.Len() > 0 && types.TypeString(results.At(0).Type(), nil) == "*google.golang.org/grpc.Server"
}

func isMain(fn *ssa.Function) bool {
	return fn.Parent() == nil && (fn.Name() == "init" || fn.Name() == "main" && fn.Pkg != nil && fn.Pkg.Pkg.Name() == "main")
}

// onlyCalls reports whether a function makes no other call: it is there to be
// called by those who want reflection.
func onlyCalls(fn *ssa.Function) bool {
	n := 0
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			if _, ok := instr.(ssa.CallInstruction); ok {
				n++
			}
		}
	}
	return n == 1
}

// chooses reports whether a condition may be a switch: anything but a test for
// presence and the condition of a loop over elements.
func chooses(cond ssa.Value) bool {
	switch cond := cond.(type) {
	case *ssa.Extract:
		_, call := cond.Tuple.(*ssa.Call)
		return call
	case *ssa.BinOp:
		if isNil(cond.X) || isNil(cond.Y) {
			return false
		}
		if cond.Op == token.LSS {
			return !isLen(cond.Y)
		}
	}
	return true
}

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.Value == nil && !types.Identical(c.Type(), types.Typ[types.Bool])
}

func isLen(v ssa.Value) bool {
	call, ok := v.(*ssa.Call)
	if !ok {
		return false
	}
	b, ok := call.Call.Value.(*ssa.Builtin)
	return ok && b.Name() == "len"
}
