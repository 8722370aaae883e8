// Package effects describes what each function of a package sends: which
// requests, in which order and alternatives, in which loops and under which
// retries. It is the Go frontend of package callgraph.
//
// It reports nothing itself. Rules about what retries multiply require
// [Analyzer]; the commslint command links what the packages of a program emit.
package effects

import (
	"encoding/json"
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/grpcpolicy"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/analyzers/retrypolicy"
	"github.com/commslint/commslint/callgraph"
)

const doc = `describe what each function sends

The effects analyzer reports nothing. It turns the control flow of functions
into what they send when things fail, for the rules that require it.`

// Analyzer computes a *Result for each package.
var Analyzer = &analysis.Analyzer{
	Name:       "effects",
	Doc:        doc,
	URL:        "https://pkg.go.dev/github.com/commslint/commslint/analyzers/effects",
	Requires:   []*analysis.Analyzer{netcall.Analyzer, constflow.Analyzer, retrypolicy.Analyzer, grpcpolicy.Analyzer, retry.Analyzer},
	Run:        run,
	ResultType: reflect.TypeFor[*Result](),
	FactTypes:  []analysis.Fact{(*Sends)(nil)},
}

// emit is set by the commslint command, which links the packages of a program.
var emit bool

func init() {
	Analyzer.Flags.BoolVar(&emit, "emit", false, "print what the package's functions send, as JSON (for the commslint command)")
}

// Sends is the fact about a function: what one run of it sends.
type Sends struct{ Value callgraph.Value }

func (*Sends) AFact() {}

func (s *Sends) String() string {
	var parts []string
	for _, r := range s.Value.Rows {
		parts = append(parts, fmt.Sprintf("%s×%s", r.Base, r.Target.Name))
	}
	return "sends " + strings.Join(parts, ", ")
}

// A Result is what the functions of one package send. It is empty but never nil
// for a package that cannot reach the network.
type Result struct {
	// Package is what the package contributes to a program.
	Package callgraph.Package

	// Err says why the package could not be analysed: a defect of commslint.
	Err error

	program *callgraph.Program
	pass    *analysis.Pass
	ids     map[*ssa.Function]string
}

// Value returns what one run of a function of the package sends, as far as the
// package and its imports show.
func (res *Result) Value(fn *ssa.Function) callgraph.Value {
	if res.program == nil {
		return callgraph.Value{}
	}
	v, _ := res.program.Value(res.ids[fn])
	return v
}

// ID returns the id that a function of the package has in Package; "" for others.
func (res *Result) ID(fn *ssa.Function) string { return res.ids[fn] }

// Evaluate returns what a part of a function sends.
func (res *Result) Evaluate(e callgraph.Effects) callgraph.Value {
	if res.program == nil {
		return callgraph.Value{}
	}
	return res.program.Evaluate(e)
}

func run(pass *analysis.Pass) (result any, err error) {
	// As in netcall: a crash must not take the packages down that import this one.
	defer func() {
		if r := recover(); r != nil {
			result = &Result{Err: fmt.Errorf("internal error in effects: %v", r)}
		}
	}()
	if err := pass.ResultOf[retry.Analyzer].(*retry.Result).Err; err != nil {
		return &Result{Err: err}, nil
	}
	net := pass.ResultOf[netcall.Analyzer].(*netcall.Result)
	if net.Pkg == nil {
		return &Result{}, nil
	}
	b := &builder{
		pass: pass, net: net,
		consts:   pass.ResultOf[constflow.Analyzer].(*constflow.Tracer),
		policies: pass.ResultOf[retrypolicy.Analyzer].(*retrypolicy.Reader),
		conns:    pass.ResultOf[grpcpolicy.Analyzer].(*grpcpolicy.Result),
		retries:  pass.ResultOf[retry.Analyzer].(*retry.Result),
		remote:   make(map[ssa.CallInstruction]*netcall.Call),
		ids:      make(map[*ssa.Function]string),
		imported: make(map[string]*Sends),
	}
	for _, c := range net.Calls {
		b.remote[c.CallInstruction] = c
	}
	b.pkg.Path = pass.Pkg.Path()
	for _, fn := range net.Funcs {
		b.function(fn)
	}
	b.wire()
	res := &Result{Package: b.pkg, pass: pass, ids: b.ids}
	res.program = callgraph.LinkWith([]callgraph.Package{b.pkg}, b.importedValue)
	res.export(net.Funcs)
	if emit {
		b.print()
	}
	return res, nil
}

// print reports the package as a diagnostic, the only thing that go vet passes on.
func (b *builder) print() {
	b.pkg.Known = make(map[string]callgraph.Value)
	for id, s := range b.imported {
		if s != nil {
			b.pkg.Known[id] = s.Value
		}
	}
	text, err := json.Marshal(b.pkg)
	if err != nil || len(b.pass.Files) == 0 {
		return
	}
	b.pass.Report(analysis.Diagnostic{Pos: b.pass.Files[0].Package, Category: Emitted, Message: string(text)})
}

// Emitted is the category of the diagnostics that hold a callgraph.Package.
const Emitted = "effects"

// export publishes what the functions of the package send.
func (res *Result) export(funcs []*ssa.Function) {
	for _, fn := range funcs {
		obj, ok := fn.Object().(*types.Func)
		if !ok {
			continue
		}
		if v := res.Value(fn); len(v.Rows) > 0 {
			res.pass.ExportObjectFact(obj, &Sends{v})
		}
	}
}

// importedValue returns what a function of another package sends, by its id.
func (b *builder) importedValue(id string) (callgraph.Value, bool) {
	if s := b.imported[id]; s != nil {
		return s.Value, true
	}
	return callgraph.Value{}, false
}

// importFact remembers what an imported function sends.
func (b *builder) importFact(fn *types.Func) *Sends {
	id := fn.FullName()
	if s, ok := b.imported[id]; ok {
		return s
	}
	s := new(Sends)
	if fn.Pkg() == nil || fn.Pkg() == b.pass.Pkg || !b.pass.ImportObjectFact(fn, s) {
		s = nil
	}
	b.imported[id] = s
	return s
}

// idOf returns the id of a function of the package.
func (b *builder) idOf(fn *ssa.Function) string {
	if id, ok := b.ids[fn]; ok {
		return id
	}
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	id := fn.RelString(nil)
	if obj, ok := fn.Object().(*types.Func); ok {
		id = obj.Origin().FullName()
	}
	b.ids[fn] = id
	return id
}

func (b *builder) posn(pos interface{ Pos() tokenPos }) callgraph.Posn {
	return b.at(pos.Pos())
}

func (b *builder) at(pos tokenPos) callgraph.Posn {
	p := b.net.Posn(pos)
	return callgraph.Posn{File: p.File, Line: p.Line, Col: p.Col}
}

// wire adds what joins the package to others: conversions to interfaces,
// functions in slots, connections and served operations.
func (b *builder) wire() {
	b.pkg.Connections = b.conns.Connections()
	b.pkg.Served = b.conns.Served()
	slices.SortFunc(b.pkg.Conversions, func(x, y callgraph.Conversion) int {
		return strings.Compare(x.Iface+" "+x.Type, y.Iface+" "+y.Type)
	})
	slices.SortFunc(b.pkg.Assignments, func(x, y callgraph.Assignment) int {
		return strings.Compare(x.Slot+" "+x.Func, y.Slot+" "+y.Func)
	})
	b.pkg.Assignments = slices.Compact(b.pkg.Assignments)
}
