package netcall

import (
	"go/constant"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules/clients"
)

// A Violation is a call by which a request is sent that nothing bounds.
type Violation struct {
	Call     ssa.CallInstruction
	Fn       *ssa.Function // the function that makes the call
	Strength finding.Strength
	Leaf     Leaf
	// Causes are the contexts, requests and clients that should have bounded
	// it and do not, the most telling first.
	Causes []Value
}

// summarizeCall adds to fn's summary what one of its calls sends and needs.
func (prog *program) summarizeCall(fn *ssa.Function, sum *Summary, call ssa.CallInstruction) {
	if m := prog.modelAt(call); m != nil {
		if m.Call != nil {
			leaf := prog.leaf(call, m)
			sum.addRemote(leaf)
			prog.require(fn, sum, call, prog.directNeed(call, m, leaf))
		}
		return
	}
	callee, root := prog.summaryOf(call)
	if callee == nil {
		return
	}
	for _, leaf := range callee.Remote {
		if _, isGo := call.(*ssa.Go); !isGo {
			sum.addRemote(leaf.through(call, prog))
		}
	}
	if len(callee.Needs) == 0 {
		return
	}
	args := prog.arguments(call)
	for _, need := range callee.Needs {
		lifted := &Need{Leaf: need.Leaf.through(call, prog)}
		for _, v := range need.AnyOf {
			lifted.AnyOf = append(lifted.AnyOf, v.substitute(root, args).bound())
		}
		for _, v := range need.Rarely {
			lifted.Rarely = append(lifted.Rarely, v.substitute(root, args).bound())
		}
		prog.require(fn, sum, call, lifted)
	}
}

// modelAt returns the model of what a call calls, also where the method of an
// interface is called on a value whose library type is known.
func (prog *program) modelAt(call ssa.CallInstruction) *clients.Func {
	if m := ModelOf(call); m != nil {
		if m.Call != nil && m.Call.Protocol == "sql" && prog.hasLocalDriver() {
			return nil // perhaps no request at all
		}
		return m
	}
	common := call.Common()
	if !common.IsInvoke() {
		return nil
	}
	if sum, _ := prog.summaryOf(call); sum != nil {
		return nil
	}
	dynamic := prog.dynamicType(prog.eval(common.Value))
	if dynamic == "" {
		return nil
	}
	pkg, name := splitType(dynamic)
	return clients.LookupFunc(pkg, name, common.Method.Name())
}

// hasLocalDriver reports whether the package registers the driver of a database
// that lives in the process, so that its SQL may never leave it.
func (prog *program) hasLocalDriver() bool {
	return slices.ContainsFunc(prog.pass.Pkg.Imports(), func(p *types.Package) bool {
		lib := clients.LookupLibrary(p.Path())
		return lib != nil && lib.Local
	})
}

func splitType(name string) (pkg, typ string) {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '.' {
			return name[:i], name[i+1:]
		}
	}
	return "", name
}

// leaf describes the request that a modelled call sends.
func (prog *program) leaf(call ssa.CallInstruction, m *clients.Func) Leaf {
	leaf := Leaf{
		Protocol: m.Call.Protocol,
		Op:       m.Call.Op,
		At:       posn(prog.pass.Fset, call.Pos()),
		Stream:   m.Call.Stream,
	}
	if fn := Callee(call); fn != nil {
		leaf.Callee = FuncText(fn)
	}
	if c, ok := Operand(call, m.Call.Method).(*ssa.Const); ok && leaf.Op == "" && c.Value != nil && c.Value.Kind() == constant.String {
		leaf.Op = constant.StringVal(c.Value)
	}
	return leaf
}

// through is the leaf as seen from the function that makes call.
func (l Leaf) through(call ssa.CallInstruction, prog *program) Leaf {
	if len(l.Via) >= maxVia {
		return l
	}
	name := "a function literal"
	if fn := Callee(call); fn != nil {
		name = FuncText(fn)
	}
	l.Via = append([]Step{{Func: name, At: posn(prog.pass.Fset, call.Pos())}}, l.Via...)
	return l
}

// directNeed is what must bound a modelled call; nil if the library does.
func (prog *program) directNeed(call ssa.CallInstruction, m *clients.Func, leaf Leaf) *Need {
	if m.Call.Stream || m.Call.Default != "" {
		return nil
	}
	need := &Need{Leaf: leaf}
	for _, op := range m.Call.BoundedBy {
		need.AnyOf = append(need.AnyOf, prog.operandBound(call, op))
	}
	if len(need.AnyOf) == 0 {
		need.AnyOf = append(need.AnyOf, unbounded(leaf.Callee, leaf.At))
	}
	for _, op := range m.Call.Rarely {
		need.Rarely = append(need.Rarely, prog.operandBound(call, op))
	}
	return need
}

func (prog *program) operandBound(call ssa.CallInstruction, op clients.Operand) Value {
	if op == "zero" {
		if fn := Callee(call); fn != nil && fn.Pkg() != nil {
			// The package function works with the package's default client,
			// which the program may have bounded.
			if g := prog.defaultClient(fn.Pkg()); g != nil {
				return prog.evalGlobal(g).bound()
			}
		}
		return unbounded(calleeText(call), Posn{})
	}
	v := Operand(call, op)
	if v == nil {
		return Value{}
	}
	return prog.eval(v).bound()
}

func (prog *program) defaultClient(pkg *types.Package) *ssa.Global {
	if p := prog.res.Pkg.Prog.ImportedPackage(pkg.Path()); p != nil {
		return p.Var("DefaultClient")
	}
	return nil
}

