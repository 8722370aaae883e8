package constflow

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// Limits that keep a question cheap: beyond them the answer is an unknown value,
// never a wrong one. Values seen in services stay far below.
const (
	maxValues = 32
	maxDepth  = 40   // values followed one from the other
	maxFrames = 6    // calls entered one in the other
	maxSteps  = 4096 // values followed in all: joins of joins multiply the ways
)

// Values returns what can reach v.
func (t *Tracer) Values(v ssa.Value) Set {
	e := &eval{t: t, busy: make(map[step]int)}
	return distinct(e.values(v, nil))
}

// ValuesAt returns what can reach v, an operand of an instruction. Unlike with
// Values, a constant operand is placed where the instruction has it.
func (t *Tracer) ValuesAt(v ssa.Value, at ssa.Instruction) Set {
	e := &eval{t: t, busy: make(map[step]int), at: at}
	return distinct(e.values(v, nil))
}

// FieldValues returns what can be in the named field of the struct that v is
// or points to.
func (t *Tracer) FieldValues(v ssa.Value, name string) Set {
	field := fieldNamed(structOf(v.Type()), name)
	if field == nil {
		return nil
	}
	e := &eval{t: t, busy: make(map[step]int)}
	if _, ok := v.Type().Underlying().(*types.Pointer); ok {
		return distinct(e.fieldAt(v, field, nil))
	}
	return distinct(e.fieldIn(v, field, nil))
}

// ObjectField returns what can be in the named field of an object.
func (t *Tracer) ObjectField(obj Object, name string) Set {
	field := fieldNamed(obj.structType(), name)
	if field == nil {
		return nil
	}
	e := &eval{t: t, busy: make(map[step]int)}
	return distinct(e.fieldOfObject(obj, field, nil))
}

// An eval answers one question.
type eval struct {
	t     *Tracer
	busy  map[step]int // what is being followed, with made as it was before
	made  int          // values being followed that are made of others, not one of them
	depth int
	steps int
	at    ssa.Instruction // the instruction whose operand is being followed
}

type step struct {
	v ssa.Value
	f *frame
}

// A frame is a call that the evaluation has entered: the parameters of fn are
// the arguments of this one call.
type frame struct {
	fn    *ssa.Function
	call  *ssa.Call
	outer *frame
	depth int
}

// of returns the frame of the innermost entered call of fn, nil if there is none.
func (f *frame) of(fn *ssa.Function) *frame {
	for ; f != nil; f = f.outer {
		if f.fn == fn {
			return f
		}
	}
	return nil
}

func unknown(src Source, pos token.Pos) Set {
	return Set{{Source: src, Pos: pos}}
}

// values follows v. It returns nothing where it meets what it is already
// following, as a cycle adds no value of its own, unless something is made of
// it on the way round.
func (e *eval) values(v ssa.Value, f *frame) Set {
	s := step{v, f}
	if made, busy := e.busy[s]; busy {
		if e.made > made {
			return unknown(Elsewhere, v.Pos())
		}
		return nil
	}
	e.steps++
	if e.depth >= maxDepth || e.steps > maxSteps {
		return unknown(Elsewhere, v.Pos())
	}
	e.busy[s] = e.made
	e.depth++
	switch v.(type) {
	case *ssa.BinOp, *ssa.Call:
		e.made++
	}
	defer func() {
		e.made = e.busy[s]
		delete(e.busy, s)
		e.depth--
	}()
	if instr, ok := v.(ssa.Instruction); ok && instr.Pos().IsValid() {
		defer func(at ssa.Instruction) { e.at = at }(e.at)
		e.at = instr
	}
	return e.follow(v, f)
}

func (e *eval) follow(v ssa.Value, f *frame) Set {
	switch v := v.(type) {
	case *ssa.Const:
		return e.constant(v)
	case *ssa.Phi:
		return e.all(v.Edges, f)
	case *ssa.MakeInterface:
		return e.values(v.X, f)
	case *ssa.ChangeInterface:
		return e.values(v.X, f)
	case *ssa.ChangeType:
		return e.values(v.X, f)
	case *ssa.Convert:
		return e.convert(v, f)
	case *ssa.TypeAssert:
		return e.values(v.X, f)
	case *ssa.BinOp:
		if v.Op == token.ADD && isString(v.Type()) {
			return concat(v.Pos(), e.values(v.X, f), e.values(v.Y, f))
		}
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return e.load(v.X, f)
		}
	case *ssa.Field:
		return e.fieldIn(v.X, structOf(v.X.Type()).Field(v.Field).Origin(), f)
	case *ssa.Parameter:
		return e.parameter(v, f)
	case *ssa.FreeVar:
		return e.all(e.t.captured(v), nil)
	case *ssa.Call:
		return e.call(v, 0, f)
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok {
			return e.call(call, v.Index, f)
		}
	}
	return unknown(Elsewhere, v.Pos())
}

