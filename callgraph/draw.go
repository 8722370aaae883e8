package callgraph

import (
	"fmt"
	"slices"
)

// draw adds the functions that roots lead to and that send anything, and the
// calls and requests between them.
func (d *drawing) draw(roots []*Function) {
	leads := d.leadsToTarget(roots)
	entry := map[string]bool{}
	var queue []string
	for _, f := range roots {
		if leads[f.ID] {
			entry[f.ID] = true
			queue = append(queue, f.ID)
		}
	}
	for _, id := range d.drawLate() {
		if leads[id] {
			queue = append(queue, id)
		}
	}
	drawn := map[string]bool{}
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		if drawn[id] {
			continue
		}
		drawn[id] = true
		fn := functionNode(d.program.functions[id], entry[id])
		if owner := d.program.linker.services.ownerOf(id); owner != nil {
			fn.Service = owner.Name
		}
		d.node(fn)
		edges, nodes, unresolved := d.edgesOf(id)
		for _, u := range unresolved {
			if d.keeps(u.Operation) {
				d.unresolved = append(d.unresolved, u)
			}
		}
		leadsOn := map[string]bool{}
		for _, e := range edges {
			leadsOn[e.From] = true
		}
		for _, e := range edges {
			if d.program.functions[e.To] != nil {
				if !leads[e.To] {
					continue
				}
				queue = append(queue, e.To)
			} else if !d.keeps(e.To) && !leadsOn[e.To] {
				continue
			}
			if n, ok := nodes[e.To]; ok {
				d.node(n)
			}
			d.edges = append(d.edges, e)
		}
	}
}

func (d *drawing) keeps(id string) bool { return d.options.To == nil || d.options.To(id) }

func functionNode(f *Function, entry bool) GraphNode {
	n := GraphNode{ID: f.ID, Kind: FunctionNode, Name: f.Name, File: f.At.File, Line: f.At.Line}
	if entry {
		n.Kind, n.Entry = EntryNode, f.Entry
	}
	return n
}

// leadsToTarget finds the functions below roots with a target that is kept.
func (d *drawing) leadsToTarget(roots []*Function) map[string]bool {
	leads := map[string]bool{}
	for id, v := range d.program.values {
		leads[id] = slices.ContainsFunc(v.Rows, func(r Row) bool { return d.keeps(targetNode(&r.Target).ID) })
	}
	return leads
}

// edgesOf lists what a function calls and sends, each with the layers and loops
// around it.
func (d *drawing) edgesOf(id string) ([]GraphEdge, map[string]GraphNode, []UnresolvedRequest) {
	w := walk{
		program: d.program, from: id, effects: &d.program.functions[id].Body,
		seen: map[string]bool{}, nodes: map[string]GraphNode{},
	}
	w.visit(w.effects.Root, context{})
	return w.edges, w.nodes, w.unresolved
}

// maxContexts bounds the ways in which one function may lead to its calls.
const maxContexts = 4096

// A context is what lies around a node.
type context struct {
	layers []GraphLayer
	loops  []string
	key    string
}

type walk struct {
	program *Program
	from    string
	effects *Effects
	seen    map[string]bool
	edges   []GraphEdge
	nodes   map[string]GraphNode // that are no functions

	unresolved []UnresolvedRequest
}

// visit walks the nodes below ref, each once for every context.
func (w *walk) visit(root Ref, c context) {
	type item struct {
		ref Ref
		context
	}
	stack := []item{{root, c}}
	for len(stack) > 0 && len(w.seen) < maxContexts {
		it := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		key := fmt.Sprintf("%d%s", it.ref, it.key)
		if !w.effects.has(it.ref) || w.seen[key] {
			continue
		}
		w.seen[key] = true
		n := &w.effects.Nodes[it.ref]
		inner := it.context
		switch {
		case n.Kind == Repeat && n.Layer != nil:
			inner = it.context.repeated(n.Layer, it.ref)
		case n.Kind == Loop:
			inner = it.context.looped(n, it.ref)
		case n.Kind == Send && n.Request != nil:
			w.request(n, it.context)
		case n.Kind == Invoke && n.Call != nil:
			w.call(n, it.context)
		case n.Kind == Unresolved:
			w.to(targetNode(&Target{Kind: OpenText, Name: n.Text}), n, it.context, "")
		}
		for _, p := range slices.Backward(n.Parts) {
			stack = append(stack, item{p, inner})
		}
	}
}

func (c context) repeated(l *Layer, ref Ref) context {
	c.layers = append(slices.Clip(c.layers), graphLayer(l))
	c.key += fmt.Sprintf("r%d", ref)
	return c
}

func (c context) looped(n *Node, ref Ref) context {
	c.loops = append(slices.Clip(c.loops), n.turns().String())
	c.key += fmt.Sprintf("l%d", ref)
	return c
}

func graphLayer(l *Layer) GraphLayer {
	return GraphLayer{
		Kind: l.Kind, Name: l.Name, Attempts: timesOf(l.attempts()), On: l.Modes.String(),
		PerTry: durationText(l.PerTry), Overall: durationText(l.Overall),
		File: l.At.File, Line: l.At.Line,
	}
}

func (w *walk) to(n GraphNode, at *Node, c context, via string) {
	w.nodes[n.ID] = n
	w.edge(n.ID, at, c, via)
}

