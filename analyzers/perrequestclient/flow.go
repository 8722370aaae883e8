package perrequestclient

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
)

// A flow is what becomes of a pool in a function.
type flow struct {
	kept     bool // something that outlives the call has it
	returned bool
	used     bool // for a remote call
	closed   bool
	spawned  bool // a goroutine has it
}

// A tracer follows a value, and what it is put into, through a function.
type tracer struct {
	pk   *pkg
	fn   *ssa.Function
	seen map[ssa.Value]bool
	todo []ssa.Value
	// derived values come from the pool but do not hold it for their user,
	// such as the rows of a query; only their use is of interest.
	derived map[ssa.Value]bool
	flow    flow
}

func (pk *pkg) trace(fn *ssa.Function, v ssa.Value) flow {
	t := &tracer{pk: pk, fn: fn, seen: make(map[ssa.Value]bool), derived: make(map[ssa.Value]bool)}
	t.follow(v, false)
	for len(t.todo) > 0 {
		v := t.todo[len(t.todo)-1]
		t.todo = t.todo[:len(t.todo)-1]
		if refs := v.Referrers(); refs != nil {
			for _, ref := range *refs {
				t.reference(v, ref)
			}
		}
	}
	return t.flow
}

func (t *tracer) follow(v ssa.Value, derived bool) {
	if v == nil || t.seen[v] {
		return
	}
	t.seen[v] = true
	t.derived[v] = derived
	t.todo = append(t.todo, v)
}

func (t *tracer) keep(v ssa.Value) {
	if !t.derived[v] {
		t.flow.kept = true
	}
}

// reference handles one use of a value.
func (t *tracer) reference(v ssa.Value, ref ssa.Instruction) {
	switch ref := ref.(type) {
	case *ssa.Extract:
		if holds(ref.Type()) {
			t.follow(ref, t.derived[v])
		}
	case *ssa.UnOp:
		if ref.Op == token.MUL && holds(ref.Type()) {
			t.follow(ref, t.derived[v])
		}
	case *ssa.Phi, *ssa.ChangeType, *ssa.ChangeInterface, *ssa.MakeInterface, *ssa.TypeAssert, *ssa.Slice, *ssa.Convert:
		t.follow(ref.(ssa.Value), t.derived[v])
	case *ssa.FieldAddr:
		t.follow(ref, t.derived[v])
	case *ssa.Field:
		t.follow(ref, t.derived[v])
	case *ssa.IndexAddr:
		t.follow(ref, t.derived[v])
	case *ssa.Store:
		if ref.Val == v {
			t.into(v, ref.Addr)
		}
	case *ssa.MapUpdate:
		if ref.Value == v {
			t.into(v, ref.Map)
		}
	case *ssa.Send:
		t.keep(v)
	case *ssa.Return:
		t.leave(v, ref)
	case *ssa.MakeClosure:
		t.capture(v, ref)
	case ssa.CallInstruction:
		t.call(v, ref)
	}
}

// holds reports whether a value of type t can hold a pool.
func holds(t types.Type) bool {
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		return false
	}
	_, basic := t.Underlying().(*types.Basic)
	return !basic
}

func (t *tracer) leave(v ssa.Value, ret *ssa.Return) {
	switch {
	case t.derived[v]:
	case ret.Parent() == t.fn:
		t.flow.returned = true
	default:
		t.flow.kept = true // a closure's result: its caller is not followed
	}
}

// into handles a pool that is stored: in a local value, which is followed, or
// in one that outlives the call.
func (t *tracer) into(v, addr ssa.Value) {
	switch root := rootOf(addr).(type) {
	case *ssa.Alloc, *ssa.MakeMap, *ssa.Call, *ssa.MakeSlice, *ssa.Extract:
		t.follow(root, t.derived[v])
	default:
		t.keep(v)
	}
}

// rootOf returns the value that an address or map belongs to. What was loaded
// from a local variable belongs to that variable.
func rootOf(v ssa.Value) ssa.Value {
	for {
		switch x := v.(type) {
		case *ssa.FieldAddr:
			v = x.X
		case *ssa.IndexAddr:
			v = x.X
		case *ssa.Slice:
			v = x.X
		case *ssa.ChangeType:
			v = x.X
		case *ssa.UnOp:
			if x.Op != token.MUL {
				return v
			}
			alloc, ok := x.X.(*ssa.Alloc)
			if !ok {
				return v
			}
			return soleContent(alloc)
		default:
			return v
		}
	}
}

