package xfftrust

import (
	"cmp"
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
)

// A Summary is the fact about a function that reads a client's address, decides
// by one that it is given, or makes a router.
type Summary struct {
	Flows []Flow
	Sinks []Sink
	// Router is the kind of router that the function makes and returns
	// without having told it whom to trust; Header if it makes none.
	Router Kind
}

// A Flow says that a result is an address, or the outcome of a test of one.
type Flow struct {
	Result int
	Read   Read // if Param is negative
	Param  int
	Test   test
}

// A Sink is a parameter that a function refuses requests by.
type Sink struct {
	Param int
	Test  test
	At    netcall.Posn
}

// AFact marks Summary as an analysis fact.
func (*Summary) AFact() {}

func (s *Summary) String() string {
	return fmt.Sprintf("flows %v sinks %v router %d", s.Flows, s.Sinks, s.Router)
}

// Reliance is the fact about a package that it, or a package of the same module
// that it imports, decides by addresses that a router or middleware provides.
type Reliance struct {
	On      []Relied
	Settled []Kind // routers that are told whom to trust
}

// Relied is a decision by an address that a router or middleware provides.
type Relied struct {
	Kind Kind
	Test test
	At   netcall.Posn
}

// AFact marks Reliance as an analysis fact.
func (*Reliance) AFact() {}

func (r *Reliance) String() string { return fmt.Sprintf("relies on %v settled %v", r.On, r.Settled) }

// maxRelied limits how many decisions of a kind a package passes on: a report
// needs a few as evidence.
const maxRelied = 4

// export exports what other packages must know of the functions.
func (pk *pkg) export() {
	for _, fn := range pk.res.Funcs {
		obj, ok := fn.Object().(*types.Func)
		if !ok || fn.Parent() != nil || !obj.Exported() || pk.pass.Pkg.Name() == "main" {
			continue
		}
		s := &Summary{Sinks: pk.sinks[fn], Router: pk.returnsRouter(fn)}
		for i, ms := range pk.results[fn] {
			for _, m := range ms {
				if f, ok := pk.exported(fn, i, m); ok {
					s.Flows = append(s.Flows, f)
				}
			}
		}
		if len(s.Flows)+len(s.Sinks) > 0 || s.Router != Header {
			pk.pass.ExportObjectFact(obj, s)
		}
	}
}

// exported returns the flow that other packages should know of. That a string
// comes back in another form is worth knowing only where strings are addresses.
func (pk *pkg) exported(fn *ssa.Function, i int, m mark) (Flow, bool) {
	if m.fn == nil {
		return Flow{Result: i, Read: m.read, Param: -1, Test: m.test}, m.read.Kind != Remote || m.test == none
	}
	if m.fn != fn || m.test == none && !isAddress(fn.Params[m.param].Type()) && !pk.imports("net", "net/netip") {
		return Flow{}, false
	}
	return Flow{Result: i, Param: m.param, Test: m.test}, true
}

func (pk *pkg) imports(paths ...string) bool {
	return slices.ContainsFunc(pk.pass.Pkg.Imports(), func(p *types.Package) bool { return slices.Contains(paths, p.Path()) })
}

func (pk *pkg) summary(fn *ssa.Function) *Summary {
	obj, ok := fn.Object().(*types.Func)
	if !ok || obj.Pkg() == nil || obj.Pkg() == pk.pass.Pkg {
		return nil
	}
	s := new(Summary)
	if !pk.pass.ImportObjectFact(obj, s) {
		return nil
	}
	return s
}

func (pk *pkg) imported(fn *ssa.Function) (flows []flow, known bool) {
	s := pk.summary(fn)
	if s == nil {
		return nil, false
	}
	for _, f := range s.Flows {
		m := mark{read: f.Read, test: f.Test}
		if f.Param >= 0 {
			m = mark{fn: fn, param: f.Param, test: f.Test}
		}
		flows = append(flows, flow{f.Result, m})
	}
	return flows, true
}

func (pk *pkg) sinksOf(call *ssa.CallCommon) []Sink {
	fn := call.StaticCallee()
	if fn == nil {
		return nil
	}
	fn = origin(fn)
	if len(fn.Blocks) > 0 {
		return pk.sinks[fn]
	}
	if s := pk.summary(fn); s != nil {
		return s.Sinks
	}
	return nil
}

// reliance gathers the decisions of the package and of what it imports from its
// own module; those of libraries may be in code that the program does not use.
func (pk *pkg) reliance() *Reliance {
	r := new(Reliance)
	for _, imp := range pk.pass.Pkg.Imports() {
		var below Reliance
		if sameModule(pk.pass, imp.Path()) && pk.pass.ImportPackageFact(imp, &below) {
			r.On = append(r.On, below.On...)
			r.Settled = append(r.Settled, below.Settled...)
		}
	}
	slices.SortFunc(r.On, func(a, b Relied) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Col, b.At.Col))
	})
	own := pk.relied()
	r.On = slices.Compact(append(own, r.On...))
	count := make(map[Kind]int)
	r.On = slices.DeleteFunc(r.On, func(d Relied) bool {
		count[d.Kind]++
		return count[d.Kind] > maxRelied
	})
	r.Settled = append(r.Settled, pk.settled()...)
	slices.Sort(r.Settled)
	r.Settled = slices.Compact(r.Settled)
	return r
}

func sameModule(pass *analysis.Pass, path string) bool {
	return pass.Module == nil || pass.Module.Path == "" || path == pass.Module.Path || strings.HasPrefix(path, pass.Module.Path+"/")
}

// relied returns the package's own decisions by what routers provide.
func (pk *pkg) relied() (found []Relied) {
	for _, d := range pk.decisions() {
		if len(d.headers()) > 0 || pk.inTests(d) {
			continue
		}
		for _, r := range d.reads {
			found = append(found, Relied{r.Kind, d.test, pk.res.Posn(d.at)})
		}
	}
	return append(found, pk.libraryDecisions()...)
}

func (pk *pkg) inTests(d *decision) bool {
	file := netcall.FileAt(pk.pass, d.at)
	return file == nil || !netcall.Reports(pk.pass, file)
}
