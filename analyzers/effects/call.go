package effects

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/analyzers/retrypolicy"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/callgraph"
)

// call returns what one call instruction sends.
func (f *body) call(call ssa.CallInstruction) callgraph.Ref {
	common := call.Common()
	if _, builtin := common.Value.(*ssa.Builtin); builtin {
		return 0
	}
	apps := f.policies.At(call)
	if ref, ok := f.helper(call, apps); ok {
		return ref
	}
	if ref := f.request(call); ref != 0 {
		return f.clientLayers(call, apps, ref)
	}
	if common.IsInvoke() {
		return f.interfaceCall(call)
	}
	if fn := common.StaticCallee(); fn != nil {
		return f.staticCall(call, fn)
	}
	return f.invokeValue(call, common.Value, f.args(call, 0))
}

// helper is a library function that repeats what it is given.
func (f *body) helper(call ssa.CallInstruction, apps []retrypolicy.Application) (callgraph.Ref, bool) {
	i := slices.IndexFunc(apps, func(a retrypolicy.Application) bool { return a.Invokes != nil })
	if i < 0 {
		return 0, false
	}
	ref := f.invokeObject(call, apps[i])
	for j := len(apps) - 1; j >= 0; j-- {
		if ref == 0 || apps[j].Invokes == nil {
			continue
		}
		if apps[j].Poll {
			turns := callgraph.Amount{Var: "polls by " + f.fn.Name()}
			ref = f.node(callgraph.Node{Kind: callgraph.Loop, Parts: []callgraph.Ref{ref}, Count: &turns, At: f.at(call.Pos())})
			continue
		}
		layer := apps[j].Layer
		ref = f.node(callgraph.Node{Kind: callgraph.Repeat, Parts: []callgraph.Ref{ref}, Layer: &layer, At: layer.At})
	}
	return ref, true
}

// invokeObject calls what a helper repeats: a function, or a method of an object.
func (f *body) invokeObject(call ssa.CallInstruction, app retrypolicy.Application) callgraph.Ref {
	if app.Method == "" {
		return f.invokeValue(call, app.Invokes, nil)
	}
	t := app.Invokes.Type()
	if mi, ok := app.Invokes.(*ssa.MakeInterface); ok {
		t = mi.X.Type()
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, f.pass.Pkg, app.Method)
	fn, ok := obj.(*types.Func)
	if !ok {
		return 0
	}
	if types.IsInterface(t) {
		return f.node(callgraph.Node{Kind: callgraph.Invoke, At: f.at(call.Pos()), Call: &callgraph.Call{Iface: fn.Origin().FullName(), Name: fn.Name()}})
	}
	f.importFact(fn.Origin())
	return f.node(callgraph.Node{Kind: callgraph.Invoke, At: f.at(call.Pos()), Call: &callgraph.Call{Func: fn.Origin().FullName(), Name: fn.Name()}})
}

// clientLayers puts what the client repeats around a request.
func (f *body) clientLayers(call ssa.CallInstruction, apps []retrypolicy.Application, ref callgraph.Ref) callgraph.Ref {
	for i := len(apps) - 1; i >= 0; i-- {
		app := apps[i]
		if app.Invokes != nil || !f.repeatsMethod(app, call) || retry.Transparent(app, call) {
			continue
		}
		layer := app.Layer
		ref = f.node(callgraph.Node{Kind: callgraph.Repeat, Parts: []callgraph.Ref{ref}, Layer: &layer, At: f.at(call.Pos())})
	}
	return ref
}

// repeatsMethod reports whether a client repeats requests of the method that a
// call sends.
func (f *body) repeatsMethod(app retrypolicy.Application, call ssa.CallInstruction) bool {
	return app.Methods.Include(f.methodOf(call)) != callgraph.No
}

