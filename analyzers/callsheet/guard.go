package callsheet

import (
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
)

// guards are functions that make their caller wait, or turn it away, while too
// much is under way. Those with a protocol limit a whole pool.
var guards = []struct{ name, protocol string }{
	{"(*golang.org/x/time/rate.Limiter).Wait", ""},
	{"(*golang.org/x/time/rate.Limiter).WaitN", ""},
	{"(*golang.org/x/time/rate.Limiter).Allow", ""},
	{"(*golang.org/x/time/rate.Limiter).AllowN", ""},
	{"(*golang.org/x/time/rate.Limiter).Reserve", ""},
	{"(*golang.org/x/sync/semaphore.Weighted).Acquire", ""},
	{"(*golang.org/x/sync/semaphore.Weighted).TryAcquire", ""},
	{"(*golang.org/x/sync/errgroup.Group).SetLimit", ""},
	{"(*github.com/sony/gobreaker.CircuitBreaker).Execute", ""},
	{"(*github.com/sony/gobreaker/v2.CircuitBreaker[T]).Execute", ""},
	{"(*database/sql.DB).SetMaxOpenConns", "sql"},
}

// poolFields are fields that limit the connections of a client; 0 is no limit.
var poolFields = []struct{ typ, field, protocol string }{
	{"net/http.Transport", "MaxConnsPerHost", "http"},
}

func (r *reader) guard(fn *ssa.Function, call ssa.CallInstruction) {
	callee := netcall.Callee(call)
	if callee == nil {
		return
	}
	for _, g := range guards {
		if g.name != callee.FullName() {
			continue
		}
		guard := Guard{Protocol: g.protocol, Name: netcall.FuncText(callee), At: r.at(call.Pos())}
		if g.protocol == "" {
			guard.Func = idOf(fn)
		}
		r.sheet.Guards = append(r.sheet.Guards, guard)
	}
}

func (r *reader) poolLimit(st *ssa.Store) {
	addr, ok := st.Addr.(*ssa.FieldAddr)
	if !ok {
		return
	}
	p, ok := addr.X.Type().Underlying().(*types.Pointer)
	if !ok {
		return
	}
	s, ok := p.Elem().Underlying().(*types.Struct)
	if !ok {
		return
	}
	typ, field := types.TypeString(p.Elem(), nil), s.Field(addr.Field).Name()
	if c, ok := st.Val.(*ssa.Const); ok && c.Value != nil && c.Value.ExactString() == "0" {
		return
	}
	for _, f := range poolFields {
		if f.typ == typ && f.field == field {
			r.sheet.Guards = append(r.sheet.Guards, Guard{Protocol: f.protocol, Name: shortType(typ) + "." + field, At: r.at(st.Pos())})
		}
	}
}

func shortType(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '/' {
			return name[i+1:]
		}
	}
	return name
}
