package perrequestclient

import (
	"go/constant"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/rules/clients"
)

// pools lists the places in a function where a pool is made.
func (pk *pkg) pools(fn *ssa.Function) []pool {
	var found []pool
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			switch instr := instr.(type) {
			case *ssa.Alloc:
				if what := pooledType(instr); what != "" {
					found = append(found, pool{fn: fn, value: instr, pos: instr.Pos(), what: what})
				}
			case *ssa.Call:
				if p, ok := pk.madeBy(instr); ok {
					p.fn = fn
					found = append(found, p)
				}
			}
		}
	}
	return found
}

func (pk *pkg) madeBy(call *ssa.Call) (pool, bool) {
	p := pool{value: call, pos: call.Common().Pos()}
	callee := netcall.Callee(call)
	if callee == nil {
		return p, false
	}
	if model := netcall.Model(callee); model != nil {
		if callee.Pkg() != nil {
			p.what = callee.Pkg().Name() + "." + callee.Name()
		}
		return p, netcall.HasRole(model, clients.Pool) && !isLent(call)
	}
	fn := call.Call.StaticCallee()
	if fn == nil {
		return p, false
	}
	m := pk.makes(fn)
	if m == nil {
		return p, false
	}
	p.what, p.made = m.What, m.What
	return p, true
}

// isLent reports whether a constructor gets an HTTP client to send through, and
// so makes no pool of its own: the clients of AWS services share the HTTPClient
// of their configuration (service/sqs@v1.52.9/api_client.go:506), which the
// function that makes them sets in a field or by config.WithHTTPClient.
func isLent(call *ssa.Call) bool {
	if len(call.Call.Args) == 0 || typeString(call.Call.Args[0].Type()) != "github.com/aws/aws-sdk-go-v2/aws.Config" {
		return false
	}
	for _, b := range call.Parent().Blocks {
		for _, instr := range b.Instrs {
			switch instr := instr.(type) {
			case *ssa.FieldAddr:
				if netcall.FieldName(instr) == "HTTPClient" {
					return true
				}
			case *ssa.Call:
				if fn := instr.Call.StaticCallee(); fn != nil && fn.String() == "github.com/aws/aws-sdk-go-v2/config.WithHTTPClient" {
					return true
				}
			}
		}
	}
	return false
}

// pooledType returns the name of the type of a composite literal or variable
// that holds connections, "" if it does not.
func pooledType(alloc *ssa.Alloc) string {
	n, ok := types.Unalias(alloc.Type().Underlying().(*types.Pointer).Elem()).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || alloc.Comment != "complit" && alloc.Comment != "new" {
		return ""
	}
	model := clients.LookupType(n.Obj().Pkg().Path(), n.Obj().Name())
	if model == nil || !slices.Contains(model.Roles, clients.Pool) || keepsNothing(alloc) {
		return ""
	}
	return n.Obj().Pkg().Name() + "." + n.Obj().Name()
}

// keepsNothing reports whether a transport closes each connection after its
// request, so that it is no pool at all.
func keepsNothing(alloc *ssa.Alloc) bool {
	for _, ref := range *alloc.Referrers() {
		field, ok := ref.(*ssa.FieldAddr)
		if !ok || netcall.FieldName(field) != "DisableKeepAlives" {
			continue
		}
		for _, ref := range *field.Referrers() {
			st, ok := ref.(*ssa.Store)
			if !ok {
				continue
			}
			if c, ok := st.Val.(*ssa.Const); ok && c.Value != nil && c.Value.Kind() == constant.Bool && constant.BoolVal(c.Value) {
				return true
			}
		}
	}
	return false
}

// makes tells whether a function returns a pool that it has made and that
// nothing else keeps.
func (pk *pkg) makes(fn *ssa.Function) *Makes {
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	if m, ok := pk.made[fn]; ok {
		return m
	}
	pk.made[fn] = nil // while being worked out
	var m *Makes
	if len(fn.Blocks) == 0 {
		m = pk.imported(fn)
	} else if fn.Signature.Results().Len() > 0 {
		for _, p := range pk.pools(fn) {
			if f := pk.trace(fn, p.value); f.returned && !f.kept {
				m = &Makes{What: p.what}
				break
			}
		}
	}
	pk.made[fn] = m
	return m
}

func (pk *pkg) imported(fn *ssa.Function) *Makes {
	obj, ok := fn.Object().(*types.Func)
	if !ok || obj.Pkg() == nil || obj.Pkg() == pk.pass.Pkg {
		return nil
	}
	var m Makes
	if pk.pass.ImportObjectFact(obj, &m) {
		return &m
	}
	return nil
}
