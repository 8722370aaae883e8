package constflow

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// An Object is memory that a pointer may refer to: a variable or composite
// literal (*ssa.Alloc), a package variable (*ssa.Global), or a struct held by
// value in a field, of whatever instance.
type Object struct {
	Root  ssa.Value  // *ssa.Alloc or *ssa.Global; nil for a field
	Field *types.Var // nil unless Root is
}

// Pos returns where the object is declared or written as a literal.
func (o Object) Pos() token.Pos {
	if o.Root != nil {
		return o.Root.Pos()
	}
	return o.Field.Pos()
}

// Objects returns the objects of the package that a pointer may refer to, and
// whether it can refer to no others.
func (t *Tracer) Objects(v ssa.Value) (objs []Object, complete bool) {
	return t.objectsBelow(v, 0)
}

// maxBases limits how many structs of structs are told apart by instance.
const maxBases = 3

func (t *Tracer) objectsBelow(v ssa.Value, depth int) (objs []Object, complete bool) {
	if depth > maxBases {
		return nil, false
	}
	key := pointed{v, depth}
	if known, ok := t.objects.Load(key); ok {
		known := known.(*pointees)
		return known.objs, known.complete
	}
	w := &objectWalk{t: t, depth: depth, seen: make(map[ssa.Value]bool)}
	w.value(v)
	complete = !w.unknown && len(w.objs) > 0
	t.objects.Store(key, &pointees{w.objs, complete})
	return w.objs, complete
}

// A pointed is a question about a pointer, pointees the answer: they are asked
// for again and again.
type pointed struct {
	v     ssa.Value
	depth int
}

type pointees struct {
	objs     []Object
	complete bool
}

type objectWalk struct {
	t       *Tracer
	depth   int
	seen    map[ssa.Value]bool
	objs    []Object
	unknown bool
}

func (w *objectWalk) add(o Object) {
	if !slices.Contains(w.objs, o) {
		w.objs = append(w.objs, o)
	}
}

func (w *objectWalk) value(v ssa.Value) {
	if w.seen[v] {
		return
	}
	w.seen[v] = true
	switch v := v.(type) {
	case *ssa.Alloc, *ssa.Global:
		w.add(Object{Root: v})
	case *ssa.FieldAddr:
		w.add(Object{Field: fieldOf(v)})
		if w.t.setElsewhere(fieldOf(v)) {
			_, known := w.t.objectsBelow(v.X, w.depth+1)
			w.unknown = w.unknown || !known
		}
	case *ssa.Const: // nil
	case *ssa.MakeInterface:
		w.value(v.X)
	case *ssa.ChangeInterface:
		w.value(v.X)
	case *ssa.ChangeType:
		w.value(v.X)
	case *ssa.TypeAssert:
		w.value(v.X)
	case *ssa.Phi:
		w.values(v.Edges)
	case *ssa.Parameter:
		args, complete := w.t.arguments(v)
		w.values(args)
		w.unknown = w.unknown || !complete
	case *ssa.FreeVar:
		w.values(w.t.captured(v))
	case *ssa.Call:
		w.result(v, 0)
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok {
			w.result(call, v.Index)
		} else {
			w.unknown = true
		}
	case *ssa.UnOp:
		if v.Op == token.MUL {
			w.load(v.X)
		} else {
			w.unknown = true
		}
	default:
		w.unknown = true
	}
}

func (w *objectWalk) values(vs []ssa.Value) {
	for _, v := range vs {
		w.value(v)
	}
}

// result follows what a function of the package returns. A Clone method is
// taken to return its receiver: the copy has the same fields.
func (w *objectWalk) result(call *ssa.Call, i int) {
	fn := call.Call.StaticCallee()
	if fn == nil {
		w.unknown = true
		return
	}
	if fn.Name() == "Clone" && fn.Signature.Recv() != nil && len(call.Call.Args) == 1 {
		w.value(call.Call.Args[0])
		return
	}
	results := returned(fn, i)
	w.unknown = w.unknown || len(results) == 0
	w.values(results)
}

// returned lists what a function with a body returns as result i.
func returned(fn *ssa.Function, i int) (results []ssa.Value) {
	for _, b := range origin(fn).Blocks {
		if ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok && i < len(ret.Results) {
			results = append(results, ret.Results[i])
		}
	}
	return results
}

// load follows the pointers that are stored at an address.
func (w *objectWalk) load(addr ssa.Value) {
	switch addr := addr.(type) {
	case *ssa.Alloc:
		w.stored(addr)
	case *ssa.Global:
		w.stored(addr)
		w.unknown = w.unknown || token.IsExported(addr.Name()) && !w.t.isMain()
	case *ssa.FreeVar:
		for _, b := range w.t.captured(addr) {
			w.load(b)
		}
	case *ssa.FieldAddr:
		w.loadField(addr)
	default:
		w.unknown = true
	}
}

