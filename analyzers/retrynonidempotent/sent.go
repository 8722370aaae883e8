package retrynonidempotent

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
)

// Sends is the fact about a function: which requests one run of it may send that
// must not be sent twice, or that its caller decides about.
type Sends struct {
	Requests []Request
	// Built says what is known of the request that is the first result; nil if
	// the function makes none.
	Built *Parts
}

func (*Sends) AFact() {}

func (s *Sends) String() string {
	var parts []string
	for _, r := range s.Requests {
		parts = append(parts, fmt.Sprintf("%s %s", r.Method, r.Op))
	}
	return "may send " + strings.Join(parts, ", ")
}

// maxRequests bounds the requests of one fact.
const maxRequests = 16

// A Request is a request that a run of a function sends, or a call of a function
// that it is given, which may send some.
type Request struct {
	Parts
	Op    string // "POST payments:8080/v1/charges"
	Where netcall.Posn
	Purpose
	// Calls says that it is a call of a parameter, by its number; 0 if it is not.
	Calls int
	// Again is the retry that repeats it, where only the caller knows whether it
	// may be repeated; nil if there is none.
	Again *Repeat

	// mints are the instructions of the function that make its key; they are
	// those that make a new one each time.
	mints []ssa.Instruction
}

// Parts are what decides whether a request may be repeated. Parameters are
// counted from 1, the receiver included; 0 is none.
type Parts struct {
	Method      string // "" if not known
	MethodParam int    // is the method
	Param       int    // is the request
	Key         Key
	KeyParam    int // is the key
}

// A Key says whether a request carries an idempotency key.
type Key uint8

const (
	NoKey     Key = iota
	StableKey     // the same each time that the function runs
	MintedKey     // a new one each time that it runs
)

// A Repeat is a retry in another function.
type Repeat struct {
	Name  string // "the loop in do"
	Where netcall.Posn
	// Unknown says that it may as well make one attempt.
	Unknown bool
}

// isSafe reports whether requests of a method may be repeated.
// RFC 9110, section 9.2.2.
func isSafe(method string) bool {
	switch strings.ToUpper(method) {
	case "POST", "PATCH":
		return false
	}
	return true
}

// requestsOf lists what a run of a function sends.
func (c *checker) requestsOf(fn *ssa.Function) []Request {
	if known, ok := c.requests[fn]; ok {
		return known
	}
	c.requests[fn] = nil // in a cycle the others decide
	var all []Request
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			for _, r := range c.sentBy(call) {
				for _, layer := range c.layers[call] {
					r = c.repeat(layer, call, r)
				}
				all = add(all, r)
			}
		}
	}
	c.requests[fn] = all
	return all
}

// add keeps what callers may have to know: requests that may not be repeated, or
// of which the caller knows more.
func add(all []Request, r Request) []Request {
	if r.Calls == 0 && r.Method != "" && isSafe(r.Method) || len(all) >= maxRequests {
		return all
	}
	if r.Calls == 0 && r.Method == "" && r.MethodParam == 0 && r.Param == 0 {
		return all
	}
	same := func(x Request) bool {
		return x.Parts == r.Parts && x.Op == r.Op && x.Calls == r.Calls && x.Where == r.Where
	}
	if slices.ContainsFunc(all, same) {
		return all
	}
	return append(all, r)
}

// sentBy lists what one call sends, in terms of the function that it stands in.
func (c *checker) sentBy(call ssa.CallInstruction) []Request {
	common := call.Common()
	if _, builtin := common.Value.(*ssa.Builtin); builtin {
		return nil
	}
	if invoked := c.helpers[call]; invoked != nil {
		return c.invoked(call, invoked)
	}
	if r, ok := c.direct(call); ok {
		return []Request{r}
	}
	if common.IsInvoke() {
		return c.dispatched(call)
	}
	if fn := common.StaticCallee(); fn != nil {
		return c.static(call, fn)
	}
	return c.invoked(call, common.Value)
}

// static lists what a call of a function that is known by name sends.
func (c *checker) static(call ssa.CallInstruction, fn *ssa.Function) []Request {
	args := call.Common().Args
	if known := c.known(fn); len(known) > 0 {
		return c.fill(call, known, args, bindings(call.Common().Value))
	}
	var all []Request
	for _, arg := range args { // errgroup.Group.Go, sync.Once.Do
		if _, ok := arg.Type().Underlying().(*types.Signature); ok && isClosure(arg) {
			all = append(all, c.invoked(call, arg)...)
		}
	}
	return all
}

func isClosure(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.MakeClosure, *ssa.Function:
		return true
	case *ssa.ChangeType:
		return isClosure(v.X)
	}
	return false
}

// dispatched lists what a call of an interface method may send, by the types that
// the package puts into the interface.
func (c *checker) dispatched(call ssa.CallInstruction) []Request {
	common := call.Common()
	args := append([]ssa.Value{common.Value}, common.Args...)
	var all []Request
	for _, id := range c.methods[common.Method.Origin().FullName()] {
		if fn := c.functions[id]; fn != nil {
			all = append(all, c.fill(call, c.requestsOf(fn), args, nil)...)
		} else if s := c.facts[id]; s != nil {
			all = append(all, c.fill(call, s.Requests, args, nil)...)
		}
	}
	return all
}

