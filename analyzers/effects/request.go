package effects

import (
	"go/constant"
	"go/token"
	"go/types"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/retry"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/rules/clients"
)

// request returns the request that a call puts on the wire itself, and what its
// client sends it through; 0 if it sends none.
func (f *body) request(call ssa.CallInstruction) callgraph.Ref {
	if op, ok := f.conns.OperationOf(call); ok {
		req := &callgraph.Request{Protocol: "grpc", Operation: op, Callee: calleeName(call), Resolved: true}
		if conn, ok := f.conns.ConnOf(call); ok {
			req.Conn = conn
		}
		return f.node(callgraph.Node{Kind: callgraph.Send, Request: req, At: f.at(call.Pos())})
	}
	net := f.remote[call]
	if net == nil || net.Model == nil {
		return 0
	}
	if p := f.transportCall(call); p != 0 {
		return p
	}
	req := &callgraph.Request{Protocol: net.Leaf.Protocol, Callee: net.Leaf.Callee, Method: f.methodOf(call), Bound: f.net.LimitOf(call).Dur}
	req.MayEnd = req.Bound == 0 && f.mayEnd(call)
	req.Operation, req.Resolved = f.operation(call, net, req.Method)
	send := callgraph.Node{Kind: callgraph.Send, Request: req, At: f.at(call.Pos())}
	if net.Leaf.Protocol == "http" {
		return f.throughTransport(call, send)
	}
	return f.node(send)
}

// mayEnd reports whether the client that a call sends through is out of sight and
// may have a timeout.
func (f *body) mayEnd(call ssa.CallInstruction) bool {
	switch f.net.LimitOf(call).Kind {
	case netcall.Unknown:
		return f.setsTimeouts()
	case netcall.Param:
		common := call.Common()
		if common.IsInvoke() {
			return typePath(common.Value.Type()) != "net/http.RoundTripper"
		}
		return common.Signature().Recv() != nil && len(common.Args) > 0 && retry.ParamBelow(common.Args[0]) != nil && f.clientMayEnd(common.Args[0])
	}
	return false
}