// require settles a need in fn: it is met, or violated here, or for the
// callers of fn to meet, or nobody knows.
func (prog *program) require(fn *ssa.Function, sum *Summary, call ssa.CallInstruction, need *Need) {
	if need == nil {
		return
	}
	open, unknown, weak := false, false, false
	for i, v := range need.AnyOf {
		if v.Kind == Param {
			v = prog.settle(v)
			need.AnyOf[i] = v
		}
		switch v.Kind {
		case Bounded:
			return
		case Unbounded:
			weak = weak || v.Weak
		case Param:
			open = true
		default:
			unknown = true
		}
	}
	for i, v := range need.Rarely {
		if v.Kind == Param {
			v = prog.settle(v)
			need.Rarely[i] = v
		}
		if v.Kind == Bounded {
			return
		}
		weak = weak || v.Kind != Unbounded
	}
	switch {
	case unknown:
	case open:
		sum.addNeed(*need)
	default:
		prog.violation(fn, call, need, weak)
	}
}

func (prog *program) violation(fn *ssa.Function, call ssa.CallInstruction, need *Need, weak bool) {
	strength := finding.Proven
	if weak {
		strength = finding.Likely
	}
	// The step to the call itself is where the diagnostic stands.
	leaf := need.Leaf
	if len(leaf.Via) > 0 {
		leaf.Via = leaf.Via[1:]
	}
	prog.res.Violations = append(prog.res.Violations, &Violation{
		Call: call, Fn: fn, Strength: strength, Leaf: leaf, Causes: need.AnyOf,
	})
}

// settle resolves a field below a parameter by what is stored in that field
// anywhere; it stays a Param if that does not say.
func (prog *program) settle(v Value) Value {
	settled := v
	prog.eachStored(v, func(stored Value) bool {
		b := stored.bound()
		if b.Kind == Bounded || b.Kind == Unbounded {
			settled = b
			return false
		}
		return true
	})
	return settled
}

// dynamicType returns the type name of the object that v is known to be, or
// that is stored in the field that v names.
func (prog *program) dynamicType(v Value) string {
	if v.Kind == Object {
		return v.Type
	}
	name := ""
	prog.eachStored(v, func(stored Value) bool {
		if stored.Kind == Object {
			name = stored.Type
		}
		return name == ""
	})
	return name
}

// eachStored calls f with what is stored in each of the fields on the path
// below a parameter, seen from its end, until f returns false.
func (prog *program) eachStored(v Value, f func(Value) bool) {
	fn, ok := v.root.(*ssa.Function)
	if v.Kind != Param || !ok || v.Index >= len(fn.Params) {
		return
	}
	t := fn.Params[v.Index].Type()
	for i, name := range v.Path {
		field := fieldNamed(t, name)
		if field == nil || !f(prog.storedIn(field.Origin()).fieldPath(v.Path[i+1:])) {
			return
		}
		t = field.Type()
	}
}

func fieldNamed(t types.Type, name string) *types.Var {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for f := range s.Fields() {
		if f.Name() == name {
			return f
		}
	}
	return nil
}

// addNeed adds a need unless the same call already has one like it.
func (s *Summary) addNeed(need Need) {
	known := slices.ContainsFunc(s.Needs, func(n Need) bool {
		return n.alike(need) && n.Leaf.call() == need.Leaf.call()
	})
	if len(s.Needs) < maxNeeds && !known {
		s.Needs = append(s.Needs, need)
	}
}

// alike reports whether the same bound would meet both needs.
func (n Need) alike(m Need) bool {
	return n.Leaf.Protocol == m.Leaf.Protocol && slices.EqualFunc(n.AnyOf, m.AnyOf, func(a, b Value) bool {
		return a.Kind == b.Kind && (a.Kind != Param || sameParam(a, b))
	})
}

// call is where the function that needs the bound makes its call.
func (l Leaf) call() Posn {
	if len(l.Via) > 0 {
		return l.Via[0].At
	}
	return l.At
}

func (s *Summary) addRemote(leaf Leaf) {
	same := func(l Leaf) bool { return l.Callee == leaf.Callee && l.Op == leaf.Op }
	if len(s.Remote) < maxRemote && !slices.ContainsFunc(s.Remote, same) {
		s.Remote = append(s.Remote, leaf)
	}
}

// collectCalls lists the remote calls of the package's functions.
func (prog *program) collectCalls() {
	for _, fn := range prog.res.Funcs {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				if call, ok := instr.(ssa.CallInstruction); ok {
					prog.collectCall(call)
				}
			}
		}
	}
	slices.SortStableFunc(prog.res.Calls, func(a, b *Call) int { return int(a.Pos() - b.Pos()) })
	slices.SortStableFunc(prog.res.Violations, func(a, b *Violation) int { return int(a.Call.Pos() - b.Call.Pos()) })
}

func (prog *program) collectCall(call ssa.CallInstruction) {
	callee := Callee(call)
	if callee == nil {
		return
	}
	if m := prog.modelAt(call); m != nil {
		if m.Call != nil {
			prog.res.Calls = append(prog.res.Calls, &Call{CallInstruction: call, Callee: callee, Model: m, Leaf: prog.leaf(call, m)})
		}
		return
	}
	if sum, _ := prog.summaryOf(call); sum != nil && len(sum.Remote) > 0 {
		prog.res.Calls = append(prog.res.Calls, &Call{CallInstruction: call, Callee: callee, Leaf: sum.Remote[0]})
	}
}
