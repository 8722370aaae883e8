package callgraph

import (
	"fmt"
	"slices"
	"strings"
)

// A Plan is all that one run of a function does, with every call followed to the
// requests and every request to those who serve it: what a simulation runs. Parts
// that several paths share may be shared nodes.
type Plan struct {
	Entry string // id of the function
	Root  *PlanNode
	// Left are the calls that are not followed, sorted: what is out of sight, and
	// functions that are under way already.
	Left []string
}

// A PlanKind says what a node of a Plan stands for.
type PlanKind uint8

const (
	PlanNothing  PlanKind = iota
	PlanAll               // all Parts; it fails if one does
	PlanOneOf             // one of Parts
	PlanRepeat            // Parts[0], again by Layer after failures
	PlanTimes             // Parts[0], Attempts times, whatever comes of it
	PlanSend              // a request, which Parts[0] serves if there is one
	PlanOptional          // Parts[0], whose failures nobody sees
	PlanMirror            // a copy of Parts[0], a Share of the times, that nobody waits for
)

// A PlanNode is one construct of a Plan.
type PlanNode struct {
	Kind  PlanKind
	Parts []*PlanNode
	// Layer repeats. Its attempts are Attempts, at least 1; Infinity if nothing
	// bounds them.
	Layer    *Layer
	Attempts Count
	// Operation is the id of the target of a PlanSend.
	Operation string
	Request   *Request
	// System is that of the proxy if a route serves the request; empty if a
	// function does.
	System string
	// Passed says that a PlanSend is no request of its own: the proxy sends it on by the
	// same name, or stands beside the sender.
	Passed bool
	Share  float64
}

// PlanOptions say how a function is unfolded.
type PlanOptions struct {
	// Variable is the value of every number that the code does not tell; 0 stands
	// for 1.
	Variable Count
}

// maxPlan bounds the nodes of a plan. Calls beyond it are left out, and named.
const maxPlan = 200_000

// Plan unfolds a function of the program; false if there is none of that id.
func (p *Program) Plan(id string, o PlanOptions) (*Plan, bool) {
	if p.functions[id] == nil {
		return nil, false
	}
	if o.Variable <= 0 {
		o.Variable = 1
	}
	pl := planner{program: p, variable: o.Variable, under: map[string]int{}, shared: map[string]*PlanNode{}, left: map[string]bool{}}
	plan := &Plan{Entry: id, Root: pl.function(id, nil)}
	for name := range pl.left {
		plan.Left = append(plan.Left, name)
	}
	slices.Sort(plan.Left)
	return plan, true
}

type planner struct {
	program  *Program
	variable Count
	under    map[string]int       // functions that are being unfolded, and how often
	shared   map[string]*PlanNode // functions to which nothing is passed
	left     map[string]bool
	count    int
}

// A planFrame is a function that is being unfolded, with what it was passed.
type planFrame struct {
	id    string
	args  []passed
	outer *planFrame // of the function around a literal
	// invoker is what an interceptor goes on with.
	invoker *PlanNode
}

// A passed is an argument, in the terms of the frame of the caller.
type passed struct {
	Arg
	frame *planFrame
}

// maxNested bounds how often a helper that runs functions may be under way at once,
// as where what it runs has the same helper run something else.
const maxNested = 4

func (f *planFrame) givesFunction() bool {
	return f != nil && (f.invoker != nil || slices.ContainsFunc(f.args, func(a passed) bool { return a.Func != "" || a.Slot != "" || a.From != nil }))
}

var nothingPlanned = &PlanNode{}

func (pl *planner) leave(what string) *PlanNode {
	pl.left[ShowText(what)] = true
	return nothingPlanned
}

// function unfolds a function, given its frame or nil if nothing is passed to it.
func (pl *planner) function(id string, frame *planFrame) *PlanNode {
	f := pl.program.functions[id]
	switch {
	case f == nil:
		return pl.outside(id, frame)
	case pl.under[id] > 0 && (!frame.givesFunction() || pl.under[id] >= maxNested):
		return pl.leave(id + " (calls itself)")
	case pl.count > maxPlan:
		return pl.leave(id + " (too much to follow)")
	}
	if frame == nil {
		if n, ok := pl.shared[id]; ok {
			return n
		}
	}
	pl.under[id]++
	defer func() { pl.under[id]-- }()
	left := len(pl.left)
	own := frame
	if own == nil {
		own = &planFrame{id: id}
	}
	n := pl.body(&f.Body, own)
	if frame == nil && len(pl.left) == left {
		pl.shared[id] = n
	}
	return n
}