func (e *eval) all(vs []ssa.Value, f *frame) (set Set) {
	for _, v := range vs {
		set = append(set, e.values(v, f)...)
		if len(set) > maxValues {
			return append(distinct(set)[:min(maxValues, len(distinct(set)))], Value{Source: Elsewhere})
		}
	}
	return distinct(set)
}

func (e *eval) constant(c *ssa.Const) Set {
	val := c.Value
	if val == nil {
		if val = zero(c.Type()); val == nil {
			return unknown(Elsewhere, token.NoPos)
		}
	}
	return Set{e.known(val)}
}

func (e *eval) known(c constant.Value) Value {
	v := whole(c)
	if e.at != nil {
		v.Pos = e.at.Pos()
	}
	if v.Expr = e.t.literals.of(c, e.at); v.Expr != nil {
		v.Pos = v.Expr.Pos()
	}
	return v
}

// whole returns the value that is all of a constant.
func whole(c constant.Value) Value {
	v := Value{Const: c}
	if c.Kind() == constant.String {
		v.Parts = []Part{{Text: constant.StringVal(c)}}
	}
	return v
}

func zero(t types.Type) constant.Value {
	if b, ok := t.Underlying().(*types.Basic); ok {
		switch info := b.Info(); {
		case info&types.IsBoolean != 0:
			return constant.MakeBool(false)
		case info&types.IsString != 0:
			return constant.MakeString("")
		case info&types.IsNumeric != 0:
			return constant.MakeInt64(0)
		}
	}
	return nil
}

