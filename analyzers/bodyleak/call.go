package bodyleak

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// call applies a call to a path. It returns false if the path ends there.
func (w *walker) call(p *path, call ssa.CallInstruction) bool {
	if w.src != nil && call == w.src.call {
		return w.again(p)
	}
	common := call.Common()
	v := call.Value()
	if v != nil {
		delete(p.vals, v)
	}
	if common.IsInvoke() {
		w.method(p, common)
	}
	for i, arg := range common.Args {
		k := lookup(p.vals, arg)
		if isVariable(arg) {
			continue // its address: see shared
		}
		switch k {
		case response, body, bodyAddr:
			w.pass(p, call, i, k)
		case results:
			w.handOn(p, k)
		case reader:
			w.passReader(p, call)
		case null:
			if v != nil && isErrorTest(common) {
				p.vals[v] = no
			}
		}
	}
	w.invalidate(p, call)
	callee := common.StaticCallee()
	if _, now := call.(*ssa.Call); now && callee != nil && neverReturns(callee) {
		return false
	}
	return true
}

// again handles the loop that comes back to the source: the next response takes
// the place of this one, unless a variable still holds it.
func (w *walker) again(p *path) bool {
	if p.closed {
		return false // from here on the source is followed anyway
	}
	for v, k := range p.vals {
		if phi, ok := v.(*ssa.Phi); ok && k.held() && !usedFrom(phi, p.block) {
			continue
		}
		switch v.(type) {
		case *ssa.Phi, *ssa.Alloc:
			if k.held() && !w.overwrites(v) {
				return false // kept from one turn to the next: a hand-over that is not followed
			}
		}
	}
	w.leak(overwritten, w.src.call.Common().Pos(), unknown)
	return false
}

// overwrites reports whether the source's result is stored in the variable.
func (w *walker) overwrites(v ssa.Value) bool {
	alloc, ok := v.(*ssa.Alloc)
	if !ok {
		return false
	}
	for _, ref := range *alloc.Referrers() {
		if st, ok := ref.(*ssa.Store); ok && st.Addr == alloc {
			if ext, ok := st.Val.(*ssa.Extract); ok && ext.Tuple == w.src.call.Value() {
				return true
			}
		}
	}
	return false
}

// usedFrom reports whether a phi's value is used on some way on from a block
// that does not come by the phi again.
func usedFrom(phi *ssa.Phi, from *ssa.BasicBlock) bool {
	users := make(map[*ssa.BasicBlock]bool)
	for _, ref := range *phi.Referrers() {
		users[ref.Block()] = true
	}
	seen := map[*ssa.BasicBlock]bool{phi.Block(): true}
	todo := []*ssa.BasicBlock{from}
	for len(todo) > 0 {
		b := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, succ := range b.Succs {
			if seen[succ] {
				continue
			}
			if users[succ] {
				return true
			}
			seen[succ] = true
			todo = append(todo, succ)
		}
	}
	return false
}

// method handles a method called on the body itself.
func (w *walker) method(p *path, common *ssa.CallCommon) {
	switch k := lookup(p.vals, common.Value); {
	case k == body && common.Method.Name() == "Close":
		w.done(p)
	case k == body || k == reader:
		p.read = true
		w.out.read = true
	}
}

// pass handles a response or body that is passed to a function.
func (w *walker) pass(p *path, call ssa.CallInstruction, arg int, k kind) {
	switch w.pk.fateIn(call, arg) {
	case Untouched:
		p.read = true
		w.out.read = true
	case OpenIfNil:
		w.testedBy(p, call, null)
	case OpenIfError:
		w.testedBy(p, call, nonNull)
	default:
		w.out.read = true
		w.handOn(p, k)
	}
}

// testedBy goes on where the body is still open after a call that closes it
// depending on the error it returns.
func (w *walker) testedBy(p *path, call ssa.CallInstruction, err kind) {
	v := call.Value()
	if v == nil {
		w.handOn(p, response)
		return
	}
	w.out.handled = true
	p.read = true
	p.vals[v] = err
}

// passReader handles the body as an io.Reader. A result that reads on, such as
// a gzip.Reader, stands for it; net/http closes what it is given to send.
func (w *walker) passReader(p *path, call ssa.CallInstruction) {
	w.out.read = true
	p.read = true
	if fn := call.Common().StaticCallee(); fn != nil && fn.Pkg != nil && fn.Pkg.Pkg.Path() == "net/http" {
		w.handOn(p, reader)
		return
	}
	v := call.Value()
	if v == nil {
		return
	}
	if tuple, ok := v.Type().(*types.Tuple); ok {
		if tuple.Len() > 0 {
			p.vals[v] = reader
		}
	} else if readsOn(v.Type()) {
		p.vals[v] = reader
	}
}

// fateIn returns what the callee of a call does with an argument.
func (pk *pkg) fateIn(call ssa.CallInstruction, arg int) Fate {
	common := call.Common()
	if b, ok := common.Value.(*ssa.Builtin); ok && b.Name() != "append" {
		return Untouched
	}
	fn := common.StaticCallee()
	if fn == nil {
		return Consumed
	}
	if looksOnly(fn) {
		return Untouched
	}
	eff := pk.effect(fn)
	if eff == nil || arg >= len(eff.Params) {
		return Consumed
	}
	return eff.Params[arg]
}

