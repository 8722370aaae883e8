package retry

import (
	"go/constant"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
)

// amountOf works out what number a value is: a constant, a parameter of the
// function or a field below one, or something named after the source.
func (a *finder) amountOf(v ssa.Value) callgraph.Amount {
	switch v := v.(type) {
	case *ssa.Const:
		if n, ok := intOf(v.Value); ok {
			return callgraph.Amount{N: n}
		}
	case *ssa.Convert:
		return a.amountOf(v.X)
	case *ssa.ChangeType:
		return a.amountOf(v.X)
	case *ssa.BinOp:
		if amount, ok := a.shifted(v); ok {
			return amount
		}
	case *ssa.Parameter:
		return callgraph.Amount{Param: &callgraph.Param{Index: paramIndex(v)}}
	case *ssa.Call:
		if amount, ok := a.lengthOf(v); ok {
			return amount
		}
	}
	if n, ok := a.constantOf(v); ok {
		return callgraph.Amount{N: n}
	}
	if p := ParamBelow(v); p != nil {
		p.Slot = slotOf(v)
		return callgraph.Amount{Param: p}
	}
	return callgraph.Amount{Var: TextOf(v)}
}

// slotOf names the field that a value is loaded from, "" if it is from none.
func slotOf(v ssa.Value) string {
	if load, ok := v.(*ssa.UnOp); ok {
		if addr, ok := load.X.(*ssa.FieldAddr); ok {
			return FieldSlot(addr)
		}
	}
	return ""
}

// FieldSlot names a field of whatever object: "example.com/shop.Server.next". It
// is empty for fields of types without a name.
func FieldSlot(addr *ssa.FieldAddr) string {
	return slotIn(addr.X.Type(), netcall.FieldName(addr))
}

// FieldSlotOf is FieldSlot for a field of a struct that is no variable.
func FieldSlotOf(f *ssa.Field) string { return slotIn(f.X.Type(), fieldOf(f.X.Type(), f.Field)) }

func slotIn(t types.Type, name string) string {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return ""
	}
	return n.Obj().Pkg().Path() + "." + n.Obj().Name() + "." + name
}

// shifted handles n+1 and n-1.
func (a *finder) shifted(v *ssa.BinOp) (callgraph.Amount, bool) {
	x, y := v.X, v.Y
	if _, ok := x.(*ssa.Const); ok && v.Op == token.ADD {
		x, y = y, x
	}
	c, ok := y.(*ssa.Const)
	if !ok || v.Op != token.ADD && v.Op != token.SUB {
		return callgraph.Amount{}, false
	}
	n, ok := intOf(c.Value)
	if !ok {
		return callgraph.Amount{}, false
	}
	if v.Op == token.SUB {
		n = -n
	}
	return plus(a.amountOf(x), n), true
}

// lengthOf is the amount of len(x).
func (a *finder) lengthOf(call *ssa.Call) (callgraph.Amount, bool) {
	b, ok := call.Call.Value.(*ssa.Builtin)
	if !ok || b.Name() != "len" {
		return callgraph.Amount{}, false
	}
	x := call.Call.Args[0]
	if n, ok := a.elementsOf(x); ok {
		return callgraph.Amount{N: n}, true
	}
	return callgraph.Amount{Var: "len(" + TextOf(x) + ")"}, true
}

// elementsOf returns the number of elements of a slice or array that is written
// out in the package.
func (a *finder) elementsOf(x ssa.Value) (int, bool) {
	t := x.Type().Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	if arr, ok := t.(*types.Array); ok {
		return int(arr.Len()), true
	}
	if s, ok := x.(*ssa.Slice); ok && s.Low == nil && s.High == nil {
		return a.elementsOf(s.X)
	}
	if elems, complete := a.consts.Elements(x); complete && len(elems) > 0 {
		return len(elems), true
	}
	return 0, false
}

// constantOf returns the greatest of the constants that a value may be, if it
// can be nothing else.
func (a *finder) constantOf(v ssa.Value) (int, bool) {
	set := a.consts.Values(v)
	if !set.Complete() {
		return 0, false
	}
	most := 0
	for i, val := range set {
		n, ok := intOf(val.Const)
		if !ok {
			return 0, false
		}
		if i == 0 || n > most {
			most = n
		}
	}
	return most, true
}

func intOf(c constant.Value) (int, bool) {
	if c == nil {
		return 0, false
	}
	if c.Kind() == constant.Float {
		c = constant.ToInt(c)
	}
	if c.Kind() != constant.Int {
		return 0, false
	}
	n, exact := constant.Int64Val(c)
	return int(n), exact && n == int64(int32(n))
}

