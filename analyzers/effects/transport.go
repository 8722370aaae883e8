package effects

import (
	"fmt"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
)

// throughTransport sends a request through the transports that its client is
// known to have: each is called with the next one as what it is stacked on.
func (f *body) throughTransport(call ssa.CallInstruction, send callgraph.Node) callgraph.Ref {
	common := call.Common()
	if common.IsInvoke() || len(common.Args) == 0 || common.Signature().Recv() == nil {
		return f.node(send)
	}
	transport := f.soleField(common.Args[0], "Transport")
	if transport == nil {
		return f.node(send)
	}
	return f.stack(transport, send, 0)
}

// maxStack limits how many transports may lie on each other.
const maxStack = 8

func (f *body) stack(transport ssa.Value, send callgraph.Node, depth int) callgraph.Ref {
	method, object := f.roundTripper(transport)
	if method == nil || depth > maxStack {
		return f.node(send)
	}
	c := &callgraph.Call{Func: method.FullName(), Name: netcall.FuncText(method)}
	s, ok := structOf(object.Type())
	if !ok {
		return f.node(callgraph.Node{Kind: callgraph.Invoke, Call: c, At: send.At})
	}
	c.Args = f.arg(callgraph.Param{}, object, 0)
	for field := range s.Fields() {
		if !isRoundTripper(field.Type()) {
			continue
		}
		inner := &body{builder: f.builder, graph: newGraph(), fn: f.fn, flow: f.flow, memo: f.memo, sent: f.sent + depth + 1}
		if next := f.soleField(object, field.Name()); next != nil {
			inner.Root = inner.stack(next, send, depth+1)
		} else {
			inner.Root = inner.node(send)
		}
		id := fmt.Sprintf("%s$send%d.%d", f.idOf(f.fn), send.At.Line, depth)
		f.pkg.Functions = append(f.pkg.Functions, callgraph.Function{ID: id, Name: "send", At: send.At, Body: inner.Effects})
		c.Args = append(c.Args, callgraph.Arg{To: callgraph.Param{Path: field.Name() + ".RoundTrip"}, Func: id})
	}
	return f.node(callgraph.Node{Kind: callgraph.Invoke, Call: c, At: send.At})
}

// roundTripper returns the RoundTrip method of a transport that is not one of a
// library, and the object that it is called on.
func (f *body) roundTripper(v ssa.Value) (*types.Func, ssa.Value) {
	origins, complete := f.consts.AllOrigins(v)
	if !complete || len(origins) != 1 {
		return nil, nil
	}
	o := origins[0]
	if mi, ok := o.(*ssa.MakeInterface); ok {
		o = mi.X
	}
	obj, _, _ := types.LookupFieldOrMethod(o.Type(), true, f.pass.Pkg, "RoundTrip")
	method, ok := obj.(*types.Func)
	if !ok || types.IsInterface(o.Type()) || netcall.Model(method) != nil {
		return nil, nil
	}
	if method.Pkg() != f.pass.Pkg && f.importFact(method.Origin()) == nil {
		return nil, nil
	}
	return method.Origin(), o
}

func isRoundTripper(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "net/http" && n.Obj().Name() == "RoundTripper"
}

func structOf(t types.Type) (*types.Struct, bool) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	return s, ok
}
