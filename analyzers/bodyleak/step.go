package bodyleak

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
)

// step applies an instruction to a path. It returns false if the path ends.
func (w *walker) step(p *path, instr ssa.Instruction) bool {
	switch instr := instr.(type) {
	case *ssa.Extract:
		set(p.vals, instr, w.extract(p, instr))
	case *ssa.UnOp:
		w.unary(p, instr)
	case *ssa.BinOp:
		set(p.vals, instr, compare(instr.Op, lookup(p.vals, instr.X), lookup(p.vals, instr.Y)))
	case *ssa.FieldAddr:
		w.field(p, instr)
	case *ssa.ChangeType:
		set(p.vals, instr, lookup(p.vals, instr.X))
	case *ssa.ChangeInterface:
		set(p.vals, instr, narrowed(lookup(p.vals, instr.X), instr.Type()))
	case *ssa.MakeInterface:
		set(p.vals, instr, lookup(p.vals, instr.X))
	case *ssa.TypeAssert:
		w.assert(p, instr)
	case *ssa.Slice:
		set(p.vals, instr, lookup(p.vals, instr.X))
	case *ssa.Alloc:
		delete(p.vals, instr)
	case *ssa.Store:
		return w.store(p, instr)
	case *ssa.MapUpdate:
		w.handOn(p, lookup(p.vals, instr.Value))
	case *ssa.Send:
		w.handOn(p, lookup(p.vals, instr.X))
	case *ssa.Select:
		for _, st := range instr.States {
			if st.Send != nil {
				w.handOn(p, lookup(p.vals, st.Send))
			}
		}
	case *ssa.MakeClosure:
		w.capture(p, instr)
	case ssa.CallInstruction:
		return w.call(p, instr)
	}
	return true
}

func (w *walker) extract(p *path, v *ssa.Extract) kind {
	switch tuple := v.Tuple.(type) {
	case *ssa.Call:
		if w.src != nil && ssa.CallInstruction(tuple) == w.src.call {
			switch {
			case v.Index == w.src.result:
				return kindOf(v.Type())
			case typequery.IsError(v.Type()):
				return null
			}
			return unknown
		}
		switch k := p.vals[tuple]; {
		case k == reader && readsOn(v.Type()):
			return reader
		case (k == null || k == nonNull) && typequery.IsError(v.Type()):
			return k
		}
	case *ssa.TypeAssert:
		if v.Index == 0 {
			return p.vals[tuple]
		}
		// Every body can be closed, so asking whether it can is answered.
		if p.vals[tuple] == body && isReadCloser(tuple.AssertedType) {
			return yes
		}
	}
	return unknown
}

func (w *walker) unary(p *path, v *ssa.UnOp) {
	k := unknown
	switch x := lookup(p.vals, v.X); v.Op {
	case token.NOT:
		switch x {
		case yes:
			k = no
		case no:
			k = yes
		}
	case token.MUL:
		switch {
		case isVariable(v.X):
			k = x
		case x == bodyAddr:
			k = body
		case x == response:
			w.handOn(p, x) // a copy of the struct
		}
	}
	set(p.vals, v, k)
}

// isVariable reports whether an address is that of a variable of this function
// or of the one around it. Values are kept for its content, not its address.
func isVariable(addr ssa.Value) bool {
	switch addr := addr.(type) {
	case *ssa.Alloc:
		return true
	case *ssa.FreeVar:
		_, ok := addr.Type().Underlying().(*types.Pointer)
		return ok
	}
	return false
}

func compare(op token.Token, x, y kind) kind {
	if op != token.EQL && op != token.NEQ {
		return unknown
	}
	var equal bool
	switch {
	case x == null && y == null:
		equal = true
	case x == null && isSet(y), y == null && isSet(x):
	case (x == yes || x == no) && (y == yes || y == no):
		equal = x == y
	default:
		return unknown
	}
	if equal == (op == token.EQL) {
		return yes
	}
	return no
}

func isSet(k kind) bool { return k == response || k == body || k == nonNull }

func (w *walker) field(p *path, v *ssa.FieldAddr) {
	k := unknown
	if lookup(p.vals, v.X) == response && !isVariable(v.X) && netcall.FieldName(v) == "Body" {
		k = bodyAddr
	}
	set(p.vals, v, k)
}

// narrowed is the kind of a value that was converted to an interface type: a
// body seen as an io.Reader can only be read.
func narrowed(k kind, t types.Type) kind {
	if k != body {
		return k
	}
	if obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "Close"); obj == nil {
		return reader
	}
	return k
}

func (w *walker) assert(p *path, v *ssa.TypeAssert) {
	k := lookup(p.vals, v.X)
	if k == reader {
		if obj, _, _ := types.LookupFieldOrMethod(v.AssertedType, true, nil, "Close"); obj != nil {
			k = body
		}
	}
	set(p.vals, v, k)
}

func (w *walker) store(p *path, instr *ssa.Store) bool {
	k := lookup(p.vals, instr.Val)
	switch addr := instr.Addr.(type) {
	case *ssa.Alloc:
		if (k.held() || w.isOwnError(instr.Val)) && w.pk.shared(addr, instr) {
			w.handOn(p, response)
			return true
		}
		set(p.vals, addr, k)
		return true
	case *ssa.FreeVar:
		if k.held() {
			w.handOn(p, k)
			return true
		}
		set(p.vals, addr, k)
		return true
	case *ssa.IndexAddr:
		if array, ok := addr.X.(*ssa.Alloc); ok && array.Comment == "varargs" {
			if k.held() || k == reader {
				p.vals[array] = k
			}
			return true
		}
	case *ssa.FieldAddr:
		if lookup(p.vals, addr) == bodyAddr && !k.held() {
			return w.replaceBody(p, instr)
		}
	}
	w.handOn(p, k)
	return true
}

// replaceBody handles "resp.Body = x" where x is not the body itself. What can
// only read the body hides it: closing the new one does not close it.
func (w *walker) replaceBody(p *path, instr *ssa.Store) bool {
	if p.closed {
		return true
	}
	if call, ok := instr.Val.(*ssa.Call); ok {
		if fn := call.Call.StaticCallee(); fn != nil && (fn.String() == "io.NopCloser" || fn.String() == "io/ioutil.NopCloser") {
			for v, k := range p.vals {
				if k == response || k == bodyAddr {
					delete(p.vals, v)
				}
			}
			return true
		}
	}
	w.handOn(p, response)
	return true
}

// isOwnError reports whether v is the error of the source.
func (w *walker) isOwnError(v ssa.Value) bool {
	ext, ok := v.(*ssa.Extract)
	return ok && w.src != nil && ext.Tuple == w.src.call.Value() && typequery.IsError(ext.Type())
}

// handOn notes that the body is closed, or kept by something else, if k is a
// value through which it can be.
func (w *walker) handOn(p *path, k kind) {
	if k.held() || k == reader || k == bodyAddr {
		w.done(p)
		p.read = true
	}
}

// done notes that from here on the body needs nobody to close it.
func (w *walker) done(p *path) {
	if p.closed {
		return
	}
	w.out.handled = true
	p.closed = true
}

func (w *walker) capture(p *path, instr *ssa.MakeClosure) {
	fn := instr.Fn.(*ssa.Function)
	for i, v := range instr.Bindings {
		switch k := lookup(p.vals, v); {
		case !k.held() && k != reader:
		case !isVariable(v):
			w.handOn(p, k) // a method value
		case k == response || k == body:
			if w.pk.captures(fn, i) != Untouched {
				w.handOn(p, k)
			}
			p.read = true
		}
	}
}