// clientMayEnd reports whether a client that a function is given may have a
// timeout: it has none if all that is ever passed is made in the package without.
func (f *body) clientMayEnd(client ssa.Value) bool {
	origins, complete := f.consts.AllOrigins(client)
	if !complete || len(origins) == 0 {
		return true
	}
	for _, o := range origins {
		if e, ok := o.(*ssa.Extract); ok {
			o = e.Tuple
		}
		switch o := o.(type) {
		case *ssa.Alloc:
			if f.soleField(o, "Timeout") != nil || f.setsTimeouts() {
				return true
			}
		case *ssa.Call:
			if fn := netcall.Callee(o); fn == nil || netcall.Model(fn) == nil || f.setsTimeouts() {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// setsTimeouts reports whether the package sets the timeout of some HTTP client
// after it was made, perhaps that of one inside another client.
func (b *builder) setsTimeouts() bool {
	if b.timeouts != nil {
		return *b.timeouts
	}
	found := false
	for _, fn := range b.net.Funcs {
		for _, block := range fn.Blocks {
			for _, instr := range block.Instrs {
				if st, ok := instr.(*ssa.Store); ok {
					if addr, ok := st.Addr.(*ssa.FieldAddr); ok && retry.FieldSlot(addr) == "net/http.Client.Timeout" {
						found = true
					}
				}
			}
		}
	}
	b.timeouts = &found
	return found
}

// transportCall is a call of the transport that a transport is stacked on.
func (f *body) transportCall(call ssa.CallInstruction) callgraph.Ref {
	if call.Common().IsInvoke() && call.Common().Method.FullName() == roundTrip {
		if p := retry.ParamBelow(call.Common().Value); p != nil {
			return f.interfaceCall(call)
		}
	}
	return 0
}

// methodOf returns the HTTP method of the request that a call sends, "" if it is
// not known.
func (f *body) methodOf(call ssa.CallInstruction) string {
	model := netcall.ModelOf(call)
	if model == nil || model.Call == nil {
		return ""
	}
	if v := netcall.Operand(call, model.Call.Method); v != nil {
		if m := f.requestPart(v, func(r *clients.Request) clients.Operand { return r.Method }, 0); m != "" {
			return m
		}
		return f.constant(v)
	}
	if isMethod(model.Call.Op) {
		return model.Call.Op
	}
	for _, arg := range call.Common().Args {
		if isRequest(arg.Type()) {
			m := f.requestPart(arg, func(r *clients.Request) clients.Operand { return r.Method }, 0)
			return m
		}
	}
	return ""
}

func isMethod(op string) bool {
	switch op {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT":
		return true
	}
	return false
}

func isRequest(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && n.Obj().Name() == "Request" && n.Obj().Pkg() != nil
}

func (f *body) constant(v ssa.Value) string {
	set := f.consts.Values(v)
	if len(set) == 1 && set[0].Const != nil && set[0].Const.Kind() == constant.String {
		if s := constant.StringVal(set[0].Const); s != "" {
			return s
		}
		return "GET" // net/http: "For client requests, an empty string means GET."
	}
	return ""
}

// requestPart returns the constant that a request was built with.
func (f *body) requestPart(v ssa.Value, part func(*clients.Request) clients.Operand, depth int) string {
	text := ""
	for _, call := range f.builders(v, depth) {
		op := part(netcall.ModelOf(call).Request)
		c := ""
		if operand := netcall.Operand(call, op); operand != nil {
			c = f.constant(operand)
		}
		if c == "" || text != "" && text != c {
			return ""
		}
		text = c
	}
	return text
}

// builders returns the calls that built a request, nil if some are out of sight.
func (f *body) builders(v ssa.Value, depth int) (calls []ssa.CallInstruction) {
	if depth > 4 {
		return nil
	}
	origins, complete := f.consts.AllOrigins(v)
	if !complete {
		return nil
	}
	for _, o := range origins {
		if e, ok := o.(*ssa.Extract); ok {
			o = e.Tuple
		}
		call, ok := o.(*ssa.Call)
		if !ok {
			return nil
		}
		model := netcall.ModelOf(call)
		if model == nil || model.Request == nil {
			return nil
		}
		if model.Request.From != "" {
			from := f.builders(netcall.Operand(call, model.Request.From), depth+1)
			if from == nil {
				return nil
			}
			calls = append(calls, from...)
			continue
		}
		calls = append(calls, call)
	}
	return calls
}

// operation names what a request asks for: method and URL as far as they are
// known, else the library function and where it is called.
func (f *body) operation(call ssa.CallInstruction, net *netcall.Call, method string) (name string, resolved bool) {
	place := " in " + nameOf(f.fn)
	switch net.Leaf.Protocol {
	case "http":
		if method == "" {
			method = f.methodPlace(call)
		}
		if addr, known := f.urlOf(call); addr != "" {
			return method + " " + addr, known && method != "HTTP"
		}
		return method + " request" + place, false
	case "grpc":
		if strings.HasPrefix(net.Leaf.Op, "/") {
			return net.Leaf.Op, true
		}
	}
	op := net.Leaf.Op
	if op == "" {
		op = net.Callee.Name()
	}
	return net.Leaf.Protocol + ":" + op + place, false
}

// methodPlace is the method of a request that the function is told, "HTTP" if it
// is not known at all.
func (f *body) methodPlace(call ssa.CallInstruction) string {
	for _, arg := range call.Common().Args {
		if !isRequest(arg.Type()) {
			continue
		}
		if builders := f.builders(arg, 0); len(builders) == 1 {
			if v := netcall.Operand(builders[0], netcall.ModelOf(builders[0]).Request.Method); v != nil {
				if place := f.place(v); place != "" {
					return place
				}
			}
		}
	}
	return "HTTP"
}

// urlOf writes the URL of a request without its scheme and query; what is not
// known of it is named after the value, or left as "…".
func (f *body) urlOf(call ssa.CallInstruction) (addr string, known bool) {
	v := f.urlOperand(call)
	if v == nil {
		return "", false
	}
	text := f.text(v)
	if text == "" {
		if text = retry.TextOf(v); text == "a value" {
			return "", false
		}
		return "{" + text + "}", false
	}
	return stripURL(text), !strings.ContainsAny(text, "{\x02")
}

// text writes a string as far as it is known; what a caller passes becomes a
// place, and the rest a name in braces. It is empty if nothing is known.
func (f *body) text(v ssa.Value) string {
	var b strings.Builder
	known := false
	for _, p := range operands(v) {
		if c, ok := p.(*ssa.Const); ok && c.Value != nil && c.Value.Kind() == constant.String {
			b.WriteString(constant.StringVal(c.Value))
			known = true
			continue
		}
		if place := f.place(p); place != "" {
			b.WriteString(place)
			known = true
			continue
		}
		part, ok := f.known(p)
		b.WriteString(part)
		known = known || ok
	}
	if !known {
		return ""
	}
	return b.String()
}

// place is a part of a string that a parameter of the function gives.
func (f *body) place(v ssa.Value) string {
	p := retry.ParamBelow(v)
	if p == nil {
		if fv, ok := v.(*ssa.FreeVar); ok {
			p = captured(fv, 0)
		} else if load, ok := v.(*ssa.UnOp); ok {
			if fv, ok := load.X.(*ssa.FreeVar); ok {
				p = captured(fv, 0)
			}
		}
	}
	if p == nil {
		return ""
	}
	text, ok := f.known(v)
	if !ok {
		text = f.fieldText(v)
	}
	if text == "" {
		text = "{" + retry.TextOf(v) + "}"
	}
	return callgraph.Place(*p, text)
}

// fieldText writes what the package stores in the field that a value is loaded
// from, if that is always the same text.
func (f *body) fieldText(v ssa.Value) string {
	load, ok := v.(*ssa.UnOp)
	if !ok {
		return ""
	}
	addr, ok := load.X.(*ssa.FieldAddr)
	if !ok {
		return ""
	}
	texts := f.fieldTexts()[retry.FieldSlot(addr)]
	if len(texts) != 1 {
		return ""
	}
	return texts[0]
}

// fieldTexts returns the texts that the package stores in each field; "" for one
// of which nothing is known.
func (b *builder) fieldTexts() map[string][]string {
	if b.texts != nil {
		return b.texts
	}
	b.texts = make(map[string][]string)
	for _, fn := range b.net.Funcs {
		f := &body{builder: b, fn: fn}
		for _, block := range fn.Blocks {
			for _, instr := range block.Instrs {
				st, ok := instr.(*ssa.Store)
				if !ok {
					continue
				}
				addr, ok := st.Addr.(*ssa.FieldAddr)
				if basic, isBasic := st.Val.Type().Underlying().(*types.Basic); !ok || !isBasic || basic.Kind() != types.String {
					continue
				}
				slot, text := retry.FieldSlot(addr), callgraph.ShowText(f.text(st.Val))
				if !slices.Contains(b.texts[slot], text) {
					b.texts[slot] = append(b.texts[slot], text)
				}
			}
		}
	}
	return b.texts
}

// known writes a part of a string that has one value in the package; it says
// whether any of it is known.
func (f *body) known(v ssa.Value) (string, bool) {
	set := f.consts.Values(v)
	if len(set) == 1 && set[0].Const != nil && set[0].Const.Kind() == constant.String {
		return constant.StringVal(set[0].Const), true
	}
	if len(set) == 1 && len(set[0].Parts) > 0 {
		text := ""
		for _, p := range set[0].Parts {
			if p.Unknown {
				text += "{…}"
			} else {
				text += p.Text
			}
		}
		return text, true
	}
	name := retry.TextOf(v)
	if name == "a value" {
		name = "…"
	}
	return "{" + name + "}", false
}

// operands lists what a concatenation joins, in order.
func operands(v ssa.Value) []ssa.Value {
	if sum, ok := v.(*ssa.BinOp); ok && sum.Op == token.ADD {
		return append(operands(sum.X), operands(sum.Y)...)
	}
	return []ssa.Value{v}
}

// urlOperand is what gives the URL of a request: what the call is told, or what
// the request that it is given was built with; nil if that is not known.
func (f *body) urlOperand(call ssa.CallInstruction) ssa.Value {
	if model := netcall.ModelOf(call); model != nil && model.Call != nil {
		if v := netcall.Operand(call, model.Call.URL); v != nil && !isRequest(v.Type()) {
			return v
		}
	}
	for _, arg := range call.Common().Args {
		if !isRequest(arg.Type()) {
			continue
		}
		builders := f.builders(arg, 0)
		if len(builders) != 1 {
			return nil
		}
		return netcall.Operand(builders[0], netcall.ModelOf(builders[0]).Request.URL)
	}
	return nil
}

// stripURL takes the scheme, credentials and query off a URL.
func stripURL(s string) string {
	if strings.HasPrefix(s, "\x02") {
		return s // what a caller passes has the scheme
	}
	if u, err := url.Parse(s); err == nil && u.Host != "" {
		return u.Host + u.Path
	}
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	s, _, _ = strings.Cut(s, "?")
	return s
}
