package effects

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/callgraph"
)

// noteConversions notes the concrete types that a function makes interfaces of,
// and the functions that it stores in fields and package variables.
func (b *builder) noteConversions(fn *ssa.Function) {
	for _, block := range fn.Blocks {
		for _, instr := range block.Instrs {
			switch instr := instr.(type) {
			case *ssa.MakeInterface:
				b.noteConversion(instr.X.Type(), instr.Type())
			case *ssa.Store:
				b.noteAssignment(fn, instr)
			}
		}
	}
}

func (b *builder) noteConversion(concrete, iface types.Type) {
	n, ok := types.Unalias(iface).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || retry.IsStandardPath(n.Obj().Pkg().Path()) && n.Obj().Pkg() != b.pass.Pkg {
		return
	}
	methods, ok := n.Underlying().(*types.Interface)
	if !ok || methods.NumMethods() == 0 {
		return
	}
	conv := callgraph.Conversion{Iface: n.Origin().Obj().Pkg().Path() + "." + n.Obj().Name(), Type: types.TypeString(concrete, nil)}
	key := conv.Iface + " " + conv.Type
	if b.converted == nil {
		b.converted = make(map[string]bool)
	}
	if b.converted[key] {
		return
	}
	b.converted[key] = true
	conv.Methods = make(map[string]string)
	for m := range methods.Methods() {
		obj, _, _ := types.LookupFieldOrMethod(concrete, true, b.pass.Pkg, m.Name())
		if f, ok := obj.(*types.Func); ok {
			b.importFact(f.Origin())
			conv.Methods[m.Name()] = f.Origin().FullName()
		}
	}
	b.pkg.Conversions = append(b.pkg.Conversions, conv)
}

func (b *builder) noteAssignment(fn *ssa.Function, st *ssa.Store) {
	b.noteNumber(fn, st)
	if _, ok := st.Val.Type().Underlying().(*types.Signature); !ok {
		return
	}
	f := &body{builder: b, fn: fn}
	arg, ok := f.functionArg(st.Val)
	if !ok || arg.Func == "" {
		return
	}
	switch addr := st.Addr.(type) {
	case *ssa.FieldAddr:
		if slot := retry.FieldSlot(addr); slot != "" {
			b.pkg.Assignments = append(b.pkg.Assignments, callgraph.Assignment{Slot: slot, Func: arg.Func})
		}
	case *ssa.Global:
		b.pkg.Assignments = append(b.pkg.Assignments, callgraph.Assignment{Slot: addr.RelString(nil), Func: arg.Func})
	}
}

// noteNumber notes a number that a function stores in a field.
func (b *builder) noteNumber(fn *ssa.Function, st *ssa.Store) {
	addr, ok := st.Addr.(*ssa.FieldAddr)
	t, basic := st.Val.Type().Underlying().(*types.Basic)
	if !ok || !basic || t.Info()&types.IsInteger == 0 || isNamedType(st.Val.Type()) {
		return
	}
	slot := retry.FieldSlot(addr)
	if slot == "" {
		return
	}
	vals := []ssa.Value{st.Val}
	if phi, ok := st.Val.(*ssa.Phi); ok {
		vals = phi.Edges // any of them
	}
	for _, v := range vals {
		b.pkg.Numbers = append(b.pkg.Numbers, callgraph.Stored{Slot: slot, Amount: b.storedNumber(fn, v)})
	}
}

// storedNumber says a number in terms that hold outside of the function.
func (b *builder) storedNumber(fn *ssa.Function, v ssa.Value) callgraph.Amount {
	f := &body{builder: b, fn: fn}
	if load, ok := v.(*ssa.UnOp); ok {
		if fv, ok := load.X.(*ssa.FreeVar); ok {
			v = fv
		}
	}
	if fv, ok := v.(*ssa.FreeVar); ok && fn.Parent() != nil {
		// An option: func WithRetries(n int) Option { return func(c *C) { c.retries = n } }
		if p := captured(fv, 0); p != nil && p.Path == "" && p.Index > -100 {
			index := -1 - p.Index
			return callgraph.Amount{Param: &callgraph.Param{Index: index, Slot: parameterSlot(b.idOf(fn.Parent()), index)}}
		}
	}
	amount := b.retries.Amount(v)
	if amount == (callgraph.Amount{}) {
		amount.Var = "0"
	}
	return f.global(amount)
}

// entryOf says how the outside starts a function.
func (b *builder) entryOf(fn *ssa.Function) callgraph.Entry {
	if fn.Name() == "main" && fn.Parent() == nil && fn.Signature.Recv() == nil && b.pass.Pkg.Name() == "main" {
		return callgraph.Main
	}
	if isHandler(fn.Signature) {
		return callgraph.Handler
	}
	obj, ok := fn.Object().(*types.Func)
	if !ok || !obj.Exported() || b.pass.Pkg.Name() == "main" || strings.Contains("/"+b.pass.Pkg.Path()+"/", "/internal/") {
		return callgraph.NoEntry
	}
	if recv := fn.Signature.Recv(); recv != nil {
		if n, ok := named(recv.Type()); ok && !n.Obj().Exported() {
			return callgraph.NoEntry
		}
	}
	return callgraph.Exported
}

func named(t types.Type) (*types.Named, bool) {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return n, ok
}

// isHandler reports whether a signature is that of a handler of incoming
// requests: of net/http, or one of the routers that have their own.
func isHandler(sig *types.Signature) bool {
	params := sig.Params()
	if params.Len() == 2 && typePath(params.At(0).Type()) == "net/http.ResponseWriter" && typePath(params.At(1).Type()) == "net/http.Request" {
		return true
	}
	if params.Len() != 1 {
		return false
	}
	switch typePath(params.At(0).Type()) {
	case "github.com/gin-gonic/gin.Context", "github.com/labstack/echo/v4.Context", "github.com/gofiber/fiber/v2.Ctx", "github.com/gofiber/fiber/v3.Ctx":
		return true
	}
	return false
}

func typePath(t types.Type) string {
	n, ok := named(t)
	if !ok || n.Obj().Pkg() == nil {
		return ""
	}
	return n.Obj().Pkg().Path() + "." + n.Obj().Name()
}
