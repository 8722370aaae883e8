package callgraph

import (
	"cmp"
	"fmt"
	"slices"
)

// A Scope is what an evaluation knows beyond the Effects themselves. All of it
// may be nil.
type Scope struct {
	// Callee gives the Value of the function that a call reaches, before what
	// the call passes is filled in. It is asked with one of Func, Iface and Slot
	// set; where it does not know, the call is kept as an open target.
	Callee func(Call) (Value, bool)
	// Around is what a connection puts around a request, outermost first.
	Around func(*Request) []Around
	// Serve tells what happens to a request in other processes.
	Serve func(r *Request, at Posn) Service
	// Late tells it of a request that only a caller has told.
	Late func(*Request) Service
	// Conditions are those under which figures hold.
	Conditions Conditions
	// MaxTargets bounds the rows of a Value; 0 stands for DefaultMaxTargets.
	MaxTargets int
}

// An Around is a layer or an interceptor of a connection: one of both is set.
type Around struct {
	Layer *Layer
	// Interceptor is the id of a function that is called instead of the request
	// and makes it by calling its parameter.
	Interceptor string
}

// DefaultMaxTargets is enough for functions in practice, and keeps the facts of
// a package small.
const DefaultMaxTargets = 32

// Evaluate says what one run of e sends. Calls that callee does not know are
// kept as open targets.
func Evaluate(e Effects, callee func(Call) (Value, bool)) Value {
	return Scope{Callee: callee}.Evaluate(e)
}

// Evaluate says what one run of e sends. References out of range, and nodes that
// contain themselves, send nothing.
func (s Scope) Evaluate(e Effects) Value {
	values := make([]Value, len(e.Nodes))
	for _, ref := range e.postorder() {
		n := &e.Nodes[ref]
		parts := make([]Value, 0, len(n.Parts))
		for _, p := range n.Parts {
			if e.has(p) {
				parts = append(parts, values[p])
			}
		}
		values[ref] = s.bounded(s.node(n, parts))
	}
	if !e.has(e.Root) {
		return Value{}
	}
	return values[e.Root]
}

func (e *Effects) has(r Ref) bool { return r >= 0 && int(r) < len(e.Nodes) }

// postorder lists the nodes below the root, parts before what contains them. It
// keeps its own stack, as graphs of generated code can be deep.
func (e *Effects) postorder() []Ref {
	if !e.has(e.Root) {
		return nil
	}
	var order []Ref
	seen := make([]bool, len(e.Nodes))
	type frame struct {
		ref  Ref
		next int
	}
	seen[e.Root] = true
	stack := []frame{{ref: e.Root}}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		parts := e.Nodes[top.ref].Parts
		if top.next == len(parts) {
			order = append(order, top.ref)
			stack = stack[:len(stack)-1]
			continue
		}
		p := parts[top.next]
		top.next++
		if e.has(p) && !seen[p] {
			seen[p] = true
			stack = append(stack, frame{ref: p})
		}
	}
	return order
}

func (s Scope) node(n *Node, parts []Value) Value {
	switch n.Kind {
	case Seq:
		return sequence(parts)
	case Alt:
		return alternative(parts)
	case Repeat:
		body := sequence(parts)
		if n.Layer == nil {
			return body
		}
		return newRepeater(n.Layer, s.Conditions).around(body)
	case Optional:
		return swallowed(sequence(parts))
	case Mirrored:
		return mirrored(n, sequence(parts))
	case Known:
		return s.known(n)
	case Loop:
		return loopValue(n, sequence(parts))
	case Send:
		return s.send(n)
	case Invoke:
		return s.invoke(n)
	case Unresolved:
		t := Target{Kind: OpenText, Name: n.Text}
		v := single(t, everyMode, Step{Kind: RequestStep, Name: n.Text, At: n.At})
		v.Rows[0].Wall = Wall{Unknown: true}
		return v
	}
	return Value{}
}

func single(t Target, modes ModeSet, step Step) Value {
	r := newRow(t, modes, step)
	return Value{Rows: []Row{r}}
}

func (l repeater) around(body Value) Value {
	rows := make([]Row, len(body.Rows))
	for i, r := range body.Rows {
		rows[i] = l.row(r)
	}
	return Value{Rows: rows}
}

// swallowed is a value whose failures nobody sees.
func swallowed(body Value) Value {
	rows := make([]Row, len(body.Rows))
	for i, r := range body.Rows {
		r.Others = 0
		r.Cases = slices.Clone(r.Cases)
		for j := range r.Cases {
			r.Cases[j].Same, r.Cases[j].Also = false, 0
		}
		rows[i] = r
	}
	return Value{Rows: rows}
}

