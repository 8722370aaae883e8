package effects

import (
	"go/constant"
	"go/types"
	"time"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/callgraph"
)

// A deadline is a time limit that a function puts on contexts that it passes.
type deadline struct {
	d  time.Duration
	in *retry.Loop // the innermost loop in which it is set
}

// deadlines puts the time limits around a call: one that is set for each turn of
// the loop around the call bounds the call, one that is set before the loop bounds
// the loop.
func (f *body) deadlines(call ssa.CallInstruction, ref callgraph.Ref) callgraph.Ref {
	if ref == 0 {
		return 0
	}
	for _, v := range f.contexts(call) {
		for _, dl := range f.deadlinesOf(v, 0) {
			l := f.flow.Innermost[call.Block()]
			if l == dl.in {
				layer := callgraph.Layer{Kind: callgraph.DeadlineLayer, Attempts: callgraph.Amount{N: 1}, Overall: dl.d, At: f.at(call.Pos())}
				ref = f.node(callgraph.Node{Kind: callgraph.Repeat, Parts: []callgraph.Ref{ref}, Layer: &layer, At: layer.At})
				continue
			}
			for l != nil && l.Parent != dl.in {
				l = l.Parent
			}
			if l != nil && (f.overall[l] == 0 || dl.d < f.overall[l]) {
				f.overall[l] = dl.d
			}
		}
	}
	return ref
}

// contexts returns the contexts that a call is given, itself or in its request.
func (f *body) contexts(call ssa.CallInstruction) (ctxs []ssa.Value) {
	for _, arg := range call.Common().Args {
		switch {
		case typePath(arg.Type()) == "context.Context" && types.IsInterface(arg.Type()):
			ctxs = append(ctxs, arg)
		case isRequest(arg.Type()):
			for _, b := range f.builders(arg, 0) {
				for _, a := range b.Common().Args {
					if typePath(a.Type()) == "context.Context" {
						ctxs = append(ctxs, a)
					}
				}
			}
		}
	}
	return ctxs
}

// deadlinesOf returns the limits of a context that this function sets.
func (f *body) deadlinesOf(ctx ssa.Value, depth int) []deadline {
	origins, complete := f.consts.AllOrigins(ctx)
	if !complete || len(origins) != 1 || depth > 4 {
		return nil
	}
	extract, ok := origins[0].(*ssa.Extract)
	if !ok {
		return nil
	}
	call, ok := extract.Tuple.(*ssa.Call)
	if !ok || call.Parent() != f.fn {
		return nil
	}
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "context" {
		return nil
	}
	outer := f.deadlinesOf(call.Call.Args[0], depth+1)
	if fn.Name() != "WithTimeout" && fn.Name() != "WithTimeoutCause" {
		return outer
	}
	set := f.consts.Values(call.Call.Args[1])
	if len(set) != 1 || set[0].Const == nil {
		return outer
	}
	d, exact := constant.Int64Val(constant.ToInt(set[0].Const))
	if !exact || d <= 0 {
		return outer
	}
	return append(outer, deadline{time.Duration(d), f.flow.Innermost[call.Block()]})
}
