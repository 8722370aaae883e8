package bodyleak

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/typequery"
)

// A kind is what a value is known to be on the path being followed.
type kind uint8

const (
	unknown  kind = iota
	response      // the response whose body is open
	body          // its body
	bodyAddr      // the address of the field Body
	reader        // something that reads from the body and cannot close it
	results       // all results of the call that opened it
	null          // nil, as the error of a call that succeeded
	nonNull
	yes
	no
)

// held reports whether through such a value the body can still be closed.
func (k kind) held() bool { return k == response || k == body || k == results }

// kindOf returns what a value of type t may hold: a response or a body.
func kindOf(t types.Type) kind {
	switch {
	case isHTTP(t, "Response"):
		return response
	case isReadCloser(t):
		return body
	}
	return unknown
}

// holdsBody reports whether the caller of a function with a result of type t
// may have to close a body.
func holdsBody(t types.Type) bool { return kindOf(t) != unknown }

// isHTTP reports whether t is a pointer to the named type of net/http.
func isHTTP(t types.Type, name string) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "net/http"
}

// isReadCloser reports whether t is an interface through which a body can be
// closed: one whose methods are among those of io.ReadWriteCloser.
func isReadCloser(t types.Type) bool {
	if t == nil {
		return false
	}
	i, ok := t.Underlying().(*types.Interface)
	if !ok || types.IsInterface(t) && i.NumMethods() == 0 {
		return false
	}
	closes := false
	for m := range i.Methods() {
		switch m.Name() {
		case "Close":
			closes = true
		case "Read", "Write":
		default:
			return false
		}
	}
	return closes
}

// readsOn reports whether a value of type t, made from a reader, may read from
// it later: it is a reader itself or holds one, as a json.Decoder does. What was
// decoded from a reader does not.
func readsOn(t types.Type) bool { return !typequery.IsError(t) && holdsReader(t, 2) }

func holdsReader(t types.Type, depth int) bool {
	if hasRead(t) {
		return true
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok || depth == 0 {
		return false
	}
	for f := range s.Fields() {
		if holdsReader(f.Type(), depth-1) {
			return true
		}
	}
	return false
}

func hasRead(t types.Type) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "Read")
	m, ok := obj.(*types.Func)
	return ok && m.Signature().Params().Len() == 1 && m.Signature().Results().Len() == 2
}

// constKind returns what a constant is.
func constKind(c *ssa.Const) kind {
	switch {
	case c.IsNil():
		return null
	case c.Value == nil:
		return unknown
	case c.Value.String() == "true":
		return yes
	case c.Value.String() == "false":
		return no
	}
	return unknown
}
