package xfftrust

import (
	"go/constant"
	"go/token"
	"go/types"
	"net/textproto"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/typequery"
)

// forwarded lists, in canonical form, the headers by which proxies tell the
// client's address, and whether each proxy appends to what it was sent.
//
// Sources: RFC 7239 for Forwarded, the documents of the vendors for theirs.
var forwarded = []struct {
	name string
	list bool
}{
	{"X-Forwarded-For", true},
	{"Forwarded", true},
	{"X-Original-Forwarded-For", true},
	{"X-Real-Ip", false},
	{"True-Client-Ip", false},
	{"Cf-Connecting-Ip", false},
	{"X-Client-Ip", false},
	{"X-Cluster-Client-Ip", false},
	{"Fastly-Client-Ip", false},
	{"Fly-Client-Ip", false},
	{"X-Remote-Ip", false},
}

func forwardingHeader(name string) (canonical string, list, ok bool) {
	name = textproto.CanonicalMIMEHeaderKey(name)
	for _, h := range forwarded {
		if h.name == name {
			return spelled(name), h.list, true
		}
	}
	return "", false, false
}

// spelled writes a header the way people do.
func spelled(name string) string {
	if rest, ok := strings.CutSuffix(name, "-Ip"); ok {
		name = rest + "-IP"
	}
	return strings.Replace(name, "Cf-", "CF-", 1)
}

// source returns what a call reads if it is a source of addresses.
func (pk *pkg) source(call ssa.CallInstruction) (reads []Read) {
	common := call.Common()
	pkg, recv, name := callee(common)
	at := pk.res.Posn(call.Pos())
	switch key := unversioned(pkg) + "." + recv + "." + name; key {
	case "github.com/gin-gonic/gin.Context.ClientIP", "github.com/cloudwego/hertz/pkg/app.RequestContext.ClientIP":
		return []Read{{Kind: Gin, Name: "ClientIP", List: true, At: at}}
	case "github.com/labstack/echo.Context.RealIP":
		if pkg == "github.com/labstack/echo/v5" {
			return nil // it does not believe headers by default
		}
		return []Read{{Kind: Echo, Name: "RealIP", List: true, At: at}}
	case "github.com/gofiber/fiber.Ctx.IPs":
		return []Read{{Kind: Header, Name: "X-Forwarded-For", List: true, At: at}}
	case "github.com/beego/beego/server/web/context.BeegoInput.IP", "github.com/astaxie/beego/context.BeegoInput.IP":
		return []Read{{Kind: Header, Name: "X-Forwarded-For", List: true, At: at}}
	case "net/http.Header.Get", "net/http.Header.Values", "net/textproto.MIMEHeader.Get", "net/textproto.MIMEHeader.Values",
		"google.golang.org/grpc/metadata.MD.Get":
		if !incoming(common.Args[0]) {
			return nil
		}
		return pk.headers(common.Args[1], call)
	case "google.golang.org/grpc/metadata..ValueFromIncomingContext",
		"github.com/gin-gonic/gin.Context.GetHeader",
		"github.com/gofiber/fiber.Ctx.Get",
		"github.com/valyala/fasthttp.RequestHeader.Peek":
		args := common.Args
		if !common.IsInvoke() {
			args = args[1:]
		}
		if len(args) > 0 {
			return pk.headers(args[0], call)
		}
	}
	return nil
}

// indexed returns what a map index reads if the map holds headers.
func (pk *pkg) indexed(l *ssa.Lookup) []Read {
	switch typequery.Name(l.X.Type()) {
	case "net/http.Header", "net/textproto.MIMEHeader", "google.golang.org/grpc/metadata.MD":
		if incoming(l.X) {
			return pk.headers(l.Index, l)
		}
	}
	return nil
}

// headers returns the forwarding headers that a name may stand for.
func (pk *pkg) headers(name ssa.Value, at ssa.Instruction) (reads []Read) {
	for _, v := range pk.names(name) {
		if h, list, ok := forwardingHeader(v); ok {
			reads = append(reads, Read{Kind: Header, Name: h, List: list, At: pk.res.Posn(at.Pos())})
		}
	}
	return reads
}