// invoked lists what a function value sends that a call runs.
func (c *checker) invoked(call ssa.CallInstruction, v ssa.Value) []Request {
	switch v := v.(type) {
	case *ssa.MakeClosure:
		return c.fill(call, c.requestsOf(v.Fn.(*ssa.Function)), nil, v.Bindings)
	case *ssa.Function:
		return c.fill(call, c.known(v), nil, nil)
	case *ssa.ChangeType:
		return c.invoked(call, v.X)
	case *ssa.MakeInterface:
		return c.invoked(call, v.X)
	case *ssa.Parameter:
		return []Request{{Calls: paramIndex(v), Where: c.net.Posn(call.Pos())}}
	case *ssa.FreeVar:
		return []Request{{Calls: freeIndex(v), Where: c.net.Posn(call.Pos())}}
	case *ssa.UnOp:
		if fv, ok := v.X.(*ssa.FreeVar); ok {
			return []Request{{Calls: freeIndex(fv), Where: c.net.Posn(call.Pos())}}
		}
		if stored := storedIn(v.X); len(stored) == 1 && isClosure(stored[0]) {
			return c.invoked(call, stored[0])
		}
	}
	return nil
}

// known lists what a function of this package or of another sends.
func (c *checker) known(fn *ssa.Function) []Request {
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	if fn.Blocks != nil && fn.Pkg == c.net.Pkg {
		return c.requestsOf(fn)
	}
	if obj, ok := fn.Object().(*types.Func); ok {
		if s := c.imported(obj); s != nil {
			return s.Requests
		}
	}
	return nil
}

// firstFree is the number of the first captured variable, after all parameters.
const firstFree = 1000

func paramIndex(p *ssa.Parameter) int { return 1 + slices.Index(p.Parent().Params, p) }

func freeIndex(v *ssa.FreeVar) int { return firstFree + slices.Index(v.Parent().FreeVars, v) }

func bindings(v ssa.Value) []ssa.Value {
	if mc, ok := v.(*ssa.MakeClosure); ok {
		return mc.Bindings
	}
	return nil
}

// storedIn lists what is stored in a variable, by the function that declares it.
func storedIn(addr ssa.Value) (vals []ssa.Value) {
	cell, ok := addr.(*ssa.Alloc)
	if !ok {
		return nil
	}
	for _, ref := range *cell.Referrers() {
		if st, ok := ref.(*ssa.Store); ok && st.Addr == addr {
			vals = append(vals, st.Val)
		}
	}
	return vals
}

// fill states the requests of a callee in terms of its caller.
func (c *checker) fill(call ssa.CallInstruction, requests []Request, args, bound []ssa.Value) (all []Request) {
	passed := func(n int) ssa.Value {
		switch {
		case n >= firstFree && n-firstFree < len(bound):
			return bound[n-firstFree]
		case n > 0 && n-1 < len(args):
			return args[n-1]
		}
		return nil
	}
	for _, r := range requests {
		if r.Calls != 0 {
			all = append(all, c.fillCall(call, r, passed(r.Calls))...)
			continue
		}
		minted := r.Key == MintedKey
		r.mints = outside(r.mints, call)
		if minted && len(r.mints) == 0 {
			r.mints = []ssa.Instruction{call}
		}
		r = c.fillParts(r, passed)
		if r.Again != nil && r.Method != "" && !isSafe(r.Method) {
			if r.Key == NoKey {
				c.reportAgain(r.Again, call, r)
			}
			r.Again = nil
		}
		all = append(all, r)
	}
	return all
}

// outside keeps the instructions of the function that a call stands in.
func outside(mints []ssa.Instruction, call ssa.CallInstruction) (kept []ssa.Instruction) {
	for _, m := range mints {
		if m.Parent() == call.Parent() {
			kept = append(kept, m)
		}
	}
	return kept
}

// fillCall lists what a function sends that the caller passes.
func (c *checker) fillCall(call ssa.CallInstruction, r Request, v ssa.Value) []Request {
	if v == nil {
		return nil
	}
	all := c.invoked(call, v)
	if r.Again == nil {
		return all
	}
	for i := range all {
		all[i] = c.repeatElsewhere(r.Again, call, all[i])
	}
	return all
}

// fillParts fills in what the caller passes for the parts of a request.
func (c *checker) fillParts(r Request, passed func(int) ssa.Value) Request {
	if n := r.MethodParam; n != 0 {
		r.Method, r.MethodParam = c.text(passed(n))
	}
	if n := r.Param; n != 0 {
		p := c.built(passed(n), 0)
		r.Method, r.MethodParam, r.Param = p.Method, p.MethodParam, p.Param
		if r.Key == NoKey && p.Key != NoKey {
			r.Key, r.KeyParam, r.mints = p.Key, p.KeyParam, p.mints
		}
	}
	if n := r.KeyParam; n != 0 {
		k := c.keyFrom(passed(n))
		r.Key, r.KeyParam, r.mints = k.Key, k.KeyParam, k.mints
	}
	if r.Method != "" && strings.HasPrefix(r.Op, "HTTP ") {
		r.Op = r.Method + strings.TrimPrefix(r.Op, "HTTP")
	}
	return r
}
