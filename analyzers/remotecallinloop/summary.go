package remotecallinloop

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
)

// Keyed is the fact about a function that asks another process for one thing by
// a key that it is given.
type Keyed struct{ Requests []KeyedRequest }

// A KeyedRequest is a request of a function in terms of its parameters.
type KeyedRequest struct {
	Protocol    string
	Access      uint8
	Keys        []int // parameters that decide what is asked for, counting the receiver as 0
	Peers       []int // parameters that decide whom
	Transaction bool
	Cached      bool
	Single      bool // the service has no method for several
}

func (*Keyed) AFact() {}

func (k *Keyed) String() string {
	return fmt.Sprintf("asks by parameter %v", k.Requests[0].Keys)
}

const maxRequests = 4 // in one function's fact

// indirect describes a call of a function that sends a request further down.
func (f *finder) indirect(call *netcall.Call) []request {
	sum := f.summaryOf(call)
	if sum == nil {
		return nil
	}
	args := call.Common().Args
	var found []request
	for _, r := range sum.Requests {
		req := request{protocol: r.Protocol, access: access(r.Access), transaction: r.Transaction, cached: r.Cached, single: r.Single}
		req.keys = pick(args, r.Keys)
		req.peers = pick(args, r.Peers)
		found = append(found, req)
	}
	return found
}

func pick(args []ssa.Value, at []int) []ssa.Value {
	var found []ssa.Value
	for _, i := range at {
		if i < len(args) {
			found = append(found, args[i])
		}
	}
	return found
}

// summaryOf returns what is known of the function that a call names, or nil.
func (f *finder) summaryOf(call *netcall.Call) *Keyed {
	if call.Common().IsInvoke() {
		return nil // netcall knows that there is one implementation, not which
	}
	fn := call.Common().StaticCallee()
	if fn == nil {
		return nil
	}
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	if fn.Pkg == f.net.Pkg && fn.Blocks != nil {
		return f.summarize(fn)
	}
	fact := new(Keyed)
	if call.Callee.Pkg() != nil && call.Callee.Pkg() != f.pass.Pkg && f.pass.ImportObjectFact(call.Callee, fact) {
		return fact
	}
	return nil
}

// summarize describes a function of the package, nil if it asks for nothing by
// key.
func (f *finder) summarize(fn *ssa.Function) *Keyed {
	if sum, ok := f.summaries[fn]; ok {
		return sum
	}
	f.summaries[fn] = nil // in a cycle the others decide
	sum := &Keyed{}
	if !isMany(fn.Name()) {
		f.collect(fn, fn, sum)
	}
	if len(sum.Requests) == 0 {
		sum = nil
	}
	f.summaries[fn] = sum
	return sum
}

// collect adds the requests of a function, or of a literal within it.
func (f *finder) collect(root, fn *ssa.Function, sum *Keyed) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(*ssa.Call)
			if !ok || f.remote[call] == nil {
				continue
			}
			for _, req := range f.requestsOf(f.remote[call]) {
				if len(sum.Requests) < maxRequests && f.itemLoop(call, req) == nil {
					f.add(root, call, req, sum)
				}
			}
		}
	}
	for _, lit := range fn.AnonFuncs {
		f.collect(root, lit, sum)
	}
}

func (f *finder) add(root *ssa.Function, call ssa.CallInstruction, req request, sum *Keyed) {
	r := KeyedRequest{
		Protocol: req.protocol, Access: uint8(req.access), Transaction: req.transaction,
		Cached: req.cached || conditional(call), Single: req.single,
		Keys: f.params(root, req.keys), Peers: f.params(root, req.peers),
	}
	for _, i := range r.Keys {
		if t := root.Params[i].Type(); isChunk(t) || isChannel(t) {
			return // it takes many already
		}
	}
	if len(r.Keys) > 0 {
		sum.Requests = append(sum.Requests, r)
	}
}

// params returns the parameters of a function that values are made of.
func (f *finder) params(root *ssa.Function, vs []ssa.Value) []int {
	var found []int
	for _, v := range vs {
		f.trace(v, nil, func(v ssa.Value) bool {
			if p, ok := v.(*ssa.Parameter); ok && p.Parent() == root {
				if i := slices.Index(root.Params, p); !slices.Contains(found, i) {
					found = append(found, i)
				}
			}
			return true
		})
	}
	slices.Sort(found)
	return found
}

// conditional reports whether a call is made only if something is not at hand:
// a map, or what has a boolean besides its result, is asked first.
func conditional(call ssa.CallInstruction) bool {
	return slices.ContainsFunc(constflow.Guards(call), func(test *ssa.If) bool {
		cond := test.Cond
		if not, ok := cond.(*ssa.UnOp); ok && not.Op == token.NOT {
			cond = not.X
		}
		ext, ok := cond.(*ssa.Extract)
		if !ok || !typequery.IsBool(ext.Type()) {
			return false
		}
		switch t := ext.Tuple.(type) {
		case *ssa.Lookup:
			return true
		case *ssa.Call:
			return t != nil
		}
		return false
	})
}

func isChannel(t types.Type) bool {
	_, ok := t.Underlying().(*types.Chan)
	return ok
}

// export publishes the facts of the package.
func (f *finder) export() {
	for _, fn := range f.net.Funcs {
		if obj, ok := fn.Object().(*types.Func); ok && obj.Exported() {
			if sum := f.summarize(fn); sum != nil {
				f.pass.ExportObjectFact(obj, sum)
			}
		}
	}
}
