package grpcpolicy

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
)

// ConnOf returns the place of the grpc.NewClient call that made the connection
// which a call goes over: a call of a generated stub's method, or of Invoke or
// NewStream of a connection. Of several that it may be, it is the one that repeats
// at least as much as any other. It reports false if that is not known.
func (r *Result) ConnOf(call ssa.CallInstruction) (callgraph.Posn, bool) {
	channel := channelOf(call)
	if channel == nil || r.net.Pkg == nil {
		return callgraph.Posn{}, false
	}
	w := r.conns(channel)
	if w.unknown || len(w.params) > 0 {
		return callgraph.Posn{}, false
	}
	for _, at := range w.found {
		if !slices.ContainsFunc(w.found, func(o callgraph.Posn) bool { return !r.covers(at, o) }) {
			return at, true
		}
	}
	return callgraph.Posn{}, false
}

// covers reports whether a connection of this package repeats no call less than
// another.
func (r *Result) covers(a, b callgraph.Posn) bool {
	if a == b {
		return true
	}
	x, y := r.dialAt(a), r.dialAt(b)
	if x == nil || y == nil || y.Unknown && !x.Unknown || len(y.Interceptors) > 0 && !slices.Equal(x.Interceptors, y.Interceptors) {
		return false
	}
	for _, m := range slices.Concat(x.Layers, y.Layers) {
		most, _ := match(x.Layers, m)
		least, _ := match(y.Layers, m)
		if attempts(most) < attempts(least) {
			return false
		}
	}
	return true
}

func (r *Result) dialAt(at callgraph.Posn) *Dial {
	for _, d := range r.Dials {
		if d.At == at {
			return d
		}
	}
	return nil
}

// channelOf returns the connection or stub that a call is made through.
func channelOf(call ssa.CallInstruction) ssa.Value {
	common := call.Common()
	if common.IsInvoke() {
		return common.Value
	}
	fn := netcall.Callee(call)
	switch {
	case fn == nil:
		return nil
	case fn.Signature().Recv() != nil && len(common.Args) > 0:
		return common.Args[0]
	case fn.FullName() == grpcPath+".Invoke" && len(common.Args) > 4:
		return common.Args[4]
	}
	return nil
}

// A connWalk follows a connection, or a stub that holds one, to where the
// connection is made.
type connWalk struct {
	r       *Result
	seen    map[ssa.Value]bool
	found   []callgraph.Posn
	params  []*ssa.Parameter // those that callers out of sight may pass
	unknown bool
}

func (r *Result) conns(v ssa.Value) *connWalk {
	w := &connWalk{r: r, seen: make(map[ssa.Value]bool)}
	w.value(v)
	slices.SortFunc(w.found, comparePosns)
	w.found = slices.Compact(w.found)
	return w
}

func (w *connWalk) value(v ssa.Value) {
	if w.seen[v] {
		return
	}
	w.seen[v] = true
	switch v := v.(type) {
	case *ssa.Const: // nil, as after an error
		return
	case *ssa.Alloc:
		w.stub(v)
		return
	case *ssa.Call:
		if w.call(v) {
			return
		}
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok && w.call(call) {
			return
		}
	}
	from, complete := w.r.tracer.Before(v)
	if p, ok := v.(*ssa.Parameter); ok && !complete {
		w.params = append(w.params, p)
	} else if !complete {
		w.unknown = true
	}
	for _, f := range from {
		w.value(f)
	}
}

// call follows a call that makes a connection, or a stub of one.
func (w *connWalk) call(call *ssa.Call) bool {
	if _, ok := w.r.dialed(call); ok {
		w.found = append(w.found, w.r.posn(call.Pos()))
		return true
	}
	fn := netcall.Callee(call)
	if fn == nil {
		return false
	}
	if makesStub(fn) {
		w.value(call.Call.Args[0])
		return true
	}
	fact := new(Conns)
	if !w.r.importFact(call, fact) {
		return false
	}
	w.found = append(w.found, fact.At...)
	if i := fact.Param - 1; i >= 0 && i < len(call.Call.Args) {
		w.value(call.Call.Args[i])
	}
	return true
}

// stub follows the connection in a generated stub that is made by hand. What has
// an Invoke method of its own may do anything.
func (w *connWalk) stub(v *ssa.Alloc) {
	s, ok := v.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Struct)
	if !ok || types.NewMethodSet(v.Type()).Lookup(nil, "Invoke") != nil {
		w.unknown = true
		return
	}
	some := false
	for _, ref := range *v.Referrers() {
		addr, ok := ref.(*ssa.FieldAddr)
		if !ok || !isChannel(s.Field(addr.Field).Type()) {
			continue
		}
		for _, ref := range *addr.Referrers() {
			if st, ok := ref.(*ssa.Store); ok && st.Addr == addr {
				some = true
				w.value(st.Val)
			}
		}
	}
	w.unknown = w.unknown || !some
}

// isChannel reports whether a type is a connection.
func isChannel(t types.Type) bool {
	return typequery.Name(t) == grpcPath+".ClientConn" || typequery.Name(t) == grpcPath+".ClientConnInterface"
}

// makesStub reports whether a function is a constructor of a stub as
// protoc-gen-go-grpc writes it.
func makesStub(fn *types.Func) bool {
	sig := fn.Signature()
	return sig.Recv() == nil && sig.Params().Len() == 1 && sig.Results().Len() == 1 &&
		strings.HasPrefix(fn.Name(), "New") && isChannel(sig.Params().At(0).Type()) && !isChannel(sig.Results().At(0).Type())
}

// exportConns exports over which connections the results of functions talk.
func (r *Result) exportConns() {
	for _, fn := range r.net.Funcs {
		obj, ok := fn.Object().(*types.Func)
		if !ok || fn.Signature.Results().Len() == 0 || makesStub(obj) || !r.talks(fn.Signature.Results().At(0).Type()) {
			continue
		}
		w := &connWalk{r: r, seen: make(map[ssa.Value]bool)}
		for _, result := range returned(fn, 0) {
			w.value(result)
		}
		slices.SortFunc(w.found, comparePosns)
		fact := &Conns{At: slices.Compact(w.found)}
		if w.unknown || len(w.params) > 1 || len(w.params)+len(fact.At) == 0 {
			continue
		}
		if len(w.params) == 1 {
			if fact.Param = 1 + slices.Index(fn.Params, w.params[0]); fact.Param == 0 {
				continue
			}
		}
		r.pass.ExportObjectFact(obj, fact)
	}
}

// talks reports whether a type is a connection or the interface of a stub.
func (r *Result) talks(t types.Type) bool {
	if isChannel(t) {
		return true
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	iface, ok := n.Underlying().(*types.Interface)
	if !ok || iface.NumMethods() == 0 {
		return false
	}
	_, ok = r.Operation(iface.Method(0))
	return ok
}