func paramIndex(p *ssa.Parameter) int {
	for i, q := range p.Parent().Params {
		if p == q {
			return i
		}
	}
	return -1
}

// ParamBelow returns the parameter and field path that a value is loaded from,
// nil if it is not.
func ParamBelow(v ssa.Value) *callgraph.Param { return paramWithin(v, 20) }

// paramWithin looks a limited number of steps back: a variable may be assigned from
// itself.
func paramWithin(v ssa.Value, depth int) *callgraph.Param {
	if depth == 0 {
		return nil
	}
	depth--
	switch v := v.(type) {
	case *ssa.Parameter:
		return &callgraph.Param{Index: paramIndex(v)}
	case *ssa.UnOp:
		if v.Op == token.MUL {
			if cell, ok := v.X.(*ssa.Alloc); ok {
				if st := soleStore(cell); st != nil {
					return paramWithin(st.Val, depth)
				}
				return nil
			}
			return paramWithin(v.X, depth)
		}
	case *ssa.Field:
		return below(paramWithin(v.X, depth), fieldOf(v.X.Type(), v.Field))
	case *ssa.FieldAddr:
		if cell, ok := v.X.(*ssa.Alloc); ok {
			if st := soleStore(cell); st != nil { // a struct passed by value
				return below(paramWithin(st.Val, depth), netcall.FieldName(v))
			}
			return nil
		}
		return below(paramWithin(v.X, depth), netcall.FieldName(v))
	}
	return nil
}

func below(p *callgraph.Param, field string) *callgraph.Param {
	if p == nil || field == "" {
		return nil
	}
	if p.Path != "" {
		field = p.Path + "." + field
	}
	return &callgraph.Param{Index: p.Index, Path: field}
}

func fieldOf(t types.Type, i int) string {
	if s, ok := t.Underlying().(*types.Struct); ok && i < s.NumFields() {
		return s.Field(i).Name()
	}
	return ""
}

func soleStore(cell *ssa.Alloc) *ssa.Store {
	var sole *ssa.Store
	for _, r := range *cell.Referrers() {
		if st, ok := r.(*ssa.Store); ok && st.Addr == ssa.Value(cell) {
			if sole != nil {
				return nil
			}
			sole = st
		}
	}
	return sole
}

func plus(a callgraph.Amount, n int) callgraph.Amount {
	if a.N != callgraph.Unbounded {
		a.N += n
	}
	return a
}

// TextOf writes a value as in the source, as far as SSA form keeps it.
func TextOf(v ssa.Value) string { return textWithin(v, 12) }

func textWithin(v ssa.Value, depth int) string {
	if depth == 0 {
		return "a value"
	}
	depth--
	switch v := v.(type) {
	case *ssa.Parameter:
		return v.Name()
	case *ssa.FreeVar:
		return v.Name()
	case *ssa.Global:
		return v.Name()
	case *ssa.Const:
		if v.Value == nil {
			return "nil"
		}
		return v.Value.String()
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return textWithin(v.X, depth)
		}
	case *ssa.FieldAddr:
		return textWithin(v.X, depth) + "." + netcall.FieldName(v)
	case *ssa.Field:
		return textWithin(v.X, depth) + "." + fieldOf(v.X.Type(), v.Field)
	case *ssa.Alloc:
		if v.Comment != "" && token.IsIdentifier(v.Comment) {
			return v.Comment
		}
	case *ssa.Phi:
		if token.IsIdentifier(v.Comment) {
			return v.Comment
		}
	case *ssa.Convert:
		return textWithin(v.X, depth)
	case *ssa.MakeInterface:
		return textWithin(v.X, depth)
	case *ssa.Extract:
		return textWithin(v.Tuple, depth)
	case *ssa.Slice:
		return textWithin(v.X, depth)
	case *ssa.IndexAddr:
		return textWithin(v.X, depth) + "[i]"
	case *ssa.Call:
		if fn := netcall.Callee(v); fn != nil {
			if recv := fn.Signature().Recv(); recv != nil && !v.Call.IsInvoke() && len(v.Call.Args) > 0 {
				return textWithin(v.Call.Args[0], depth) + "." + fn.Name() + "()"
			}
			if v.Call.IsInvoke() {
				return textWithin(v.Call.Value, depth) + "." + fn.Name() + "()"
			}
			return fn.Name() + "()"
		}
		return textWithin(v.Call.Value, depth) + "()"
	case *ssa.BinOp:
		return textWithin(v.X, depth) + v.Op.String() + textWithin(v.Y, depth)
	}
	return "a value"
}