// looksOnly knows the standard library's functions that take a response, or
// anything, and neither close nor keep it.
func looksOnly(fn *ssa.Function) bool {
	switch fn.String() {
	case "(*net/http.Response).Cookies", "(*net/http.Response).Location", "(*net/http.Response).ProtoAtLeast":
		return true
	}
	if fn.Pkg == nil {
		return false
	}
	switch fn.Pkg.Pkg.Path() {
	case "fmt", "log", "log/slog", "reflect":
		return true
	}
	return false
}

// isErrorTest reports whether a call asks something of an error that is not
// true of nil.
func isErrorTest(common *ssa.CallCommon) bool {
	fn := common.StaticCallee()
	if fn == nil {
		return false
	}
	switch fn.String() {
	case "errors.Is", "errors.As", "os.IsTimeout", "os.IsNotExist":
		return true
	}
	return false
}

// invalidate forgets the content of variables that a closure called here may
// set.
func (w *walker) invalidate(p *path, call ssa.CallInstruction) {
	if _, now := call.(*ssa.Call); !now {
		return
	}
	for _, v := range append([]ssa.Value{call.Common().Value}, call.Common().Args...) {
		closure, ok := v.(*ssa.MakeClosure)
		if !ok {
			continue
		}
		fn := closure.Fn.(*ssa.Function)
		for i, b := range closure.Bindings {
			if isVariable(b) && assigns(fn, i) {
				delete(p.vals, b)
			}
		}
	}
}

// assigns reports whether a closure, or one inside it, sets a variable of its
// surroundings.
func assigns(fn *ssa.Function, index int) bool {
	v := fn.FreeVars[index]
	for _, ref := range *v.Referrers() {
		switch ref := ref.(type) {
		case *ssa.Store:
			if ref.Addr == v {
				return true
			}
		case *ssa.MakeClosure:
			for i, b := range ref.Bindings {
				if b == v && assigns(ref.Fn.(*ssa.Function), i) {
					return true
				}
			}
		}
	}
	return false
}

// shared reports whether what is stored in a variable must be taken to be
// handed on: its address is taken, or a closure made before closes or sets it.
func (pk *pkg) shared(alloc *ssa.Alloc, at *ssa.Store) bool {
	for _, ref := range *alloc.Referrers() {
		switch ref := ref.(type) {
		case *ssa.UnOp, *ssa.Store, *ssa.FieldAddr, *ssa.IndexAddr, *ssa.Slice:
			if st, ok := ref.(*ssa.Store); ok && st.Val == alloc {
				return true
			}
		case *ssa.MakeClosure:
			if pk.sharedWith(alloc, ref, at) {
				return true
			}
		case *ssa.DebugRef:
		default:
			return true
		}
	}
	return false
}

func (pk *pkg) sharedWith(alloc *ssa.Alloc, closure *ssa.MakeClosure, at *ssa.Store) bool {
	fn := closure.Fn.(*ssa.Function)
	for i, b := range closure.Bindings {
		if b != alloc {
			continue
		}
		elem := alloc.Type().Underlying().(*types.Pointer).Elem()
		if precedes(closure, at) && kindOf(elem) != unknown && pk.captures(fn, i) != Untouched {
			return true
		}
		if assigns(fn, i) && !onlyDeferred(closure) {
			return true
		}
	}
	return false
}

// precedes reports whether a has always been executed before b, or may have
// been and is not executed after it.
func precedes(a, b ssa.Instruction) bool {
	if a.Block() == b.Block() {
		for _, instr := range a.Block().Instrs {
			switch instr {
			case a:
				return true
			case b:
				return false
			}
		}
	}
	return a.Block().Dominates(b.Block()) || !b.Block().Dominates(a.Block()) && reaches(a.Block(), b.Block())
}

func reaches(from, to *ssa.BasicBlock) bool {
	seen := map[*ssa.BasicBlock]bool{}
	todo := []*ssa.BasicBlock{from}
	for len(todo) > 0 {
		b := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, succ := range b.Succs {
			if succ == to {
				return true
			}
			if !seen[succ] {
				seen[succ] = true
				todo = append(todo, succ)
			}
		}
	}
	return false
}

// onlyDeferred reports whether a closure runs only when the function returns.
func onlyDeferred(closure *ssa.MakeClosure) bool {
	for _, ref := range *closure.Referrers() {
		if d, ok := ref.(*ssa.Defer); !ok || d.Call.Value != closure {
			return false
		}
	}
	return true
}

// neverReturns reports whether no path through a function leads to a return.
func neverReturns(fn *ssa.Function) bool {
	if len(fn.Blocks) == 0 {
		return false
	}
	seen := make([]bool, len(fn.Blocks))
	seen[0] = true
	todo := []*ssa.BasicBlock{fn.Blocks[0]}
	for len(todo) > 0 {
		b := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if _, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok {
			return false
		}
		for _, succ := range b.Succs {
			if !seen[succ.Index] {
				seen[succ.Index] = true
				todo = append(todo, succ)
			}
		}
	}
	return true
}
