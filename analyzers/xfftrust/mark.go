package xfftrust

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
)

// A Read is a place where the address of a client comes from what it may have
// written itself.
type Read struct {
	Kind Kind
	Name string // the header, or the method that stands for it
	// List says that proxies append to the header, so that its first entries
	// are the client's own even behind a proxy.
	List bool
	At   netcall.Posn
}

// A Kind says on what it depends whether a Read can be believed.
type Kind uint8

const (
	Header Kind = iota // on nothing in the program
	Gin                // on the proxies that the gin.Engine trusts
	Echo               // on the extractor of the echo.Echo
	Remote             // on whether middleware overwrites http.Request.RemoteAddr
)

// A mark says that a value is, or was decided by, an address that was read or
// that a function was given.
type mark struct {
	read  Read
	fn    *ssa.Function // whose parameter it is; nil for a read
	param int
	// test is none for the address itself, or for a string or list that
	// contains it; else the value is the outcome of a test of it.
	test test
	at   token.Pos // of the test
}

type marks []mark

// maxMarks limits what is kept for one value: a value that comes from so many
// places is nobody's address.
const maxMarks = 24

func (pk *pkg) add(v ssa.Value, ms ...mark) {
	if v == nil {
		return
	}
	for _, m := range ms {
		if !holds(v.Type(), m) || pk.cleansed[cleansing{owner(v), m.address()}] {
			continue
		}
		pk.marks[v] = pk.grow(pk.marks[v], m)
	}
}

func (pk *pkg) grow(to marks, m mark) marks {
	if len(to) >= maxMarks || slices.Contains(to, m) {
		return to
	}
	pk.changed = true
	return append(to, m)
}

// address returns the mark of what was tested.
func (m mark) address() mark {
	m.test, m.at = none, token.NoPos
	return m
}

// tested returns the marks of the outcome of a test of addresses.
func (ms marks) tested(t test, at token.Pos) (outcome marks) {
	for _, m := range ms {
		if m.test == none {
			m.test, m.at = t, at
			outcome = append(outcome, m)
		}
	}
	return outcome
}

func (ms marks) outcomes() (found marks) {
	for _, m := range ms {
		if m.test != none {
			found = append(found, m)
		}
	}
	return found
}

func (ms marks) addresses() (found marks) {
	for _, m := range ms {
		if m.test == none {
			found = append(found, m)
		}
	}
	return found
}

// owner returns the declared function that a value belongs to, nil for others.
func owner(v ssa.Value) *ssa.Function {
	if v.Parent() == nil {
		return nil
	}
	return outermost(v.Parent())
}

// holds reports whether a value of a type can be what a mark says.
func holds(t types.Type, m mark) bool {
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		return false
	}
	return m.test != none || addressLike(t, 0)
}

// addressLike reports whether a value of a type can hold an address: a string,
// an address of package net or net/netip, lists, iterators and interfaces.
func addressLike(t types.Type, depth int) bool {
	if depth > 2 {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsString != 0 || u.Kind() == types.Byte
	case *types.Slice:
		return addressLike(u.Elem(), depth+1)
	case *types.Array:
		return addressLike(u.Elem(), depth+1)
	case *types.Signature:
		return u.Results().Len() == 0 && u.Params().Len() == 1
	case *types.Interface:
		return true
	case *types.Pointer:
		return addressLike(u.Elem(), depth+1)
	case *types.Struct:
		return isAddress(t)
	}
	return false
}

// isAddress reports whether a type is one of the standard library for addresses.
func isAddress(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	switch typequery.Name(t) {
	case "net.IP", "net.IPAddr", "net.TCPAddr", "net/netip.Addr", "net/netip.AddrPort":
		return true
	}
	return false
}