// staticCall is a call of a function that is known by name.
func (f *body) staticCall(call ssa.CallInstruction, fn *ssa.Function) callgraph.Ref {
	if strings.HasPrefix(fn.Synthetic, "bound method wrapper") {
		return f.invokeValue(call, fn, nil)
	}
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	c := &callgraph.Call{Func: f.idOf(fn), Name: calleeName(call)}
	c.Args = f.args(call, 0)
	if fn.Pkg != f.net.Pkg || fn.Blocks == nil {
		obj, ok := fn.Object().(*types.Func)
		if !ok {
			return 0
		}
		if f.importFact(obj.Origin()) == nil {
			f.passNumbers(c) // a constructor, perhaps
			return f.passedOn(call, obj)
		}
	}
	f.passNumbers(c)
	return f.node(callgraph.Node{Kind: callgraph.Invoke, Call: c, At: f.at(call.Pos())})
}

// passedOn is a call of a function without known effects, which may run the
// functions that it is given: some of the standard library are known to run
// them once.
func (f *body) passedOn(call ssa.CallInstruction, fn *types.Func) callgraph.Ref {
	if !runsItsArgument(fn) {
		return 0
	}
	var parts []callgraph.Ref
	for _, arg := range call.Common().Args {
		if _, ok := arg.Type().Underlying().(*types.Signature); ok {
			parts = append(parts, f.invokeValue(call, arg, nil))
		}
	}
	return f.seq(parts...)
}

// runsItsArgument knows functions that run a function they are given, once.
func runsItsArgument(fn *types.Func) bool {
	if fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() {
	case "sync":
		// What runs once in the life of a process is not sent because of a request, and no
		// loop or retry around it sends it again.
		return !strings.HasPrefix(fn.Name(), "Once") && !isOnce(fn)
	case "golang.org/x/sync/errgroup", "golang.org/x/sync/singleflight", "slices", "maps", "sort", "runtime/pprof", "log/slog":
		return true
	case "time":
		return fn.Name() == "AfterFunc"
	case "context":
		return fn.Name() == "AfterFunc"
	}
	return strings.HasSuffix(fn.Pkg().Path(), "/conc") || strings.HasSuffix(fn.Pkg().Path(), "/conc/pool")
}

// isOnce reports whether a function is (*sync.Once).Do.
func isOnce(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	return recv != nil && typequery.Name(recv.Type()) == "sync.Once"
}

// interfaceCall is a call of an interface method, which Link resolves.
func (f *body) interfaceCall(call ssa.CallInstruction) callgraph.Ref {
	common := call.Common()
	if common.Method.Pkg() == nil || !f.retries.MayReach(call) {
		return 0
	}
	if ref, ok := f.knownObjects(call); ok {
		return ref
	}
	name := common.Method.Origin().FullName()
	c := &callgraph.Call{Iface: name, Name: calleeName(call), Args: f.args(call, 1)}
	if p := retry.ParamBelow(common.Value); p != nil && p.Path != "" && name == roundTrip {
		// What transports are stacked on is passed by who sends through them.
		c = &callgraph.Call{Param: &callgraph.Param{Index: p.Index, Path: p.Path + "." + common.Method.Name()}, Name: calleeName(call)}
	}
	return f.node(callgraph.Node{Kind: callgraph.Invoke, Call: c, At: f.at(call.Pos())})
}

// knownObjects is a call of an interface method where the package shows what the
// interface can hold.
func (f *body) knownObjects(call ssa.CallInstruction) (callgraph.Ref, bool) {
	common := call.Common()
	origins, complete := f.consts.AllOrigins(common.Value)
	if !complete {
		origins, complete = f.storedIn(common.Value)
	}
	if !complete || len(origins) == 0 || len(origins) > 4 {
		return 0, false
	}
	var parts []callgraph.Ref
	for _, o := range origins {
		if mi, ok := o.(*ssa.MakeInterface); ok {
			o = mi.X
		}
		obj, _, _ := types.LookupFieldOrMethod(o.Type(), true, f.pass.Pkg, common.Method.Name())
		fn, ok := obj.(*types.Func)
		if !ok || types.IsInterface(o.Type()) || fn.Pkg() != f.pass.Pkg {
			return 0, false
		}
		c := &callgraph.Call{Func: fn.Origin().FullName(), Name: netcall.FuncText(fn.Origin()), Args: f.arg(callgraph.Param{}, o, 0)}
		c.Args = append(c.Args, f.args(call, 1)...)
		parts = append(parts, f.node(callgraph.Node{Kind: callgraph.Invoke, Call: c, At: f.at(call.Pos())}))
	}
	return f.alt(parts...), true
}

