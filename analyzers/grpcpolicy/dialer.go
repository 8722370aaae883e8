package grpcpolicy

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/typequery"
)

// A dialer is a function that returns a connection made with options that its
// callers pass: each call of it makes a connection of its own kind.
type dialer struct{ choices choices }

// dialed returns what a call that makes a connection is given, and whether it is
// one: of package grpc's functions or of a dialer.
func (r *Result) dialed(call ssa.CallInstruction) (choices, bool) {
	if opts := dialOptions(call); opts != nil {
		return r.optionsIn(opts, nil), true
	}
	fn := call.Common().StaticCallee()
	if fn == nil || fn.Signature.Results().Len() == 0 || typequery.Name(fn.Signature.Results().At(0).Type()) != grpcPath+".ClientConn" {
		return nil, false
	}
	if len(fn.Blocks) > 0 {
		if d := r.dialer(fn); d != nil {
			return r.substitute(d.choices, call, nil), true
		}
		return nil, false
	}
	fact := new(Dialer)
	if !r.importFact(call, fact) {
		return nil, false
	}
	return r.substitute(fact.Choices, call, nil), true
}

// dialer returns what a function of the package makes connections with, in terms
// of its parameters; nil if it is no dialer.
func (r *Result) dialer(fn *ssa.Function) *dialer {
	if d, known := r.dialers[fn]; known {
		return d
	}
	r.dialers[fn] = nil // while it is being asked for: a function that calls itself is none
	call := dialCall(fn)
	if call == nil {
		return nil
	}
	outer := r.own
	r.own = fn
	defer func() { r.own = outer }()
	found, ok := r.dialed(call)
	if !ok || !slices.ContainsFunc(found, func(list []option) bool { return slices.ContainsFunc(list, isParam) }) {
		return nil
	}
	r.dialers[fn] = &dialer{found}
	return r.dialers[fn]
}

func isParam(o option) bool { return o.Kind == paramOption }

// dialCall returns the one call whose result a function returns as its first,
// apart from nil; nil if there is none.
func dialCall(fn *ssa.Function) (only *ssa.Call) {
	for _, v := range returned(fn, 0) {
		if e, ok := v.(*ssa.Extract); ok && e.Index == 0 {
			v = e.Tuple
		}
		switch v := v.(type) {
		case *ssa.Const:
		case *ssa.Call:
			if only != nil && only != v {
				return nil
			}
			only = v
		default:
			return nil
		}
	}
	return only
}

// ownParam returns 1 + the index of v among the parameters of the function that
// is being described, 0 if it is none.
func (r *Result) ownParam(v ssa.Value) int {
	p, ok := v.(*ssa.Parameter)
	if !ok || r.own == nil || p.Parent() != r.own || !isOptions(p.Type()) && typequery.Name(p.Type()) != grpcPath+".DialOption" {
		return 0
	}
	return 1 + slices.Index(r.own.Params, p)
}

// substitute puts what a call passes in the place of parameters.
func (r *Result) substitute(described choices, call ssa.CallInstruction, seen []ssa.Value) (all choices) {
	args := call.Common().Args
	for _, list := range described {
		some := choices{nil}
		for _, o := range list {
			with := choices{{o}}
			if i := o.Param - 1; isParam(o) && i < len(args) && isOptions(args[i].Type()) {
				with = r.optionsIn(args[i], seen)
			} else if isParam(o) && i < len(args) {
				with = r.optionsOf(args[i], seen)
			}
			some = crossOptions(some, with)
		}
		all = append(all, some...)
	}
	return all.distinct()
}

// exportDialers exports which functions make connections for their callers.
func (r *Result) exportDialers() {
	for _, fn := range r.net.Funcs {
		obj, ok := fn.Object().(*types.Func)
		if !ok || fn.Signature.Results().Len() == 0 || typequery.Name(fn.Signature.Results().At(0).Type()) != grpcPath+".ClientConn" {
			continue
		}
		if d := r.dialer(fn); d != nil {
			r.pass.ExportObjectFact(obj, &Dialer{Choices: d.choices})
		}
	}
}