// body unfolds the nodes of a function, parts before what contains them.
func (pl *planner) body(e *Effects, frame *planFrame) *PlanNode {
	nodes := make([]*PlanNode, len(e.Nodes))
	for _, ref := range e.postorder() {
		n := &e.Nodes[ref]
		var parts []*PlanNode
		for _, p := range n.Parts {
			if e.has(p) && nodes[p] != nil && nodes[p].Kind != PlanNothing {
				parts = append(parts, nodes[p])
			}
		}
		nodes[ref] = pl.node(n, parts, frame)
	}
	if !e.has(e.Root) || nodes[e.Root] == nil {
		return nothingPlanned
	}
	return nodes[e.Root]
}

func (pl *planner) add(n PlanNode) *PlanNode {
	pl.count++
	return &n
}

// all is the node of parts of which each happens.
func (pl *planner) all(parts []*PlanNode) *PlanNode {
	switch len(parts) {
	case 0:
		return nothingPlanned
	case 1:
		return parts[0]
	}
	return pl.add(PlanNode{Kind: PlanAll, Parts: parts})
}

func (pl *planner) oneOf(parts []*PlanNode) *PlanNode {
	parts = slices.DeleteFunc(parts, func(n *PlanNode) bool { return n.Kind == PlanNothing })
	if len(parts) > 1 {
		return pl.add(PlanNode{Kind: PlanOneOf, Parts: parts})
	}
	return pl.all(parts)
}

func (pl *planner) node(n *Node, parts []*PlanNode, frame *planFrame) *PlanNode {
	switch n.Kind {
	case Seq:
		return pl.all(parts)
	case Alt:
		return pl.oneOf(parts)
	case Send:
		if n.Request != nil {
			return pl.send(n, frame)
		}
	case Invoke:
		if n.Call != nil {
			return pl.call(n.Call, frame)
		}
	case Unresolved:
		return pl.leave(n.Text)
	case Known:
		if n.Value != nil {
			return pl.value(*n.Value, Call{}, frame)
		}
	}
	body := pl.all(parts)
	if body.Kind == PlanNothing {
		return body
	}
	switch n.Kind {
	case Repeat:
		if n.Layer != nil {
			return pl.repeat(n.Layer, body, frame)
		}
	case Loop:
		turns := pl.amount(n.Count, frame)
		if turns == 0 {
			return nothingPlanned
		}
		return pl.add(PlanNode{Kind: PlanTimes, Attempts: turns, Parts: []*PlanNode{body}})
	case Optional:
		return pl.add(PlanNode{Kind: PlanOptional, Parts: []*PlanNode{body}})
	case Mirrored:
		return pl.add(PlanNode{Kind: PlanMirror, Share: min(n.Share, 1), Parts: []*PlanNode{body}})
	}
	return body
}

func (pl *planner) repeat(l *Layer, body *PlanNode, frame *planFrame) *PlanNode {
	n := max(pl.amount(&l.Attempts, frame), 1)
	return pl.add(PlanNode{Kind: PlanRepeat, Layer: l, Attempts: n, Parts: []*PlanNode{body}})
}

// send unfolds a request: what serves it, and what its connection puts around it.
func (pl *planner) send(n *Node, frame *planFrame) *PlanNode {
	req := n.Request
	name := pl.fill(req.Operation, frame)
	t := Target{Kind: Operation, Name: name, Protocol: req.Protocol, Resolved: req.Resolved}
	out := PlanNode{Kind: PlanSend, Request: req, Operation: targetNode(&t).ID}
	link := pl.program.linker.link(frame.id, req, n.At)
	var serve []*PlanNode
	for _, h := range link.proxies {
		serve = append(serve, pl.function(h.function, nil))
		out.System = h.route.System
	}
	if len(link.proxies) == 0 {
		for _, id := range link.handlers {
			serve = append(serve, pl.function(id, nil))
		}
	}
	served := pl.oneOf(serve)
	if served.Kind != PlanNothing {
		out.Parts = []*PlanNode{served}
	}
	out.Passed = pl.program.passesOn(link, req)
	node := pl.add(out)
	if out.Passed && served.Kind == PlanNothing {
		node = served
	}
	for _, a := range slices.Backward(pl.program.wiring.around(req)) {
		switch {
		case a.Layer != nil:
			node = pl.repeat(a.Layer.forMethod(req.Method), node, frame)
		case pl.program.functions[a.Interceptor] != nil:
			node = pl.function(a.Interceptor, &planFrame{id: a.Interceptor, invoker: node})
		}
	}
	return node
}

