package effects

import (
	"encoding/json"
	"go/token"
	"go/types"
	"slices"
	"time"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/grpcpolicy"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/analyzers/retrypolicy"
	"github.com/commslint/commslint/callgraph"
)

type tokenPos = token.Pos

// A builder is the working state for one package.
type builder struct {
	pass     *analysis.Pass
	net      *netcall.Result
	consts   *constflow.Tracer
	policies *retrypolicy.Reader
	conns    *grpcpolicy.Result
	retries  *retry.Result
	remote   map[ssa.CallInstruction]*netcall.Call
	ids      map[*ssa.Function]string
	imported map[string]*Sends
	pkg      callgraph.Package
	timeouts *bool               // see setsTimeouts
	texts    map[string][]string // see fieldTexts
	stores   map[string][]ssa.Value
	// converted holds the conversions already noted.
	converted map[string]bool
}

// A graph is the Effects of one function in the making. Equal nodes are shared.
type graph struct {
	callgraph.Effects
	known map[string]callgraph.Ref
}

func newGraph() *graph {
	return &graph{Effects: callgraph.Effects{Nodes: []callgraph.Node{{}}}, known: make(map[string]callgraph.Ref)}
}

func (g *graph) node(n callgraph.Node) callgraph.Ref {
	key, err := json.Marshal(n) // numbers, strings and lists only
	if err != nil {
		panic(err)
	}
	if ref, ok := g.known[string(key)]; ok {
		return ref
	}
	g.Nodes = append(g.Nodes, n)
	ref := callgraph.Ref(len(g.Nodes) - 1)
	g.known[string(key)] = ref
	return ref
}

func (g *graph) seq(parts ...callgraph.Ref) callgraph.Ref {
	return g.join(callgraph.Seq, slices.DeleteFunc(parts, func(r callgraph.Ref) bool { return r == 0 }))
}

// alt drops equal alternatives, and nothing where there is something.
func (g *graph) alt(parts ...callgraph.Ref) callgraph.Ref {
	var distinct []callgraph.Ref
	for _, p := range parts {
		if p != 0 && !slices.Contains(distinct, p) {
			distinct = append(distinct, p)
		}
	}
	return g.join(callgraph.Alt, distinct)
}

func (g *graph) join(kind callgraph.NodeKind, parts []callgraph.Ref) callgraph.Ref {
	switch len(parts) {
	case 0:
		return 0
	case 1:
		return parts[0]
	}
	return g.node(callgraph.Node{Kind: kind, Parts: parts})
}

// A place is where the effects of a block count: those of a loop's body count
// once for each of its turns.
type place struct {
	block  *ssa.BasicBlock
	within *retry.Loop // nil: the function
}

// A body builds the effects of one function.
type body struct {
	*builder
	*graph
	fn   *ssa.Function
	flow *retry.Flow
	memo map[place]callgraph.Ref
	// overall holds the time limits that are set before a loop and bound it.
	overall map[*retry.Loop]time.Duration
	sent    int // synthetic functions made for calls of this one
}

// function adds a function to the package, if it sends anything.
func (b *builder) function(fn *ssa.Function) {
	f := &body{builder: b, graph: newGraph(), fn: fn, flow: b.retries.Flow(fn), memo: make(map[place]callgraph.Ref), overall: make(map[*retry.Loop]time.Duration)}
	if len(fn.Blocks) == 0 || f.flow == nil {
		return
	}
	f.Root = f.enter(fn.Blocks[0], nil)
	id := b.idOf(fn)
	b.noteConversions(fn)
	entry := b.entryOf(fn)
	if f.Root == 0 && entry == callgraph.NoEntry {
		return
	}
	if f.Root == 0 {
		return
	}
	b.pkg.Functions = append(b.pkg.Functions, callgraph.Function{
		ID: id, Name: nameOf(fn), At: b.at(fn.Pos()), Entry: entry, Body: f.Effects,
	})
}

// enter returns what is sent from a block on, as far as it counts within a loop:
// up to where the loop turns or is left.
func (f *body) enter(b *ssa.BasicBlock, within *retry.Loop) callgraph.Ref {
	if !within.Within(b) {
		return 0
	}
	if l := childOf(f.flow.Innermost[b], within); l != nil {
		return f.loop(l, within)
	}
	key := place{b, within}
	if ref, ok := f.memo[key]; ok {
		return ref
	}
	f.memo[key] = 0 // not met again: the loops are taken out
	ref := f.seq(f.block(b), f.successors(b, within))
	f.memo[key] = ref
	return ref
}

func (f *body) successors(b *ssa.BasicBlock, within *retry.Loop) callgraph.Ref {
	var next []callgraph.Ref
	for _, s := range b.Succs {
		if within != nil && s == within.Header {
			continue
		}
		next = append(next, f.enter(s, within))
	}
	return f.alt(next...)
}

// childOf returns the loop directly within another that a block's innermost loop
// belongs to; nil if the block is not in one.
func childOf(l, within *retry.Loop) *retry.Loop {
	for l != nil && l.Parent != within {
		if l == within {
			return nil
		}
		l = l.Parent
	}
	if l == within {
		return nil
	}
	return l
}