// names returns the constants that a header's name can be, nil if it can be
// something else.
func (pk *pkg) names(v ssa.Value) (names []string) {
	if call, ok := v.(*ssa.Call); ok {
		if pkg, _, name := callee(&call.Call); pkg == "net/http" && name == "CanonicalHeaderKey" {
			return pk.names(call.Call.Args[0])
		}
	}
	if load, ok := v.(*ssa.UnOp); ok && load.Op == token.MUL {
		switch addr := load.X.(type) {
		case *ssa.IndexAddr:
			return elements(addr.X)
		case *ssa.Global:
			if init, ok := pk.initial[addr]; ok {
				return pk.names(init)
			}
		}
	}
	if c, ok := v.(*ssa.Const); ok {
		return literal(c)
	}
	for _, val := range pk.tracer.Values(v) {
		if !val.Known() || val.Const.Kind() != constant.String {
			return nil // configuration: whoever sets it knows the proxy
		}
		names = append(names, constant.StringVal(val.Const))
	}
	return names
}

// literal returns the string that a constant is, if it is one.
func literal(c *ssa.Const) []string {
	if c.Value == nil || c.Value.Kind() != constant.String {
		return nil
	}
	return []string{constant.StringVal(c.Value)}
}

// elements returns the constants that a literal list in the function holds.
func elements(list ssa.Value) (names []string) {
	if s, ok := list.(*ssa.Slice); ok {
		list = s.X
	}
	array, ok := list.(*ssa.Alloc)
	if !ok {
		return nil
	}
	for _, r := range *array.Referrers() {
		elem, ok := r.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		for _, r := range *elem.Referrers() {
			if st, ok := r.(*ssa.Store); ok && st.Addr == elem {
				if c, ok := st.Val.(*ssa.Const); ok {
					names = append(names, literal(c)...)
				}
			}
		}
	}
	return names
}

// incoming reports whether headers can be those of a request that came in: they
// do not come from a response or from a request made here.
func incoming(headers ssa.Value) bool {
	for {
		switch v := headers.(type) {
		case *ssa.ChangeType:
			headers = v.X
			continue
		case *ssa.UnOp:
			field, ok := v.X.(*ssa.FieldAddr)
			if !ok {
				return true
			}
			if typequery.Name(field.X.Type()) == "net/http.Response" {
				return false
			}
			if e, ok := field.X.(*ssa.Extract); ok {
				call, ok := e.Tuple.(*ssa.Call)
				return !ok || !strings.HasPrefix(calleeName(&call.Call), "net/http..NewRequest")
			}
			return true
		case *ssa.Call:
			// http.ResponseWriter.Header
			return calleeName(&v.Call) != "net/http.ResponseWriter.Header"
		default:
			return true
		}
	}
}

// remoteAddr reports whether an address is that of http.Request.RemoteAddr.
func remoteAddr(addr ssa.Value) bool {
	f, ok := addr.(*ssa.FieldAddr)
	if !ok || typequery.Name(f.X.Type()) != "net/http.Request" {
		return false
	}
	return fieldOf(f).Name() == "RemoteAddr"
}

func fieldOf(f *ssa.FieldAddr) *types.Var {
	t := f.X.Type().Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	if s, ok := t.(*types.Struct); ok {
		return s.Field(f.Field).Origin()
	}
	return types.NewField(token.NoPos, nil, "", types.Typ[types.Invalid], false)
}

// callee names what a call calls: the package, the receiver's type without
// pointer (empty for functions), and the name. All are empty for a function value.
func callee(call *ssa.CallCommon) (pkg, recv, name string) {
	var fn *types.Func
	if call.IsInvoke() {
		fn = call.Method
	} else if static := call.StaticCallee(); static != nil {
		fn, _ = static.Object().(*types.Func)
	}
	if fn == nil {
		return "", "", ""
	}
	if fn.Pkg() != nil {
		pkg = fn.Pkg().Path()
	}
	if r := fn.Signature().Recv(); r != nil {
		t := types.Unalias(r.Type())
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		if n, ok := t.(*types.Named); ok {
			recv = n.Obj().Name()
		}
	}
	return pkg, recv, fn.Name()
}

func calleeName(call *ssa.CallCommon) string {
	pkg, recv, name := callee(call)
	return unversioned(pkg) + "." + recv + "." + name
}

// unversioned returns a package path without the major version in it.
func unversioned(path string) string {
	elems := strings.Split(path, "/")
	for i, e := range elems {
		if i > 0 && len(e) > 1 && e[0] == 'v' && strings.Trim(e[1:], "0123456789") == "" {
			return strings.Join(append(elems[:i:i], elems[i+1:]...), "/")
		}
	}
	return path
}