// mirrored is a share of a value, whose answers nobody waits for.
func mirrored(n *Node, body Value) Value {
	if n.Share <= 0 {
		return Value{}
	}
	v := swallowed(body)
	share := Exactly(Count(min(n.Share, 1)))
	step := Step{Kind: LoopStep, Name: "mirror", Times: share.String(), At: n.At, Factor: share}
	for i, r := range v.Rows {
		if n.Share < 1 {
			r = r.loop(share, step)
		}
		r.Wall = Wall{}
		v.Rows[i] = r
	}
	return v
}

// known is a value that was found out elsewhere.
func (s Scope) known(n *Node) Value {
	if n.Value == nil {
		return Value{}
	}
	return *n.Value
}

// turns is how often a loop runs its body.
func (n *Node) turns() Figure {
	name := "turns of a loop"
	if n.At.File != "" {
		name = fmt.Sprintf("turns of the loop at %s:%d", n.At.File, n.At.Line)
	}
	return figureOf(n.Count.polynomial(name))
}

func loopValue(n *Node, body Value) Value {
	count := n.turns()
	if count.IsZero() {
		return Value{}
	}
	step := loopStep(*n, count)
	rows := make([]Row, len(body.Rows))
	for i, r := range body.Rows {
		rows[i] = r.loop(count, step)
	}
	return Value{Rows: rows}
}

// send is a request, with what its connection puts around it, and what the one
// who serves it sends.
func (s Scope) send(n *Node) Value {
	req := n.Request
	if req == nil {
		return Value{}
	}
	row := requestRow(req, n.At)
	v := Value{Rows: []Row{row}}
	if s.Serve != nil {
		service := s.Serve(req, n.At)
		if row.Target.Late && service.Authority != "" {
			row.Target.Authority = service.Authority
			row.key = row.Target.key()
		}
		v = service.after(row, req)
	}
	if s.Around == nil {
		return v
	}
	for _, a := range slices.Backward(s.Around(req)) {
		if a.Layer != nil {
			a.Layer = a.Layer.forMethod(req.Method)
		}
		v = s.wrap(a, v)
	}
	return v
}

// requestRow is the row of a request alone.
func requestRow(req *Request, at Posn) Row {
	t := Target{Kind: Operation, Name: req.Operation, Protocol: req.Protocol, Resolved: req.Resolved}
	t.Late = req.Protocol == "http" && isLate(req.Operation)
	row := newRow(t, failuresOf(req.Protocol), Step{Kind: RequestStep, Name: req.Operation, At: at})
	row.Wall = wallOf(req.Bound)
	if req.Bound > 0 || req.MayEnd {
		row.endHangs()
	}
	return row
}

// Service is what happens to a request after it was sent.
type Service struct {
	// Handlers are the values of the functions that may serve it, of which one does.
	Handlers []Value
	// Proxies are the values of the routes that may take it before, of which one
	// does: what they say holds instead of Handlers. A proxy that stands beside the
	// sender is no target of its own: Beside says that one does.
	Proxies []ProxyValue
	Beside  bool
	// Authority names the service of a request of which callers tell the rest.
	Authority string
}

// A ProxyValue is what a route of a proxy sends, and how it answers.
type ProxyValue struct {
	Value  Value
	System string // as of a Route
}

// after is what a request comes to, with what it leads to.
func (a Service) after(row Row, req *Request) Value {
	alone := Value{Rows: []Row{row}}
	var beyond Value
	switch {
	case len(a.Proxies) > 0:
		var all []Value
		step := *row.Cases[0].Path[0]
		if a.Beside {
			step.Kind = CallStep // it leaves the host with the proxy's request
		}
		for _, p := range a.Proxies {
			all = append(all, acrossProxy(p, &step, req))
		}
		beyond = alternative(all)
		if a.Beside || beyond.row(&row) != nil {
			return beyond // what is passed on by the same name is the one request that it asks for
		}
	case len(a.Handlers) > 0:
		beyond = acrossProcess(alternative(a.Handlers), row, req)
	default:
		return alone
	}
	return answered(row, beyond)
}

// answered is a request and what its answering sends. One that was refused has sent
// nothing.
func answered(row Row, beyond Value) Value {
	all := table{}
	for _, r := range beyond.Rows {
		if r.identity() == row.identity() {
			all.merge(r, inSequence)
			continue
		}
		if r.Target.failsOthers() {
			row.Others |= r.passes()
		}
		r.Others |= row.passes() &^ Refused
		all.merge(r, inSequence)
	}
	all.merge(row, inSequence)
	return all.value()
}