// call unfolds a call: one of the functions that it may reach.
func (pl *planner) call(c *Call, frame *planFrame) *PlanNode {
	if c.Param != nil {
		return pl.callParam(*c.Param, c, frame)
	}
	ids, _ := pl.program.callees(c)
	if len(ids) == 0 {
		return pl.leave(c.target())
	}
	var reached []*PlanNode
	for _, id := range ids {
		reached = append(reached, pl.function(id, pl.frameOf(id, c, frame)))
	}
	return pl.oneOf(reached)
}

// frameOf is what a call passes to a function; nil for nothing that matters.
func (pl *planner) frameOf(id string, c *Call, caller *planFrame) *planFrame {
	literal := strings.HasPrefix(id, caller.id+"$")
	if len(c.Args) == 0 && !literal {
		return nil
	}
	f := &planFrame{id: id, outer: caller}
	for _, a := range c.Args {
		f.args = append(f.args, passed{a, caller})
	}
	return f
}

// callParam unfolds a call of what was passed for a parameter.
func (pl *planner) callParam(p Param, c *Call, frame *planFrame) *PlanNode {
	for outer, ok := p.captured(); ok && frame.outer != nil; outer, ok = p.captured() {
		p, frame = outer, frame.outer
	}
	if frame.invoker != nil {
		if t := (Target{Kind: OpenParam, Param: &p}); t.isInvoker() {
			return frame.invoker
		}
	}
	a, ok := pl.lookup(p, frame)
	if !ok {
		return pl.leave(c.target())
	}
	ids, _ := pl.program.callees(&Call{Func: a.Func, Slot: a.Slot})
	var reached []*PlanNode
	for _, id := range ids {
		f := &planFrame{id: id, outer: a.frame}
		for _, arg := range c.Args {
			f.args = append(f.args, passed{arg, frame})
		}
		reached = append(reached, pl.function(id, f))
	}
	if len(reached) == 0 {
		return pl.leave(c.target())
	}
	return pl.oneOf(reached)
}

// lookup finds what was passed for a parameter, in whatever frame that was.
func (pl *planner) lookup(p Param, frame *planFrame) (passed, bool) {
	for range 64 { // frames do not lead to each other without end, but data may be wrong
		if frame == nil {
			return passed{}, false
		}
		if outer, ok := p.captured(); ok {
			p, frame = outer, frame.outer
			continue
		}
		i := slices.IndexFunc(frame.args, func(a passed) bool {
			path, ok := p.below(a.To)
			return ok && (a.From != nil || path == "")
		})
		if i < 0 {
			return passed{}, false
		}
		a := frame.args[i]
		if a.From == nil {
			return a, true
		}
		path, _ := p.below(a.To)
		p, frame = a.From.field(path), a.frame
	}
	return passed{}, false
}

// amount is a number, as far as the frames tell; what they do not is the variable.
func (pl *planner) amount(a *Amount, frame *planFrame) Count {
	switch {
	case !a.known():
		return pl.variable
	case a.N == Unbounded:
		return Infinity
	}
	n := Count(max(a.N, 0))
	switch {
	case a.Param != nil:
		return n.plus(pl.param(*a.Param, frame))
	case a.Var != "" && a.Var != noTimes:
		return n.plus(pl.variable)
	}
	return n
}

func (pl *planner) param(p Param, frame *planFrame) Count {
	if a, ok := pl.lookup(p, frame); ok && a.Amount.known() {
		return pl.amount(a.Amount, a.frame)
	}
	if p.Slot != "" {
		if n, ok := pl.program.number(p.Slot); ok {
			return figureOf(n).At(pl.variable)
		}
	}
	return pl.variable
}

