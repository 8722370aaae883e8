package xfftrust

import (
	"go/token"
	"go/types"
	"path"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/typequery"
	"github.com/commslint/commslint/finding"
)

// routers lists the functions by which routers are made that believe every peer
// until they are told otherwise, with what tells them.
//
// Sources: gin.New sets trustedProxies to 0.0.0.0/0 and ::/0; Echo.RealIP falls
// back to the first entry of X-Forwarded-For without an IPExtractor (up to v4).
var routers = map[string]Kind{
	"github.com/gin-gonic/gin..New":     Gin,
	"github.com/gin-gonic/gin..Default": Gin,
	"github.com/labstack/echo..New":     Echo,
}

// rewriters lists the middleware that overwrites RemoteAddr with what a header says.
var rewriters = []string{
	"github.com/go-chi/chi/middleware..RealIP",
	"github.com/gorilla/handlers..ProxyHeaders",
	"github.com/zenazn/goji/web/middleware..RealIP",
}

// libraries lists the middleware that decides by an address itself.
var libraries = map[string]Kind{
	"github.com/ulule/limiter/drivers/middleware/gin..NewMiddleware":    Gin,
	"github.com/labstack/echo/middleware..RateLimiter":                  Echo,
	"github.com/go-chi/httprate..LimitByIP":                             Remote,
	"github.com/go-chi/httprate..KeyByIP":                               Remote,
	"github.com/ulule/limiter/drivers/middleware/stdlib..NewMiddleware": Remote,
}

// A setup is a place from which on addresses are believed that anyone can write.
type setup struct {
	kind Kind
	at   token.Pos
	name string
}

// settle exports what the package relies on, and reports the routers that it
// sets up without saying whom they may trust, one for each kind.
func (pk *pkg) settle() {
	r := pk.reliance()
	if len(r.On)+len(r.Settled) > 0 {
		pk.pass.ExportPackageFact(r)
	}
	var reported []Kind
	for _, s := range pk.setups() {
		if !slices.Contains(r.Settled, s.kind) && !slices.Contains(reported, s.kind) {
			reported = append(reported, s.kind)
			pk.reportSetup(s, r.On)
		}
	}
}

func (pk *pkg) reportSetup(s setup, relied []Relied) {
	d := analysis.Diagnostic{Pos: s.at}
	if node := pk.syntax(s.at); node != nil {
		d.Pos, d.End = node.Pos(), node.End()
	}
	limit := false
	for _, r := range relied {
		if r.Kind != s.kind {
			continue
		}
		limit = limit || r.Test == keyed || r.Test == limiter
		d.Related = append(d.Related, netcall.At(pk.res.Pos(r.At), "a request is refused by the client's address here"))
	}
	if len(d.Related) == 0 {
		return
	}
	why := "it can claim an address that passes the checks made of it"
	if limit {
		why = "it evades limits per client with a new value for each request"
	}
	switch s.kind {
	case Gin:
		d.Message = s.name + " trusts every peer as a proxy unless SetTrustedProxies is called, so any client can choose its ClientIP by X-Forwarded-For: " + why
	case Echo:
		d.Message = s.name + " without an IPExtractor believes X-Forwarded-For from every peer, so any client can choose its RealIP: " + why
	default:
		d.Message = s.name + " overwrites RemoteAddr with a header that any client can write: " + why
	}
	netcall.Report(pk.pass, finding.Likely, d)
}

// setups returns the routers that are made and not returned, and the uses of
// middleware that overwrites RemoteAddr.
func (pk *pkg) setups() (found []setup) {
	for _, fn := range pk.res.Funcs {
		pk.each(fn, func(instr ssa.Instruction) {
			switch instr := instr.(type) {
			case *ssa.Call:
				if kind := pk.makesRouter(instr); kind != Header && !pk.handsOut(instr) {
					found = append(found, setup{kind, instr.Pos(), displayed(&instr.Call)})
				}
			case *ssa.Store:
				if ms := pk.marks[instr.Val].addresses(); remoteAddr(instr.Addr) && len(ms) > 0 && ms[0].fn == nil && ms[0].read.Kind == Header {
					found = append(found, setup{Remote, instr.Pos(), "this"})
				}
			}
			if name, pos, ok := rewriter(instr); ok && !pk.isTrusted(instr) {
				found = append(found, setup{Remote, pos, name})
			}
		})
	}
	return found
}

// displayed returns the name of a called function with that of its package.
func displayed(call *ssa.CallCommon) string {
	pkg, _, name := callee(call)
	return path.Base(unversioned(pkg)) + "." + name
}

