// Package grpcpolicy reads what gRPC connections repeat: the service config and
// the retrying interceptors that grpc.NewClient is given, which connection a call
// goes over, which operation a generated stub asks for, and which functions serve
// operations.
//
// It reports nothing itself. Its figures are those of grpc-go v1.85.0 and of
// go-grpc-middleware v1.4.0 and v2.3.4.
package grpcpolicy

import (
	"cmp"
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

const doc = `read what gRPC connections repeat

The grpcpolicy analyzer reports nothing. It reads the service configs and
interceptors of gRPC connections for the rules about retries.`

// Analyzer computes a *Result for each package.
var Analyzer = &analysis.Analyzer{
	Name:       "grpcpolicy",
	Doc:        doc,
	URL:        "https://pkg.go.dev/github.com/commslint/commslint/analyzers/grpcpolicy",
	Requires:   []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer},
	ResultType: reflect.TypeFor[*Result](),
	FactTypes:  []analysis.Fact{(*Options)(nil), (*Conns)(nil), (*Dialer)(nil), (*Operation)(nil), (*Service)(nil)},
	Run: func(pass *analysis.Pass) (any, error) {
		res := pass.ResultOf[netcall.Analyzer].(*netcall.Result)
		r := &Result{pass: pass, net: res, tracer: pass.ResultOf[constflow.Analyzer].(*constflow.Tracer), dialers: make(map[*ssa.Function]*dialer)}
		if res.Pkg != nil && res.Err == nil {
			r.read()
			if emit {
				r.print()
			}
		}
		return r, nil
	},
}

// A Result is what grpcpolicy knows about one package. It is never nil.
type Result struct {
	// Dials are the connections that the package makes, in source order.
	Dials []*Dial

	pass   *analysis.Pass
	net    *netcall.Result
	tracer *constflow.Tracer
	embeds map[types.Object]string // file of each embedded variable, made on demand
	served []callgraph.Served

	dialers map[*ssa.Function]*dialer // nil for those that are none
	own     *ssa.Function             // what is described in terms of its parameters; nil for nothing
}

// A Dial is a call of grpc.NewClient, grpc.Dial or grpc.DialContext, or of a
// function that passes on to one of these what options it is given.
type Dial struct {
	Call ssa.CallInstruction
	callgraph.Connection
	// Problems are what is wrong with its service configs, in the order of
	// their places.
	Problems []Problem

	configs     []text
	maxAttempts int // of each call, as the options set it
}

// Connections returns the connections that the package makes, in source order.
func (r *Result) Connections() (conns []callgraph.Connection) {
	for _, d := range r.Dials {
		conns = append(conns, d.Connection)
	}
	return conns
}

// Served returns which functions serve which operations, as far as the package
// registers them, sorted by operation and function.
func (r *Result) Served() []callgraph.Served { return r.served }

func (r *Result) read() {
	r.exportOperations()
	r.exportServices()
	for _, fn := range r.net.Funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				call, ok := instr.(ssa.CallInstruction)
				if !ok {
					continue
				}
				if opts, ok := r.dialed(call); ok {
					r.Dials = append(r.Dials, r.dial(call, opts))
				}
				r.served = append(r.served, r.registered(call)...)
			}
		}
	}
	slices.SortStableFunc(r.Dials, func(a, b *Dial) int { return comparePosns(a.At, b.At) })
	slices.SortFunc(r.served, func(a, b callgraph.Served) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Func, b.Func), comparePosns(a.At, b.At))
	})
	r.served = slices.Compact(r.served)
	r.exportOptions()
	r.exportDialers()
	r.exportConns()
}

func comparePosns(a, b callgraph.Posn) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
}

const grpcPath = "google.golang.org/grpc"

// dialOptions returns the options of a call that makes a connection, nil for
// other calls.
func dialOptions(call ssa.CallInstruction) ssa.Value {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != grpcPath {
		return nil
	}
	switch fn.Name() {
	case "NewClient", "Dial", "DialContext":
		if args := call.Common().Args; fn.Signature().Recv() == nil && len(args) > 0 {
			return args[len(args)-1]
		}
	}
	return nil
}

func (r *Result) posn(pos token.Pos) callgraph.Posn {
	if !pos.IsValid() {
		return callgraph.Posn{}
	}
	p := r.pass.Fset.Position(pos)
	return callgraph.Posn{File: p.Filename, Line: p.Line, Col: p.Column}
}

// idOf returns the id of a function, as in callgraph.Function.
func idOf(fn *ssa.Function) string {
	if o := fn.Origin(); o != nil {
		fn = o
	}
	if obj, ok := fn.Object().(*types.Func); ok && fn.Synthetic != "" {
		return obj.Origin().FullName() // the wrapper of a method value
	}
	return fn.String()
}