func (s Scope) wrap(a Around, v Value) Value {
	if a.Layer != nil {
		return newRepeater(a.Layer, s.Conditions).around(v)
	}
	if s.Callee == nil {
		return v
	}
	interceptor, ok := s.Callee(Call{Func: a.Interceptor})
	if !ok {
		return v
	}
	parts := []Value{}
	invokes := false
	for _, r := range interceptor.Rows {
		if r.Target.isInvoker() {
			invokes = true
			parts = append(parts, r.around(v))
			continue
		}
		parts = append(parts, Value{Rows: []Row{r}})
	}
	if !invokes {
		parts = append(parts, v)
	}
	return sum(parts)
}

// isInvoker reports whether t is the parameter of a gRPC interceptor that goes
// on with the call: the sixth (grpc.UnaryClientInterceptor) or fifth
// (grpc.StreamClientInterceptor), or one later where there is a receiver.
func (t *Target) isInvoker() bool {
	return t.Kind == OpenParam && t.Param.Path == "" && t.Param.Index >= 4 && t.Param.Index <= 6
}

// endHangs says that something below every caller ends a hang of the target.
func (r *Row) endHangs() {
	ends := Layer{Overall: 1}
	var cases []Case
	for _, c := range r.Cases {
		plain := c
		if plain.Modes &^= hangs; plain.Modes != 0 {
			cases = append(cases, plain)
		}
		(c.Modes & hangs).each(func(m ModeSet) {
			one := c
			one.Modes = m
			if up := ends.passedUp(one.seen()); up != one.seen() {
				one.Same, one.Also = false, up
			}
			cases = append(cases, one)
		})
	}
	r.Cases = cases
}

// acrossProcess is what a handler sends, seen by the client of its operation:
// a failure in it may reach the client as any failure of the operation.
func acrossProcess(served Value, client Row, req *Request) Value {
	answers := failuresOf(req.Protocol) &^ noAnswer
	hangAs := Hang
	if req.Bound > 0 || req.MayEnd {
		hangAs = timedOut
	}
	rows := make([]Row, 0, len(served.Rows))
	for _, r := range served.Rows {
		out := r
		out.Cases = make([]Case, 0, len(r.Cases))
		if r.Others != 0 {
			out.Others = answers
		}
		out.Wall = r.Wall.capped(req.Bound)
		for _, c := range r.Cases {
			up := ModeSet(0)
			// What the handler gives up waiting for, it answers with an error.
			if c.seen()&^hangs != 0 || c.seen()&endedHangs != 0 {
				up |= answers
			}
			if c.seen()&hangs&^endedHangs != 0 {
				up |= hangAs
			}
			c.Same, c.Also = false, up
			c.Path = client.Cases[0].Path[0].under(c.Path)
			out.Cases = append(out.Cases, c)
		}
		rows = append(rows, out)
	}
	return Value{Rows: rows}
}

// invoke is a call of a function, with what the call passes filled in.
func (s Scope) invoke(n *Node) Value {
	c := n.Call
	if c == nil {
		return Value{}
	}
	if c.Param == nil && s.Callee != nil {
		if v, ok := s.Callee(*c); ok {
			return s.Substitute(v, *c).under(n)
		}
	}
	return open(c, n.At)
}

// open is a call of a function that is out of sight.
func open(c *Call, at Posn) Value {
	t := Target{Args: c.Args}
	switch {
	case c.Param != nil:
		t.Kind, t.Param, t.Name = OpenParam, c.Param, c.Name
	case c.Iface != "":
		t.Kind, t.Name = OpenInterface, c.Iface
	case c.Slot != "":
		t.Kind, t.Name = OpenSlot, c.Slot
	default:
		t.Kind, t.Name = OpenFunc, c.Func
	}
	v := single(t, everyMode, Step{Kind: RequestStep, Name: cmp.Or(c.Name, t.Name), At: at})
	v.Rows[0].Wall = Wall{Times: 1}
	return v
}

// under puts the call n before the paths of a value.
func (v Value) under(n *Node) Value {
	step := Step{Kind: CallStep, Name: cmp.Or(n.Call.Name, n.Call.Func), At: n.At}
	rows := make([]Row, len(v.Rows))
	for i, r := range v.Rows {
		r.Cases = slices.Clone(r.Cases)
		for j := range r.Cases {
			r.Cases[j].Path = step.under(r.Cases[j].Path)
		}
		rows[i] = r
	}
	return Value{Rows: rows}
}