// rewriter returns the middleware overwriting RemoteAddr that an instruction
// calls or hands on, and where.
func rewriter(instr ssa.Instruction) (name string, pos token.Pos, ok bool) {
	var space [8]*ssa.Value
	for _, op := range instr.Operands(space[:0]) {
		v := *op
		if c, ok := v.(*ssa.ChangeType); ok {
			v = c.X
		}
		fn, ok := v.(*ssa.Function)
		if !ok || fn.Object() == nil || fn.Object().Pkg() == nil {
			continue
		}
		if slices.Contains(rewriters, unversioned(fn.Object().Pkg().Path())+".."+fn.Name()) {
			pos := position(instr)
			return fn.Object().Pkg().Name() + "." + fn.Name(), pos, pos.IsValid()
		}
	}
	return "", token.NoPos, false
}

// position returns where an instruction stands; for the store of one of several
// arguments, where the call does.
func position(instr ssa.Instruction) token.Pos {
	st, ok := instr.(*ssa.Store)
	if !ok {
		return instr.Pos()
	}
	elem, ok := st.Addr.(*ssa.IndexAddr)
	if !ok {
		return token.NoPos
	}
	for _, r := range *elem.X.Referrers() {
		list, ok := r.(*ssa.Slice)
		if !ok {
			continue
		}
		for _, r := range *list.Referrers() {
			if call, ok := r.(ssa.CallInstruction); ok {
				return call.Pos()
			}
		}
	}
	return token.NoPos
}

// makesRouter returns the kind of router that a call makes; Header if none.
func (pk *pkg) makesRouter(call *ssa.Call) Kind {
	if kind, ok := routers[calleeName(&call.Call)]; ok {
		if pkg, _, _ := callee(&call.Call); pkg != "github.com/labstack/echo/v5" {
			return kind
		}
	}
	if fn := call.Call.StaticCallee(); fn != nil && fn.Pkg != nil && sameModule(pk.pass, fn.Pkg.Pkg.Path()) {
		if s := pk.summary(origin(fn)); s != nil {
			return s.Router
		}
	}
	return Header
}

// handsOut reports whether an exported function returns a router that it made:
// the caller may still tell it whom to trust.
func (pk *pkg) handsOut(call *ssa.Call) bool {
	fn := call.Parent()
	if fn.Parent() != nil || !token.IsExported(fn.Name()) || pk.pass.Pkg.Name() == "main" {
		return false
	}
	return pk.returnsRouter(fn) != Header
}

// returnsRouter returns the kind of router that a function makes and returns,
// Header if it makes none or the package tells it whom to trust.
func (pk *pkg) returnsRouter(fn *ssa.Function) Kind {
	for _, b := range fn.Blocks {
		ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok {
			continue
		}
		for _, v := range ret.Results {
			if i, ok := v.(*ssa.MakeInterface); ok {
				v = i.X
			}
			if e, ok := v.(*ssa.Extract); ok {
				v = e.Tuple
			}
			if call, ok := v.(*ssa.Call); ok {
				if kind := pk.makesRouter(call); kind != Header {
					return kind
				}
			}
		}
	}
	return Header
}

// settled returns the kinds of routers that the package tells whom to trust.
func (pk *pkg) settled() (kinds []Kind) {
	for _, fn := range pk.res.Funcs {
		pk.each(fn, func(instr ssa.Instruction) {
			switch instr := instr.(type) {
			case ssa.CallInstruction:
				if calleeName(instr.Common()) == "github.com/gin-gonic/gin.Engine.SetTrustedProxies" {
					kinds = append(kinds, Gin)
				}
			case *ssa.FieldAddr:
				if stored(instr) {
					kinds = append(kinds, settles(typequery.Name(instr.X.Type()), fieldOf(instr))...)
				}
			}
		})
	}
	return kinds
}

func stored(f *ssa.FieldAddr) bool {
	return slices.ContainsFunc(*f.Referrers(), func(r ssa.Instruction) bool {
		st, ok := r.(*ssa.Store)
		return ok && st.Addr == f
	})
}

func settles(of string, field *types.Var) []Kind {
	switch unversioned(of) + "." + field.Name() {
	case "github.com/gin-gonic/gin.Engine.TrustedPlatform", "github.com/gin-gonic/gin.Engine.ForwardedByClientIP":
		return []Kind{Gin}
	}
	switch field.Name() {
	case "IPExtractor":
		return []Kind{Echo}
	}
	return nil
}

// libraryDecisions returns the uses of middleware that decides by addresses.
func (pk *pkg) libraryDecisions() (found []Relied) {
	for _, fn := range pk.res.Funcs {
		pk.each(fn, func(instr ssa.Instruction) {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				return
			}
			if kind, ok := libraries[calleeName(call.Common())]; ok {
				found = append(found, Relied{kind, limiter, pk.res.Posn(call.Pos())})
			}
		})
	}
	return found
}