// fill puts what was passed into the places of an operation.
func (pl *planner) fill(text string, frame *planFrame) string {
	return eachPlace(text, func(p Param, name string) string {
		if a, ok := pl.lookup(p, frame); ok && a.Text != "" {
			return pl.fill(a.Text, a.frame)
		}
		return name
	})
}

// outside unfolds a function of which only its value is known.
func (pl *planner) outside(id string, frame *planFrame) *PlanNode {
	v, ok := pl.program.outside(id)
	if !ok {
		return nothingPlanned // it sends nothing
	}
	return pl.value(v, Call{Func: id}, frame)
}

// value unfolds figures: each target gets, while it fails, as many requests as they
// say.
func (pl *planner) value(v Value, c Call, frame *planFrame) *PlanNode {
	var parts []*PlanNode
	for i := range v.Rows {
		r := &v.Rows[i]
		var body *PlanNode
		switch open, ok := r.Target.call(); {
		case r.Target.Kind == Operation:
			req := &Request{Protocol: r.Target.Protocol, Operation: r.Target.Name, Resolved: r.Target.Resolved}
			body = pl.add(PlanNode{Kind: PlanSend, Request: req, Operation: targetNode(&r.Target).ID})
		case r.Target.Kind == OpenParam && frame != nil:
			body = pl.callParam(*r.Target.Param, &Call{Param: r.Target.Param, Name: r.Target.Name}, frame)
		case ok && open.Func != c.Func:
			body = pl.call(&open, &planFrame{id: c.Func})
		default:
			body = pl.leave(fmt.Sprint(r.Target.Name))
		}
		if body.Kind == PlanNothing {
			continue
		}
		parts = append(parts, pl.add(PlanNode{
			Kind: PlanRepeat, Layer: &Layer{Name: c.Func, Growth: NoWait}, Attempts: max(r.Hard().At(pl.variable), 1), Parts: []*PlanNode{body},
		}))
	}
	return pl.all(parts)
}

// A ModeFigure is what an amplification comes to in one way of failing.
type ModeFigure struct {
	Hard, Steady Count
	// Worst are the ways of failing with the largest Hard.
	Worst ModeSet
	// Possible are all ways in which requests of the protocol fail.
	Possible ModeSet
}

// InMode gives the figures of an entry and a target, both by their ids, while the
// target fails in a way; 0 stands for the worst. It is false if the entry does not
// lead to the target.
func (p *Program) InMode(entry, target string, mode ModeSet, variable Count) (ModeFigure, bool) {
	v := p.fillParams(p.values[entry])
	for i := range v.Rows {
		r := &v.Rows[i]
		if r.Target.IsOpen() || targetNode(&r.Target).ID != target {
			continue
		}
		_, worst := r.Worst(variable)
		f := ModeFigure{Worst: worst & AllModes, Possible: failuresOf(r.Target.Protocol)}
		for j := range r.Cases {
			if c := &r.Cases[j]; mode == 0 && c.Modes&worst != 0 || c.Modes&mode != 0 {
				f.Hard = max(f.Hard, c.Hard.At(variable))
				f.Steady = max(f.Steady, min(c.steady().At(variable), c.Hard.At(variable)))
			}
		}
		return f, true
	}
	return ModeFigure{}, false
}

// RepeatsAfter reports whether the layer sends again after one of some failures.
func (l *Layer) RepeatsAfter(m ModeSet) bool { return l.triggers()&m != 0 }

// PassesUp is what a caller of the layer sees of failures below it.
func (l *Layer) PassesUp(m ModeSet) ModeSet { return l.passedUp(m) }

// TimedOut is what is seen of a hang by those above the one who ended it.
const TimedOut = timedOut

// FailuresOf lists how requests of a protocol can fail.
func FailuresOf(protocol string) ModeSet { return failuresOf(protocol) }

// AnswersOf is what a client of a proxy sees of failures of its upstream; of a service,
// for which the system is empty, any failure that it can answer with.
func AnswersOf(system, protocol string, m ModeSet) ModeSet {
	if system != "" {
		return answerOf(system, protocol).passes(m)
	}
	if m == 0 {
		return 0
	}
	return failuresOf(protocol) &^ noAnswer
}