// soleContent returns what a local variable holds if it is stored to once, the
// variable otherwise.
func soleContent(alloc *ssa.Alloc) ssa.Value {
	var content ssa.Value
	for _, ref := range *alloc.Referrers() {
		st, ok := ref.(*ssa.Store)
		if !ok || st.Addr != alloc {
			continue
		}
		if content != nil {
			return alloc
		}
		content = st.Val
	}
	if content == nil {
		return alloc
	}
	return content
}

func (t *tracer) capture(v ssa.Value, closure *ssa.MakeClosure) {
	fn := closure.Fn.(*ssa.Function)
	for i, b := range closure.Bindings {
		if b == v && i < len(fn.FreeVars) {
			t.follow(fn.FreeVars[i], t.derived[v])
		}
	}
	t.follow(closure, t.derived[v])
}

func (t *tracer) call(v ssa.Value, call ssa.CallInstruction) {
	common := call.Common()
	if t.pk.remote[call] {
		t.flow.used = true
	}
	if _, ok := call.(*ssa.Go); ok {
		t.flow.spawned = true
	}
	if common.IsInvoke() && common.Value == v {
		t.method(v, call, common.Method.Name())
		return
	}
	if common.Value == v && !common.IsInvoke() {
		return // calls the closure that holds it
	}
	for i, arg := range common.Args {
		if arg != v {
			continue
		}
		fn := common.StaticCallee()
		switch {
		case fn != nil && len(fn.Blocks) > 0:
			t.passed(v, call, t.pk.paramFlow(fn, i))
		case i == 0 && common.Signature().Recv() != nil && !common.IsInvoke():
			t.method(v, call, fn.Name())
		default:
			t.handed(v, call)
		}
	}
}

// method handles a method called on a pool or on what holds it.
func (t *tracer) method(v ssa.Value, call ssa.CallInstruction, name string) {
	switch name {
	case "Close", "CloseIdleConnections", "Disconnect":
		t.flow.closed = t.flow.closed || !t.derived[v]
		return
	}
	result := call.Value()
	if result == nil {
		return
	}
	same := types.Identical(result.Type(), v.Type()) // a builder that returns its receiver
	t.follow(result, t.derived[v] || !same)
}

// passed handles a pool that is passed to a function of this package.
func (t *tracer) passed(v ssa.Value, call ssa.CallInstruction, f flow) {
	t.flow.used = t.flow.used || f.used
	t.flow.closed = t.flow.closed || f.closed
	t.flow.spawned = t.flow.spawned || f.spawned
	if f.kept {
		t.keep(v)
	}
	if result := call.Value(); f.returned && result != nil {
		t.follow(result, t.derived[v])
	}
}

// handed handles a pool that is passed to a function out of sight. Its results
// hold the pool; a method's receiver does too; if it has neither, it keeps it.
func (t *tracer) handed(v ssa.Value, call ssa.CallInstruction) {
	common := call.Common()
	if m := netcall.ModelOf(call); m != nil && m.Call != nil {
		return
	}
	if _, ok := common.Value.(*ssa.Builtin); ok {
		if result := call.Value(); result != nil && holds(result.Type()) {
			t.follow(result, t.derived[v])
		}
		return
	}
	held := false
	for r := range common.Signature().Results().Variables() {
		held = held || holds(r.Type())
	}
	if result := call.Value(); result != nil && held {
		t.follow(result, t.derived[v])
	}
	switch {
	case common.IsInvoke():
		t.into(v, common.Value)
	case common.Signature().Recv() != nil && len(common.Args) > 0:
		t.into(v, common.Args[0])
	case !held:
		t.keep(v)
	}
}

// paramFlow tells what a function of this package does with a parameter.
func (pk *pkg) paramFlow(fn *ssa.Function, index int) flow {
	key := param{fn, index}
	if f, ok := pk.params[key]; ok {
		return f
	}
	pk.params[key] = flow{}
	if index < len(fn.Params) {
		pk.params[key] = pk.trace(fn, fn.Params[index])
	}
	return pk.params[key]
}