func (w *walk) edge(to string, at *Node, c context, via string) {
	e := GraphEdge{
		From: w.from, To: to, Layers: c.layers, Loops: c.loops, Via: via,
		File: at.At.File, Line: at.At.Line,
	}
	if at.Request != nil {
		e.Bound = durationText(at.Request.Bound)
	}
	w.edges = append(w.edges, e)
}

// request draws a Send, and who serves it.
func (w *walk) request(n *Node, c context) {
	for _, a := range w.program.wiring.around(n.Request) {
		if a.Layer != nil && a.Layer.repeats() {
			c.layers = append(slices.Clip(c.layers), graphLayer(a.Layer))
		}
	}
	t := Target{Kind: Operation, Name: n.Request.Operation, Protocol: n.Request.Protocol, Resolved: n.Request.Resolved}
	node := targetNode(&t)
	link := w.program.linker.link(w.from, n.Request, n.At)
	if w.program.passesOn(link, n.Request) {
		for _, h := range link.proxies {
			w.linked(w.from, h.function, n, c, h.why)
		}
		return
	}
	if link.service != nil {
		node.Service = link.service.Name
	}
	w.to(node, n, c, "")
	for _, h := range link.proxies {
		w.linked(node.ID, h.function, nil, context{}, h.why)
	}
	if len(link.proxies) > 0 {
		return
	}
	known := false
	for _, id := range link.handlers {
		known = w.linked(node.ID, id, nil, context{}, link.why) || known
	}
	switch {
	case known:
	case link.mend != "":
		w.unresolved = append(w.unresolved, UnresolvedRequest{Operation: node.ID, Config: link.mend, File: n.At.File, Line: n.At.Line})
	case link.service != nil:
		w.nodes[link.service.id()] = link.service.node()
		w.edges = append(w.edges, GraphEdge{From: node.ID, To: link.service.id(), Why: link.why})
	}
}

// linked draws what serves a request, or the proxy that takes it; not a function that
// sends nothing.
func (w *walk) linked(from, to string, at *Node, c context, why string) bool {
	f := w.program.functions[to]
	if f == nil || len(w.program.values[to].Rows) == 0 {
		return false
	}
	e := GraphEdge{From: from, To: to, Layers: c.layers, Loops: c.loops, Why: why, File: f.At.File, Line: f.At.Line}
	if at != nil {
		e.File, e.Line = at.At.File, at.At.Line
	}
	w.edges = append(w.edges, e)
	return true
}

func (svc *service) id() string { return "service:" + svc.Name }

func (svc *service) node() GraphNode {
	n := GraphNode{ID: svc.id(), Kind: ServiceNode, Name: svc.Name}
	for _, w := range svc.workloads {
		n.File, n.Line = w.At.File, w.At.Line
		break
	}
	return n
}

func (l *Layer) repeats() bool { return !l.attempts().Equal(Exactly(1)) }

// call draws an Invoke: the functions that it may reach, and those that it
// passes to them.
func (w *walk) call(n *Node, c context) {
	via := n.Call.Iface + n.Call.Slot
	reached := w.reach(Call{Func: n.Call.Func, Iface: n.Call.Iface, Slot: n.Call.Slot}, n, c, via)
	if v, ok := w.program.outside(n.Call.Func); ok && !reached {
		w.outside(v, n, c)
	} else if !reached && (n.Call.Iface != "" || n.Call.Slot != "") {
		target := open(n.Call, n.At).Rows[0].Target
		w.to(targetNode(&target), n, c, "")
	}
	for _, a := range n.Call.Args {
		w.reach(Call{Func: a.Func, Slot: a.Slot}, n, w.given(n.Call, a.To, c), n.Call.target())
	}
}

// given is what lies around a function that a call passes: besides what is around the
// call, what the callee repeats it by.
func (w *walk) given(call *Call, to Param, c context) context {
	v, ok := w.program.values[call.Func]
	if !ok {
		v, _ = w.program.outside(call.Func)
	}
	for i := range v.Rows {
		r := &v.Rows[i]
		if p := r.Target.Param; p == nil || p.Index != to.Index || p.Path != to.Path {
			continue
		}
		worst, _ := r.Worst(2) // at 1, what repeats a variable number of times is no worse than what does not
		for _, s := range worst.Path {
			if s.Kind != LayerStep || s.Factor == nil {
				continue
			}
			times := timesOf(s.Factor.Substitute(call.amounts()))
			c.layers = append(slices.Clip(c.layers), GraphLayer{Kind: s.Layer, Name: s.Name, Attempts: times, File: s.At.File, Line: s.At.Line})
		}
	}
	return c
}

// outside draws what a function sends whose value is all that is known of it.
func (w *walk) outside(v Value, n *Node, c context) {
	via := n.Call.target()
	for i := range v.Rows {
		t := &v.Rows[i].Target
		call, open := t.call()
		switch {
		case t.Kind == OpenParam: // drawn as what is passed
		case open && w.reach(call, n, c, via):
		default:
			w.to(targetNode(t), n, c, via)
		}
	}
}

func (w *walk) reach(c Call, n *Node, around context, via string) bool {
	ids, dynamic := w.program.callees(&c)
	reached := dynamic && len(ids) > 0 // maybe of functions that send nothing
	for _, id := range ids {
		if w.program.functions[id] != nil {
			w.edge(id, n, around, via)
			reached = true
		}
	}
	return reached
}
