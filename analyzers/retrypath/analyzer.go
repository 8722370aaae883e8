package retrypath

import (
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/effects"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
)

// Analyzer computes a *Result for each package.
var Analyzer = &analysis.Analyzer{
	Name:       "retrypath",
	Doc:        "find the retries on the ways to requests\n\nThe retrypath analyzer reports nothing; rules about what retries multiply to require it.",
	URL:        "https://pkg.go.dev/github.com/commslint/commslint/analyzers/retrypath",
	Requires:   []*analysis.Analyzer{netcall.Analyzer, effects.Analyzer},
	Run:        run,
	ResultType: reflect.TypeFor[*Result](),
	FactTypes:  []analysis.Fact{(*Stacks)(nil)},
}

// Stacks is the fact about a function from which retry layers are met.
type Stacks struct {
	// Pairs are the layers that lie in each other on its paths.
	Pairs []string
	// Exposed are the stacks of layers that an entry of the program has on its
	// paths: the function itself, or one that it calls.
	Exposed []string
}

func (*Stacks) AFact() {}

func (s *Stacks) String() string {
	return "pairs " + strings.Join(s.Pairs, "; ") + ", exposed " + strings.Join(s.Exposed, "; ")
}

// A Result is what is known of the paths of one package's functions. It is empty
// but never nil for a package that cannot reach the network.
type Result struct {
	// Functions are the functions with paths, in source order.
	Functions []*Function

	stacks map[string]*Stacks // of functions here and elsewhere, by id
	calls  callees
}

// A Function is a function of the package on whose paths layers are met.
type Function struct {
	ID    string
	Fn    *ssa.Function
	Entry callgraph.Entry
	Paths []*Path

	callees []string
}

// run reads the paths of every function, and what is known of those it calls.
func run(pass *analysis.Pass) (any, error) {
	res := &Result{stacks: make(map[string]*Stacks)}
	net := pass.ResultOf[netcall.Analyzer].(*netcall.Result)
	sent := pass.ResultOf[effects.Analyzer].(*effects.Result)
	if net.Pkg == nil || len(sent.Package.Functions) == 0 {
		return res, nil
	}
	for _, f := range pass.AllObjectFacts() {
		if fn, ok := f.Object.(*types.Func); ok {
			res.stacks[fn.FullName()] = f.Fact.(*Stacks)
		}
	}
	entries := entriesOf(&sent.Package)
	res.calls = calleesIn(&sent.Package)
	for _, fn := range net.Funcs {
		paths := pathsOf(sent.Value(fn))
		if len(paths) == 0 {
			continue
		}
		f := &Function{ID: sent.ID(fn), Fn: fn, Paths: paths}
		f.Entry, f.callees = entries[f.ID], res.calls.of(f.ID)
		res.Functions = append(res.Functions, f)
		res.stacks[f.ID] = &Stacks{Pairs: pairsOf(paths)}
	}
	res.expose(pass)
	for _, f := range res.Functions {
		if obj, ok := f.Fn.Object().(*types.Func); ok {
			pass.ExportObjectFact(obj, res.stacks[f.ID])
		}
	}
	return res, nil
}

// entriesOf says how the outside starts the package's functions, handlers of gRPC
// included.
func entriesOf(pkg *callgraph.Package) map[string]callgraph.Entry {
	entries := make(map[string]callgraph.Entry)
	for i := range pkg.Functions {
		entries[pkg.Functions[i].ID] = pkg.Functions[i].Entry
	}
	for _, s := range pkg.Served {
		entries[s.Func] = callgraph.Handler
	}
	return entries
}

func pairsOf(paths []*Path) []string {
	var pairs []string
	for _, p := range paths {
		pairs = append(pairs, p.pairs()...)
	}
	slices.Sort(pairs)
	return slices.Compact(pairs)
}

// expose works out which stacks entries have. The packages of other modules
// expose nothing: what they hold is never reported there.
func (r *Result) expose(pass *analysis.Pass) {
	if pass.Module != nil && pass.Module.Version != "" {
		return
	}
	byID := make(map[string]*Function)
	for _, f := range r.Functions {
		byID[f.ID] = f
	}
	done := make(map[string]bool)
	var visit func(id string) []string
	visit = func(id string) []string {
		f, s := byID[id], r.stacks[id]
		if s == nil || f == nil || done[id] {
			if s == nil {
				return nil
			}
			return s.Exposed
		}
		done[id] = true
		exposed := make(map[string]bool)
		for _, callee := range f.callees {
			for _, key := range visit(callee) {
				exposed[key] = true
			}
		}
		if f.IsEntry() {
			for _, p := range f.Paths {
				exposed[p.Key()] = true
			}
		}
		s.Exposed = slices.Sorted(maps.Keys(exposed))
		return s.Exposed
	}
	for _, f := range r.Functions {
		visit(f.ID)
	}
}

// IsEntry reports whether others than the package start the function: a handler
// of requests, or an exported function.
func (f *Function) IsEntry() bool {
	return f.Entry == callgraph.Handler || f.Entry == callgraph.Exported
}

// Meets reports whether layers of a path lie in each other that do so in none of
// the function's callees.
func (r *Result) Meets(f *Function, p *Path) bool {
	return slices.ContainsFunc(p.pairs(), func(pair string) bool {
		return !slices.ContainsFunc(f.callees, func(callee string) bool {
			s := r.stacks[callee]
			return s != nil && slices.Contains(s.Pairs, pair)
		})
	})
}

// Exposes reports whether a function is the first entry on its way to a stack of
// layers: none of its callees is one, or leads to one.
func (r *Result) Exposes(f *Function, p *Path) bool {
	key := p.Key()
	return f.IsEntry() && !slices.ContainsFunc(f.callees, func(callee string) bool {
		s := r.stacks[callee]
		return s != nil && slices.Contains(s.Exposed, key)
	})
}

// A callees tells which functions a function of the package may call, directly or
// by what it passes on, as far as the package shows it.
type callees struct {
	bodies  map[string]*callgraph.Effects
	methods map[string][]string
	slots   map[string][]string
}

func calleesIn(pkg *callgraph.Package) callees {
	c := callees{bodies: make(map[string]*callgraph.Effects), methods: make(map[string][]string), slots: make(map[string][]string)}
	for i := range pkg.Functions {
		c.bodies[pkg.Functions[i].ID] = &pkg.Functions[i].Body
	}
	for _, conv := range pkg.Conversions {
		for method, id := range conv.Methods {
			name := "(" + conv.Iface + ")." + method
			c.methods[name] = append(c.methods[name], id)
		}
	}
	for _, a := range pkg.Assignments {
		c.slots[a.Slot] = append(c.slots[a.Slot], a.Func)
	}
	return c
}

// of lists the callees of a function by their ids, sorted.
func (c *callees) of(id string) []string {
	body := c.bodies[id]
	if body == nil {
		return nil
	}
	var ids []string
	for _, n := range body.Nodes {
		if n.Call == nil {
			continue
		}
		ids = append(ids, n.Call.Func)
		ids = append(ids, c.methods[n.Call.Iface]...)
		ids = append(ids, c.slots[n.Call.Slot]...)
		for _, a := range n.Call.Args {
			ids = append(ids, a.Func)
			ids = append(ids, c.slots[a.Slot]...)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return slices.DeleteFunc(ids, func(callee string) bool { return callee == "" || callee == id })
}