// loadField follows the pointers stored in a field: those of the objects that
// its base may be if these are known, else those of any.
func (w *objectWalk) loadField(addr *ssa.FieldAddr) {
	field := fieldOf(addr)
	elsewhere := w.t.setElsewhere(field)
	bases, known := w.t.objectsBelow(addr.X, w.depth+1)
	if !known && elsewhere {
		w.unknown = true
	}
	for _, fa := range w.t.index().fields[field] {
		switch {
		case known:
			if objs, _ := w.t.objectsBelow(fa.X, w.depth+1); !intersect(bases, objs) {
				continue
			}
		case elsewhere && fa.Parent() != addr.Parent():
			// Most instances of such a struct are not this package's own.
			continue
		}
		for _, r := range *fa.Referrers() {
			if st, ok := r.(*ssa.Store); ok && st.Addr == fa {
				w.value(st.Val)
			}
		}
	}
}

func intersect(a, b []Object) bool {
	return slices.ContainsFunc(a, func(o Object) bool { return slices.Contains(b, o) })
}

func (w *objectWalk) stored(addr ssa.Value) {
	for _, u := range w.t.uses(addr) {
		if st, ok := u.Instruction.(*ssa.Store); ok && st.Addr == u.addr {
			w.value(st.Val)
		}
	}
}

// setElsewhere reports whether code out of sight may set a field: other
// packages an exported one, and decoders any that they can see.
func (t *Tracer) setElsewhere(field *types.Var) bool {
	if field.Pkg() == nil || t.pkg == nil || field.Pkg() != t.pkg.Pkg {
		return true
	}
	return field.Exported() && !t.isMain()
}

// A FieldUse is a place where a field of an object is set, or where its address
// is taken so that it may be.
type FieldUse struct {
	Addr *ssa.FieldAddr
	// Store is the assignment; nil if only the address is taken.
	Store *ssa.Store
}

// FieldUses returns the places in the package that set the named field of an
// object, or of a literal that it is a copy of. The second result reports
// whether the object as a whole is overwritten by something unknown, so that
// the field may have any value.
func (t *Tracer) FieldUses(obj Object, name string) (uses []FieldUse, overwritten bool) {
	field := fieldNamed(obj.structType(), name)
	if field == nil {
		return nil, false
	}
	copied := []Object{obj}
	for i := 0; i < len(copied); i++ {
		from, unknown := t.copiedFrom(copied[i])
		overwritten = overwritten || unknown
		for _, o := range from {
			if !slices.Contains(copied, o) {
				copied = append(copied, o)
			}
		}
	}
	for _, fa := range t.index().fields[field] {
		if objs, _ := t.Objects(fa.X); intersect(copied, objs) {
			uses = append(uses, fieldUses(fa)...)
		}
	}
	return uses, overwritten
}

func fieldUses(fa *ssa.FieldAddr) (uses []FieldUse) {
	for _, r := range *fa.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			if r.Addr == fa {
				uses = append(uses, FieldUse{fa, r})
			}
		case *ssa.UnOp, *ssa.DebugRef, *ssa.FieldAddr, *ssa.IndexAddr:
		default:
			uses = append(uses, FieldUse{fa, nil})
		}
	}
	return uses
}

// copiedFrom returns the variables and literals that are assigned to an object
// as a whole, and whether something else is too.
func (t *Tracer) copiedFrom(obj Object) (from []Object, unknown bool) {
	for _, u := range t.objectUses(obj) {
		st, ok := u.Instruction.(*ssa.Store)
		if !ok || st.Addr != u.addr {
			continue
		}
		if _, zero := st.Val.(*ssa.Const); zero {
			continue
		}
		if load, ok := st.Val.(*ssa.UnOp); ok && load.Op == token.MUL {
			if a, ok := load.X.(*ssa.Alloc); ok {
				from = append(from, Object{Root: a})
				continue
			}
		}
		unknown = true
	}
	return from, unknown
}

// objectUses returns the instructions that use an object's address directly.
func (t *Tracer) objectUses(obj Object) (found []use) {
	if obj.Root != nil {
		return t.uses(obj.Root)
	}
	for _, fa := range t.index().fields[obj.Field] {
		for _, r := range *fa.Referrers() {
			found = append(found, use{r, fa})
		}
	}
	return found
}

// typ returns the type of the memory itself.
func (o Object) typ() types.Type {
	if o.Root != nil {
		return types.Unalias(o.Root.Type()).(*types.Pointer).Elem()
	}
	return o.Field.Type()
}

func (o Object) structType() *types.Struct { return structOf(o.typ()) }

func fieldNamed(s *types.Struct, name string) *types.Var {
	if s == nil {
		return nil
	}
	for f := range s.Fields() {
		if f.Name() == name {
			return f.Origin()
		}
	}
	return nil
}
