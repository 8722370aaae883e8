package grpcpolicy

import (
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
)

// interceptorsIn returns the lists of interceptors that a slice may hold.
func (r *Result) interceptorsIn(slice ssa.Value, seen []ssa.Value) (all [][]interceptor) {
	for _, list := range r.ways(slice) {
		some := [][]interceptor{nil}
		for _, v := range list {
			some = crossInterceptors(some, r.interceptorsOf(v, seen))
		}
		all = append(all, some...)
	}
	return all
}

func crossInterceptors(a, b [][]interceptor) (all [][]interceptor) {
	for _, first := range a {
		for _, second := range b {
			if all = append(all, slices.Concat(first, second)); len(all) >= maxWays {
				return all
			}
		}
	}
	return all
}

// interceptorsOf returns what an interceptor may be. Those that chain others
// are the others, and those that do nothing are none.
func (r *Result) interceptorsOf(v ssa.Value, seen []ssa.Value) (all [][]interceptor) {
	if v == nil || len(seen) > maxWays {
		return [][]interceptor{{{}}}
	}
	if slices.Contains(seen, v) {
		return nil
	}
	seen = append(slices.Clip(seen), v)
	at := r.posn(v.Pos())
	switch v := v.(type) {
	case *ssa.Const:
		return [][]interceptor{nil}
	case *ssa.Function:
		return [][]interceptor{{{Func: idOf(v), At: at}}}
	case *ssa.MakeClosure:
		return [][]interceptor{{{Func: idOf(v.Fn.(*ssa.Function)), At: r.posn(v.Fn.Pos())}}}
	case *ssa.Call:
		if found, ok := r.libraryInterceptor(v, seen); ok {
			return found
		}
	}
	from, complete := r.tracer.Before(v)
	if !complete {
		all = r.outsideInterceptor(v, at)
	}
	for _, f := range from {
		all = append(all, r.interceptorsOf(f, seen)...)
	}
	return all
}

// outsideInterceptor says what is known of one that is made out of sight.
func (r *Result) outsideInterceptor(v ssa.Value, at callgraph.Posn) [][]interceptor {
	call, ok := v.(*ssa.Call)
	if !ok || netcall.Callee(call) == nil {
		return [][]interceptor{{{At: at}}}
	}
	fact := new(Options)
	if r.importFact(call, fact) {
		return fact.Interceptors
	}
	return [][]interceptor{{{Maker: netcall.Callee(call).FullName(), At: at}}}
}

// libraryInterceptor reads the functions of go-grpc-middleware that make
// interceptors.
func (r *Result) libraryInterceptor(call *ssa.Call, seen []ssa.Value) ([][]interceptor, bool) {
	fn := netcall.Callee(call)
	if fn == nil || fn.Pkg() == nil || len(call.Call.Args) != 1 {
		return nil, false
	}
	name := fn.Name()
	switch path := fn.Pkg().Path(); {
	case path == middleware && (name == "ChainUnaryClient" || name == "ChainStreamClient"):
		return r.interceptorsIn(call.Call.Args[0], seen), true
	case isRetryPackage(path) && (name == "UnaryClientInterceptor" || name == "StreamClientInterceptor"):
		var all [][]interceptor
		for _, p := range r.retryOptions(call.Call.Args[0]) {
			layer := p.layer(name == "StreamClientInterceptor")
			if layer == nil {
				all = append(all, nil)
				continue
			}
			layer.Name, layer.At = fn.Pkg().Name()+"."+name, r.posn(call.Pos())
			all = append(all, []interceptor{{Layer: layer, At: layer.At}})
		}
		return all, true
	}
	return nil, false
}
