package retrypolicy

import (
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/rules/clients"
)

// evalPolicy works out a policy of the catalogue at a call or assignment.
func (r *Reader) evalPolicy(s site, model *clients.Policy) policy {
	var p policy
	if model.From != "" {
		if v := s.operand(model.From); v != nil {
			p = r.policyOf(v).only(model.Only)
		}
	}
	for _, part := range model.Parts {
		if expr := r.choose(s, part.Expr); expr != "keep" {
			p.set(part.Part, r.evalPart(s, part.Part, expr))
		}
	}
	if v := s.operand(model.Options); v != nil {
		p = r.applyOptions(p, v)
	}
	if v := s.operand(model.Combines); v != nil {
		p = p.over(r.combined(v))
	}
	if v := s.operand(model.Layers); v != nil {
		elems, _ := r.tracer.Elements(v)
		for _, e := range elems {
			p.inner = append(p.inner, r.policyOf(e).layers()...)
		}
	}
	if v := s.operand(model.Wraps); v != nil {
		p.inner = append(p.inner, r.policyOf(v).layers()...)
	}
	return p
}

// choose works out an if: what it leaves is an expression without one.
func (r *Reader) choose(s site, expr string) string {
	args, ok := strings.CutPrefix(expr, "if(")
	if !ok {
		return expr
	}
	terms := strings.Split(strings.TrimSuffix(args, ")"), ", ")
	v := s.operand(clients.Operand(terms[0]))
	if v == nil {
		return "unknown"
	}
	switch r.truth(s, v) {
	case callgraph.Yes:
		return terms[1]
	case callgraph.No:
		return terms[2]
	}
	return "unknown"
}

// layers returns the policy and those within it, without what repeats nothing.
func (p policy) layers() (all []policy) {
	if p.repeats() {
		own := p
		own.inner = nil
		all = append(all, own)
	}
	return append(all, p.inner...)
}

// applyOptions applies the elements of a slice of options one after the other.
func (r *Reader) applyOptions(p policy, slice ssa.Value) policy {
	elems, complete := r.tracer.Elements(slice)
	for _, e := range elems {
		p = p.over(r.policyOf(e))
	}
	if !complete {
		p = p.over(unknownPolicy())
	}
	return p
}

// combined is the policy of waits that are added up.
func (r *Reader) combined(slice ssa.Value) (out policy) {
	elems, complete := r.tracer.Elements(slice)
	growth, jitter := callgraph.NoWait, callgraph.No
	for _, e := range elems {
		p := r.policyOf(e)
		if g := p.growth(); g == callgraph.GrowthUnknown || g > growth && growth != callgraph.GrowthUnknown {
			growth = g
		}
		if j := p.tri(clients.Jitter); j == callgraph.Yes || j == callgraph.Unknown && jitter == callgraph.No {
			jitter = j
		}
	}
	out.forget(clients.Growth, clients.Jitter, clients.Factor)
	if complete && growth != callgraph.GrowthUnknown {
		out.set(clients.Growth, fact{growth: growth})
	}
	if complete && jitter != callgraph.Unknown {
		out.set(clients.Jitter, fact{tri: jitter})
	}
	return out
}

// unknownPolicy is the policy of a value of which nothing is known.
func unknownPolicy() (p policy) {
	p.forget(clients.Attempts, clients.Growth, clients.Jitter, clients.Context, clients.RetryAfter, clients.Budget,
		clients.Overall, clients.PerTry, clients.First, clients.Factor, clients.Cap, clients.Spread,
		clients.Modes, clients.Methods, clients.Opaque)
	return p
}

// policyOf returns the policy that a value carries.
func (r *Reader) policyOf(v ssa.Value) policy {
	if p, known := r.policies[v]; known {
		return p
	}
	if r.busy[v] {
		return policy{}
	}
	r.busy[v] = true
	p := r.followed(v)
	delete(r.busy, v)
	r.policies[v] = p
	return p
}

func (r *Reader) followed(v ssa.Value) policy {
	v = embedding(v)
	if load, ok := v.(*ssa.UnOp); ok && load.Op == token.MUL && isStruct(v.Type()) {
		return r.objectAt(load.X)
	}
	origins, complete := r.tracer.AllOrigins(v)
	var found []policy
	for _, o := range origins {
		if c, ok := o.(*ssa.Const); ok && !isStruct(c.Type()) {
			continue // nil sets nothing
		}
		found = append(found, r.ofOrigin(o, v.Type()))
	}
	if !complete {
		found = append(found, r.unknownOf(v.Type()))
	}
	return joinAll(found)
}

// embedding returns the object that v is an embedded part of, if the catalogue
// knows its type, else v: methods of a Redis client are promoted from such parts.
func embedding(v ssa.Value) ssa.Value {
	for {
		part := v
		if load, ok := part.(*ssa.UnOp); ok && load.Op == token.MUL {
			part = load.X
		}
		field, ok := part.(*ssa.FieldAddr)
		if !ok || typeModel(field.X.Type()) == nil {
			return v
		}
		outer := field.X.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Struct)
		if f := outer.Field(field.Field); !f.Embedded() || f.Exported() {
			return v
		}
		v = field.X
	}
}