// storedIn returns the origins of all that is stored in the field that a value is
// loaded from, and whether there can be no others: only the package can set it.
func (f *body) storedIn(v ssa.Value) (origins []ssa.Value, complete bool) {
	var slot string
	switch v := v.(type) {
	case *ssa.UnOp:
		if addr, ok := v.X.(*ssa.FieldAddr); ok && hidden(addr.X.Type(), addr.Field) {
			slot = retry.FieldSlot(addr)
		}
	case *ssa.Field:
		if hidden(v.X.Type(), v.Field) {
			slot = retry.FieldSlotOf(v)
		}
	}
	vals := f.interfaceStores()[slot]
	if slot == "" || len(vals) == 0 {
		return nil, false
	}
	for _, val := range vals {
		from, ok := f.consts.AllOrigins(val)
		if !ok {
			return nil, false
		}
		origins = append(origins, from...)
	}
	return origins, true
}

// hidden reports whether only the package can set a field: it or its struct is
// not exported.
func hidden(t types.Type, i int) bool {
	n, ok := named(t)
	s, isStruct := structOf(t)
	return ok && isStruct && i < s.NumFields() && (!n.Obj().Exported() || !s.Field(i).Exported())
}

// interfaceStores returns what the package stores in fields of interface types.
func (b *builder) interfaceStores() map[string][]ssa.Value {
	if b.stores != nil {
		return b.stores
	}
	b.stores = make(map[string][]ssa.Value)
	for _, fn := range b.net.Funcs {
		for _, block := range fn.Blocks {
			for _, instr := range block.Instrs {
				st, ok := instr.(*ssa.Store)
				if !ok || !types.IsInterface(st.Val.Type()) {
					continue
				}
				if addr, ok := st.Addr.(*ssa.FieldAddr); ok {
					if slot := retry.FieldSlot(addr); slot != "" {
						b.stores[slot] = append(b.stores[slot], st.Val)
					}
				}
			}
		}
	}
	return b.stores
}

const roundTrip = "(net/http.RoundTripper).RoundTrip"

// invokeValue is a call of a function value.
func (f *body) invokeValue(call ssa.CallInstruction, v ssa.Value, args []callgraph.Arg) callgraph.Ref {
	arg, ok := f.functionArg(v)
	node := callgraph.Node{Kind: callgraph.Invoke, At: f.at(call.Pos())}
	switch {
	case !ok:
		if !f.retries.MayReach(call) || !mayFail(call.Common().Signature()) {
			return 0
		}
		node.Kind, node.Text = callgraph.Unresolved, retry.TextOf(v)
	case arg.Func != "":
		node.Call = &callgraph.Call{Func: arg.Func, Args: args, Name: calleeName(call)}
	case arg.Slot != "":
		node.Call = &callgraph.Call{Slot: arg.Slot, Args: args, Name: retry.TextOf(v)}
	default:
		node.Call = &callgraph.Call{Param: arg.From, Args: args, Name: retry.TextOf(v)}
	}
	return f.node(node)
}

// mayFail reports whether a function value could be a request: it takes a context
// or returns an error. The function that cancels a context does neither.
func mayFail(sig *types.Signature) bool {
	for v := range sig.Results().Variables() {
		if types.Identical(v.Type(), types.Universe.Lookup("error").Type()) {
			return true
		}
	}
	for v := range sig.Params().Variables() {
		if typePath(v.Type()) == "context.Context" {
			return true
		}
	}
	return false
}

// calleeName is how a call is written.
func calleeName(call ssa.CallInstruction) string {
	if fn := netcall.Callee(call); fn != nil {
		return netcall.FuncText(fn)
	}
	if fn := call.Common().StaticCallee(); fn != nil {
		return nameOf(fn)
	}
	return retry.TextOf(call.Common().Value)
}

// nameOf is how a function is called in its package: "(*Client).Charge", and for
// a literal the function around it.
func nameOf(fn *ssa.Function) string {
	if fn.Parent() != nil {
		return "func in " + nameOf(fn.Parent())
	}
	if fn.Signature.Recv() != nil && fn.Pkg != nil {
		return fn.RelString(fn.Pkg.Pkg)
	}
	return fn.Name()
}
