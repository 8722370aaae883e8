package callsheet

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/callgraph"
)

// A reader is the working state for one package.
type reader struct {
	pass   *analysis.Pass
	net    *netcall.Result
	consts *constflow.Tracer
	sheet  *Sheet
}

func (r *reader) at(pos token.Pos) callgraph.Posn {
	p := r.net.Posn(pos)
	return callgraph.Posn{File: p.File, Line: p.Line, Col: p.Col}
}

// idOf names a function as package effects does.
func idOf(fn *ssa.Function) string {
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	if obj, ok := fn.Object().(*types.Func); ok {
		return obj.Origin().FullName()
	}
	return fn.RelString(nil)
}

func (r *reader) call(c *netcall.Call) {
	call := Call{At: r.at(c.Pos())}
	limit := r.net.LimitOf(c.CallInstruction)
	switch {
	case limit.Stream:
		call.Bound = OpenOnPurpose
	case limit.Kind == netcall.Bounded:
		call.Bound, call.Timeout = Bounded, limit.Dur
	case limit.Kind == netcall.Param:
		call.Bound = Inherited
	case limit.Kind == netcall.Unbounded:
		call.Bound, call.BoundText = UnboundedCall, limit.What
	}
	call.Key, call.KeyAt = r.key(c.CallInstruction)
	outcome, pos := outcomeOf(c.CallInstruction)
	call.Outcome = outcome
	if pos.IsValid() {
		call.OutcomeAt = r.at(pos)
	}
	r.sheet.Calls = append(r.sheet.Calls, call)
}

// function notes what a function limits and which routes it registers.
func (r *reader) function(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			switch instr := instr.(type) {
			case ssa.CallInstruction:
				r.guard(fn, instr)
				r.route(instr)
				r.routed(instr)
			case *ssa.Store:
				r.poolLimit(instr)
			}
		}
	}
}

// keyHeaders are the headers by which servers recognise a request that comes
// again: draft-ietf-httpapi-idempotency-key-header, and what was used before.
var keyHeaders = []string{"Idempotency-Key", "X-Idempotency-Key", "PayPal-Request-Id"}

// keyFields are fields of request messages with the same purpose: AIP-155 names
// request_id.
var keyFields = []string{"RequestId", "RequestID", "IdempotencyKey"}

// key finds the idempotency key that the function of a call puts into a request:
// a header, or a field of the message that is sent.
func (r *reader) key(call ssa.CallInstruction) (name string, at callgraph.Posn) {
	for _, b := range call.Parent().Blocks {
		for _, instr := range b.Instrs {
			switch instr := instr.(type) {
			case *ssa.Call:
				if h := r.keyHeader(instr); h != "" {
					return h, r.at(instr.Pos())
				}
			case *ssa.Store:
				if f := keyField(instr, call); f != "" {
					return f, r.at(instr.Pos())
				}
			}
		}
	}
	return "", callgraph.Posn{}
}

func (r *reader) keyHeader(call *ssa.Call) string {
	fn := netcall.Callee(call)
	if fn == nil || fn.FullName() != "(net/http.Header).Set" && fn.FullName() != "(net/http.Header).Add" {
		return ""
	}
	name := r.text(netcall.Operand(call, "arg0"))
	if i := slices.IndexFunc(keyHeaders, func(h string) bool { return strings.EqualFold(h, name) }); i >= 0 {
		return keyHeaders[i]
	}
	return ""
}

// text is the one constant string that a value can have, or empty.
func (r *reader) text(v ssa.Value) string {
	if v == nil {
		return ""
	}
	set := r.consts.Values(v)
	if len(set) != 1 || set[0].Const == nil || set[0].Const.Kind() != constant.String {
		return ""
	}
	return constant.StringVal(set[0].Const)
}

// keyField is the field of a message, which a call sends, that a store sets.
func keyField(st *ssa.Store, call ssa.CallInstruction) string {
	addr, ok := st.Addr.(*ssa.FieldAddr)
	if !ok || !slices.Contains(call.Common().Args, ssa.Value(addr.X)) {
		return ""
	}
	p, ok := addr.X.Type().Underlying().(*types.Pointer)
	if !ok {
		return ""
	}
	s, ok := p.Elem().Underlying().(*types.Struct)
	if !ok || !slices.Contains(keyFields, s.Field(addr.Field).Name()) {
		return ""
	}
	return s.Field(addr.Field).Name()
}