// loop returns what is sent from the entry of a loop on.
func (f *body) loop(l *retry.Loop, within *retry.Loop) callgraph.Ref {
	key := place{l.Header, l}
	inner, ok := f.memo[key]
	if !ok {
		f.memo[key] = 0
		inner = f.seq(f.block(l.Header), f.successors(l.Header, l))
		inner = f.turns(l, inner)
		f.memo[key] = inner
	}
	after := place{l.Header, within}
	rest, ok := f.memo[after]
	if !ok {
		f.memo[after] = 0
		var exits []callgraph.Ref
		for _, b := range f.fn.Blocks {
			if !l.Blocks[b] {
				continue
			}
			for _, s := range b.Succs {
				if l.Blocks[s] || within != nil && s == within.Header {
					continue
				}
				exits = append(exits, f.enter(s, within))
			}
		}
		rest = f.alt(exits...)
		f.memo[after] = rest
	}
	return f.seq(inner, rest)
}

// turns puts the number of a loop's turns around its body.
func (f *body) turns(l *retry.Loop, inner callgraph.Ref) callgraph.Ref {
	switch {
	case inner == 0:
		return 0
	case l.Retry != nil:
		layer := l.Retry.Layer
		if d := f.overall[l]; d > 0 && (layer.Overall == 0 || d < layer.Overall) {
			layer.Overall = d
		}
		return f.node(callgraph.Node{Kind: callgraph.Repeat, Parts: []callgraph.Ref{inner}, Layer: &layer, At: layer.At})
	case l.Turns == (callgraph.Amount{N: 1}):
		return inner
	}
	turns := l.Turns
	if turns == (callgraph.Amount{}) {
		turns.Var = "turns of " + f.fn.Name()
	}
	return f.node(callgraph.Node{Kind: callgraph.Loop, Parts: []callgraph.Ref{inner}, Count: &turns, At: f.at(l.Pos)})
}

// block returns what the calls of one block send.
func (f *body) block(b *ssa.BasicBlock) callgraph.Ref {
	var parts []callgraph.Ref
	for _, instr := range b.Instrs {
		call, ok := instr.(ssa.CallInstruction)
		if !ok || f.flow.Repeats[call] || f.flow.Self[call] != nil {
			continue
		}
		ref := f.swallowed(call, f.deadlines(call, f.call(call)))
		if r := f.flow.Again[call]; r != nil && ref != 0 {
			layer := r.Layer
			ref = f.node(callgraph.Node{Kind: callgraph.Repeat, Parts: []callgraph.Ref{ref}, Layer: &layer, At: layer.At})
		}
		parts = append(parts, ref)
	}
	return f.selfRetries(b, f.seq(parts...))
}

// swallowed marks what a call sends as optional if nobody learns of its failure:
// a goroutine, or a call whose error is thrown away.
func (f *body) swallowed(call ssa.CallInstruction, ref callgraph.Ref) callgraph.Ref {
	if ref == 0 {
		return 0
	}
	switch call := call.(type) {
	case *ssa.Go:
		if len(call.Call.Args) == 0 && reportsBack(call) {
			return ref
		}
	case *ssa.Defer:
	case *ssa.Call:
		if !onlyError(call.Call.Signature()) || len(*call.Referrers()) > 0 {
			return ref
		}
	}
	return f.node(callgraph.Node{Kind: callgraph.Optional, Parts: []callgraph.Ref{ref}, At: f.at(call.Pos())})
}

func onlyError(sig *types.Signature) bool {
	return sig.Results().Len() == 1 && types.Identical(sig.Results().At(0).Type(), types.Universe.Lookup("error").Type())
}

// reportsBack reports whether a goroutine captures variables of the function that
// starts it, such as a channel or an error, by which its failure may be learned.
func reportsBack(call *ssa.Go) bool {
	mc, ok := call.Call.Value.(*ssa.MakeClosure)
	if !ok {
		return false
	}
	for _, b := range mc.Bindings {
		t := b.Type()
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		if _, ok := t.Underlying().(*types.Chan); ok || types.Identical(t, types.Universe.Lookup("error").Type()) {
			return true
		}
		if s, ok := t.Underlying().(*types.Slice); ok && types.Identical(s.Elem(), types.Universe.Lookup("error").Type()) {
			return true
		}
	}
	return false
}

// selfRetries is where a function that calls itself after a failure is repeated:
// around the calls that fail.
func (f *body) selfRetries(b *ssa.BasicBlock, ref callgraph.Ref) callgraph.Ref {
	if ref == 0 {
		return 0
	}
	var done []*retry.Retry
	for _, r := range f.flow.Self {
		if slices.Contains(done, r) || !slices.ContainsFunc(r.Calls, func(a *retry.Attempt) bool { return a.Block() == b }) {
			continue
		}
		done = append(done, r)
		layer := r.Layer
		ref = f.node(callgraph.Node{Kind: callgraph.Repeat, Parts: []callgraph.Ref{ref}, Layer: &layer, At: layer.At})
	}
	return ref
}