// ofOrigin returns the policy of a value where it begins. static is the type by
// which it was asked for.
func (r *Reader) ofOrigin(o ssa.Value, static types.Type) policy {
	switch o := o.(type) {
	case *ssa.Const: // the zero value of a struct
		if model := typeModel(o.Type()); model != nil {
			return r.evalPolicy(site{}, &model.Default)
		}
	case *ssa.Call:
		return r.ofResult(o, o, 0, static)
	case *ssa.Extract:
		if call, ok := o.Tuple.(*ssa.Call); ok {
			return r.ofResult(o, call, o.Index, static)
		}
	case *ssa.Function:
		return r.ofFunction(o, static)
	case *ssa.MakeClosure:
		return r.ofFunction(o.Fn.(*ssa.Function), static)
	case *ssa.Alloc, *ssa.FieldAddr, *ssa.Global:
		if typeModel(o.Type()) != nil {
			return r.objectAt(o)
		}
	case *ssa.UnOp:
		if g, ok := o.X.(*ssa.Global); ok && o.Op == token.MUL {
			if p, ok := r.ofVariable(g); ok {
				return r.changed(p, g, "")
			}
		}
		if o.Op == token.MUL && isStruct(o.Type()) {
			return r.objectAt(o.X)
		}
	case *ssa.Parameter:
		return r.changed(r.unknownFrom(o, static), o, "")
	}
	return r.unknownFrom(o, static)
}

// ofResult returns the policy of a call's result, as changed since.
func (r *Reader) ofResult(o ssa.Value, call *ssa.Call, index int, static types.Type) policy {
	model := modelOf(call)
	if model == nil {
		return r.unknownFrom(o, static)
	}
	for i := range model.Makes {
		if m := &model.Makes[i]; m.Index == index {
			p := r.evalPolicy(site{call: call}, &m.Policy)
			if p.name == "" {
				p.name = netcall.Callee(call).Pkg().Name()
			}
			if !p.pos.IsValid() {
				p.pos = call.Pos()
			}
			return r.changed(p, o, "")
		}
	}
	return r.unknownFrom(o, static)
}

// ofVariable returns the policy that the catalogue gives a package variable of a
// library.
func (r *Reader) ofVariable(g *ssa.Global) (policy, bool) {
	if g.Pkg == nil {
		return policy{}, false
	}
	model := clients.LookupRetry(g.Pkg.Pkg.Path(), "", g.Name())
	if model == nil || len(model.Makes) == 0 {
		return policy{}, false
	}
	p := r.evalPolicy(site{}, &model.Makes[0].Policy)
	p.name = g.Pkg.Pkg.Name()
	return p, true
}

// ofFunction returns the policy of a function that is passed as a value: one of
// the catalogue, or an option written in the package, which sets fields of its
// first parameter.
func (r *Reader) ofFunction(fn *ssa.Function, static types.Type) policy {
	if obj, ok := fn.Object().(*types.Func); ok && obj.Pkg() != nil {
		if model := funcModel(obj.Origin()); model != nil && model.Value != nil {
			return r.evalPolicy(site{}, model.Value)
		}
	}
	if len(fn.Params) == 0 && fn.Signature.Results().Len() == 1 {
		return r.ofProvider(fn, static)
	}
	if len(fn.Params) > 0 && len(fn.Blocks) > 0 && typeModel(fn.Params[0].Type()) != nil {
		return r.changed(policy{}, fn.Params[0], "")
	}
	return r.unknownOf(static)
}

// ofProvider returns the policy of what a function without parameters returns.
func (r *Reader) ofProvider(fn *ssa.Function, static types.Type) policy {
	var found []policy
	for _, b := range fn.Blocks {
		if ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok {
			found = append(found, r.policyOf(ret.Results[0]))
		}
	}
	if len(found) == 0 {
		return r.unknownOf(static)
	}
	return joinAll(found)
}

// unknownFrom is the policy of a value that begins out of sight: what is known of
// its own type, or else of the type by which it was asked for.
func (r *Reader) unknownFrom(o ssa.Value, static types.Type) policy {
	if typeModel(o.Type()) != nil {
		return r.unknownOf(o.Type())
	}
	return r.unknownOf(static)
}

// unknownOf is what is known of every value of a type: the default without what
// fields and setters may change.
func (r *Reader) unknownOf(t types.Type) policy {
	model := typeModel(t)
	if model == nil {
		return unknownPolicy()
	}
	p := r.evalPolicy(site{}, &model.Default)
	if model.Configured {
		p.forget(clients.Attempts, clients.Growth, clients.Jitter, clients.Overall, clients.PerTry,
			clients.First, clients.Factor, clients.Cap, clients.Modes, clients.Methods)
	}
	for i := range model.Fields {
		p = r.mayChange(p, t, &model.Fields[i])
	}
	pkg, name := typequery.Names(t)
	lib := clients.LookupRetryLibrary(pkg)
	for i := range lib.Funcs {
		f := &lib.Funcs[i]
		if !strings.HasPrefix(f.Name, "(*"+name+").") && !strings.HasPrefix(f.Name, "("+name+").") {
			continue
		}
		for _, set := range f.Sets {
			for _, part := range set.Parts {
				p.forget(part.Part)
			}
			p.forget(set.Only...)
		}
	}
	p.name = lastElement(pkg)
	return p
}

// mayChange forgets what setting a field of a type would change.
func (r *Reader) mayChange(p policy, t types.Type, field *clients.RetryField) policy {
	for _, part := range field.Parts {
		p.forget(part.Part)
	}
	switch {
	case len(field.Only) > 0:
		p.forget(field.Only...)
	case field.From != "":
		if ft := fieldType(t, field.Name); ft != nil {
			p = p.over(r.unknownOf(ft))
		}
	}
	return p
}

func typeModel(t types.Type) *clients.RetryType {
	pkg, name := typequery.Names(t)
	if pkg == "" {
		return nil
	}
	return clients.LookupRetryType(pkg, name)
}

func isStruct(t types.Type) bool {
	_, ok := t.Underlying().(*types.Struct)
	return ok
}
