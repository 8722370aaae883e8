package callgraph

import (
	"cmp"
	"slices"
	"strings"
)

// An answer is what a proxy sends back where its upstream gave none.
type answer struct{ refused, reset, timedOut ModeSet }

// The statuses with which proxies answer for an upstream that cannot be reached,
// that breaks off, and that does not answer in time. gRPC clients make UNAVAILABLE of
// each of them (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md).
var (
	envoyAnswer   = answer{Status503, Status503, Status504}
	nginxAnswer   = answer{Status502, Status502, Status504}
	haproxyAnswer = answer{Status503, Status502, Status504}
	grpcAnswer    = answer{GRPCUnavailable, GRPCUnavailable, GRPCUnavailable}
)

// answerOf says how a system answers requests of a protocol. Gateways of Kubernetes
// and meshes are built on Envoy where nothing else is said.
func answerOf(system, protocol string) answer {
	switch {
	case protocol == "grpc":
		return grpcAnswer
	case system == "nginx":
		return nginxAnswer
	case system == "haproxy":
		return haproxyAnswer
	case system == "traefik":
		return nginxAnswer // 502 Bad Gateway, 504 Gateway Timeout
	}
	return envoyAnswer
}

// passes is what a client sees of failures of an upstream: statuses as they are, and
// statuses of the proxy for what is none. A hang that nothing ends goes on.
func (a answer) passes(m ModeSet) ModeSet {
	m = m.replace(Refused, a.refused)
	m = m.replace(Reset|OpaqueError, a.reset)
	return m.replace(timedOut|opaqueTimeout, a.timedOut).replace(opaqueHang, Hang)
}

// acrossProxy is what a route sends, seen by the client of the proxy, which sent it a
// request.
func acrossProxy(p ProxyValue, sent *Step, req *Request) Value {
	how := answerOf(p.System, req.Protocol)
	rows := make([]Row, 0, len(p.Value.Rows))
	for _, r := range p.Value.Rows {
		out := r
		out.Others = how.passes(r.Others)
		out.Wall = r.Wall.capped(req.Bound)
		out.Cases = nil
		for i := range r.Cases {
			for _, c := range how.split(&r.Cases[i]) {
				if up := how.passes(c.seen()); up != c.seen() {
					c.Same, c.Also = false, up
				}
				if c.seen()&hangs != 0 && (req.Bound > 0 || req.MayEnd) {
					c.Same, c.Also = false, c.seen().replace(Hang, timedOut)
				}
				c.Path = sent.under(c.Path)
				out.Cases = append(out.Cases, c)
			}
		}
		out.Cases = mergeCases(out.Cases)
		rows = append(rows, out)
	}
	return Value{Rows: rows}
}

// split parts a case so that the proxy passes up each part alike.
func (a answer) split(c *Case) []Case {
	if !c.Same {
		return []Case{*c}
	}
	var parts []Case
	same := *c
	same.Modes = 0
	c.Modes.each(func(m ModeSet) {
		if a.passes(m) == m {
			same.Modes |= m
			return
		}
		one := *c
		one.Modes = m
		parts = append(parts, one)
	})
	if same.Modes != 0 {
		parts = append(parts, same)
	}
	return parts
}

// function is the route as a function of the program that sends on one request,
// or one kind of them.
func (r *Route) function(id string, req *Request) Function {
	var e Effects
	add := func(n Node) Ref {
		e.Nodes = append(e.Nodes, n)
		return Ref(len(e.Nodes) - 1)
	}
	add(Node{})
	sent := r.rewritten(req)
	var ways []Ref
	for i := range r.To {
		ways = append(ways, r.To[i].send(add, sent, r.At))
	}
	if r.Dynamic != "" {
		ways = append(ways, add(Node{Kind: Unresolved, Text: r.dynamicText(), At: r.At}))
	}
	var all []Ref
	for i := range r.Checks {
		all = append(all, r.Checks[i].ask(add, req, r.At))
	}
	if len(ways) > 0 {
		all = append(all, wrapped(add, r.Layers, req.Method, add(Node{Kind: Alt, Parts: ways})))
	}
	for i := range r.Mirrors {
		m := &r.Mirrors[i]
		all = append(all, add(Node{Kind: Mirrored, Share: m.Fraction, At: m.At, Parts: []Ref{m.send(add, m.copyOf(sent), r.At)}}))
	}
	if len(all) > 0 {
		e.Root = add(Node{Kind: Seq, Parts: all})
	}
	return Function{ID: id, Name: cmp.Or(r.Name, "route of "+r.System), At: r.At, Body: e}
}

// copyOf is the request as it goes to the mirror. One of gRPC, whose name says nothing of where
// it goes, gets a name of its own: it is none that its service gets.
func (m *Mirror) copyOf(req *Request) *Request {
	c := *req
	if _, _, _, ok := splitHTTP(c.Operation); !ok {
		c.Operation += " at " + m.Name
	}
	return &c
}

// ask adds the request of a check, whose failures nobody sees.
func (c *Check) ask(add func(Node) Ref, req *Request, at Posn) Ref {
	asked := *req
	if c.Operation != "" {
		asked.Protocol, asked.Method, asked.Operation = "grpc", "POST", c.Operation
	}
	return add(Node{Kind: Optional, Parts: []Ref{c.send(add, &asked, at)}, At: c.At})
}

func (r *Route) dynamicText() string {
	return cmp.Or(r.Name, r.ID) + " goes where " + r.Dynamic + " tells"
}

// send adds the request to an upstream.
func (u *Upstream) send(add func(Node) Ref, req *Request, at Posn) Ref {
	if u.At != (Posn{}) {
		at = u.At
	}
	authority := u.Name
	if len(u.Addresses) > 0 {
		authority = u.Addresses[0]
	}
	sent := Request{
		Protocol: req.Protocol, Method: req.Method, Callee: "proxy", Resolved: true,
		Authority: authority, Proxied: true, Operation: req.Operation,
	}
	if method, _, path, ok := splitHTTP(req.Operation); ok {
		sent.Operation = method + " " + authority + path
	}
	return wrapped(add, u.Layers, req.Method, add(Node{Kind: Send, Request: &sent, At: at}))
}

// wrapped adds layers around a node, outermost first.
func wrapped(add func(Node) Ref, layers []Layer, method string, inner Ref) Ref {
	for i := range slices.Backward(layers) {
		inner = add(Node{Kind: Repeat, Layer: layers[i].forMethod(method), Parts: []Ref{inner}, At: layers[i].At})
	}
	return inner
}

// splitHTTP takes "METHOD authority/path" apart; the path begins with a slash or is
// empty.
func splitHTTP(operation string) (method, authority, path string, ok bool) {
	method, addr, ok := strings.Cut(operation, " ")
	if !ok || strings.ToUpper(method) != method {
		return "", "", "", false
	}
	authority = addr
	if i := strings.IndexByte(addr, '/'); i >= 0 {
		authority, path = addr[:i], addr[i:]
	}
	return method, authority, path, authority != "" && !strings.Contains(authority, " ")
}