// convert follows a conversion between numbers or between strings and bytes.
func (e *eval) convert(v *ssa.Convert, f *frame) Set {
	from, to := v.X.Type().Underlying(), v.Type().Underlying()
	if isString(to) != isString(from) && !isBytes(from) && !isBytes(to) {
		return unknown(Elsewhere, v.Pos())
	}
	return e.values(v.X, f)
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func isBytes(t types.Type) bool {
	s, ok := t.Underlying().(*types.Slice)
	return ok && types.Identical(s.Elem().Underlying(), types.Typ[types.Byte])
}

func (e *eval) parameter(p *ssa.Parameter, f *frame) Set {
	if in := f.of(p.Parent()); in != nil {
		if i := slices.Index(p.Parent().Params, p); i < len(in.call.Call.Args) {
			defer func(at ssa.Instruction) { e.at = at }(e.at)
			e.at = in.call
			return e.values(in.call.Call.Args[i], in.outer)
		}
	}
	var set Set
	i := slices.Index(p.Parent().Params, p)
	for _, call := range e.t.index().callers[origin(p.Parent())] {
		if i < len(call.Common().Args) {
			at := e.at
			e.at = call
			set = append(set, e.values(call.Common().Args[i], nil)...)
			e.at = at
		}
	}
	if _, complete := e.t.arguments(p); !complete {
		set = append(set, Value{Source: Parameter, Pos: p.Pos()})
	}
	return distinct(set)
}

// call follows what a call returns: through the body of a function of the
// package, or through what is known of a library function.
func (e *eval) call(call *ssa.Call, i int, f *frame) Set {
	if set, ok := e.library(call, i, f); ok {
		return set
	}
	fn := call.Call.StaticCallee()
	if fn == nil || len(fn.Blocks) == 0 && fn.Origin() == nil {
		return unknown(Result, call.Pos())
	}
	in := &frame{fn: origin(fn), call: call, outer: f}
	if f != nil {
		in.depth = f.depth + 1
	}
	if in.depth >= maxFrames || len(returned(fn, i)) == 0 {
		return unknown(Result, call.Pos())
	}
	defer func(at ssa.Instruction) { e.at = at }(e.at)
	var set Set
	for _, b := range origin(fn).Blocks {
		if ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok && i < len(ret.Results) {
			e.at = ret
			set = append(set, e.values(ret.Results[i], in)...)
		}
	}
	if set = distinct(set); len(set) > maxValues {
		return append(set[:maxValues], Value{Source: Elsewhere})
	}
	return set
}

// load follows what is stored at an address.
func (e *eval) load(addr ssa.Value, f *frame) Set {
	switch addr := addr.(type) {
	case *ssa.Alloc, *ssa.Global:
		return e.variable(addr, f)
	case *ssa.FreeVar:
		var set Set
		for _, b := range e.t.captured(addr) {
			set = append(set, e.load(b, f)...)
		}
		return distinct(set)
	case *ssa.FieldAddr:
		return e.fieldAt(addr.X, fieldOf(addr), f)
	case *ssa.IndexAddr:
		return e.element(addr, f)
	case *ssa.Call:
		return e.flagPointer(addr, f)
	case *ssa.UnOp: // a pointer variable: that of a flag
		if addr.Op == token.MUL {
			return e.flagVariable(addr, f)
		}
	}
	return unknown(Elsewhere, addr.Pos())
}

// variable follows all that is ever stored in a variable.
func (e *eval) variable(addr ssa.Value, f *frame) Set {
	var set Set
	for _, u := range e.t.uses(addr) {
		set = append(set, e.stored(u, f)...)
	}
	if g, ok := addr.(*ssa.Global); ok && (e.t.pkg == nil || g.Pkg != e.t.pkg || g.Object() != nil && g.Object().Exported() && !e.t.isMain()) {
		set = append(set, Value{Source: Elsewhere, Pos: g.Pos()})
	}
	if len(set) == 0 {
		if val := zero(types.Unalias(addr.Type()).(*types.Pointer).Elem()); val != nil {
			return Set{e.known(val)}
		}
		return unknown(Elsewhere, addr.Pos())
	}
	return distinct(set)
}

// stored says what one use of a variable's address may put there.
func (e *eval) stored(u use, f *frame) Set {
	defer func(at ssa.Instruction) { e.at = at }(e.at)
	e.at = u.Instruction
	switch instr := u.Instruction.(type) {
	case *ssa.Store:
		if instr.Addr == u.addr {
			return e.values(instr.Val, f.of(instr.Parent()))
		}
		return unknown(Elsewhere, instr.Pos()) // the address is kept somewhere
	case *ssa.UnOp, *ssa.FieldAddr, *ssa.IndexAddr, *ssa.Slice, *ssa.DebugRef:
		return nil
	case ssa.CallInstruction:
		if def := flagDefault(instr); def != nil {
			return append(e.values(def, f.of(u.Instruction.Parent())), Value{Source: Flag, Pos: instr.Pos()})
		}
	}
	return unknown(Elsewhere, u.Instruction.Pos())
}

// element follows every element that is stored in an array or slice literal.
func (e *eval) element(addr *ssa.IndexAddr, f *frame) Set {
	backing := e.backing(addr.X)
	if backing == nil {
		return unknown(Elsewhere, addr.Pos())
	}
	var set Set
	for _, v := range elements(backing) {
		set = append(set, e.values(v, f.of(backing.Parent()))...)
	}
	if len(set) == 0 {
		return unknown(Elsewhere, addr.Pos())
	}
	return distinct(set)
}

// maxBacking is how many steps lead back to a literal at most: a variable may be made
// from itself, as in os.Args = os.Args[1:].
const maxBacking = 16

// backing returns the array behind a slice that is a literal or a package
// variable that only ever holds one literal; nil if it is anything else.
func (e *eval) backing(v ssa.Value) *ssa.Alloc {
	for range maxBacking {
		switch at := v.(type) {
		case *ssa.Alloc:
			return at
		case *ssa.Slice:
			v = at.X
		case *ssa.UnOp:
			if v = e.onlyStored(at); v == nil {
				return nil
			}
		default:
			return nil
		}
	}
	return nil
}

// onlyStored is what a package variable holds that is loaded, if only one thing is ever
// stored in it; else nil.
func (e *eval) onlyStored(load *ssa.UnOp) ssa.Value {
	g, ok := load.X.(*ssa.Global)
	if !ok || load.Op != token.MUL {
		return nil
	}
	var only ssa.Value
	for _, u := range e.t.uses(g) {
		if st, ok := u.Instruction.(*ssa.Store); ok {
			if only != nil {
				return nil
			}
			only = st.Val
		}
	}
	return only
}

// elements lists the values stored in an array, in source order.
func elements(array *ssa.Alloc) (vs []ssa.Value) {
	for _, r := range *array.Referrers() {
		ia, ok := r.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		for _, r := range *ia.Referrers() {
			if st, ok := r.(*ssa.Store); ok && st.Addr == ia {
				vs = append(vs, st.Val)
			}
		}
	}
	return vs
}

// distinct drops repeated values.
func distinct(set Set) Set {
	var out Set
	for _, v := range set {
		if !slices.ContainsFunc(out, func(o Value) bool { return same(o, v) }) {
			out = append(out, v)
		}
	}
	return out
}

func same(a, b Value) bool {
	if a.Const != nil && b.Const != nil {
		return a.Const.ExactString() == b.Const.ExactString()
	}
	return a.Const == nil && b.Const == nil && a.Source == b.Source && a.Pos == b.Pos && slices.Equal(a.Parts, b.Parts)
}
