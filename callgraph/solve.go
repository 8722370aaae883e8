package callgraph

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxProgramTargets bounds the targets of a function while a whole program is
// evaluated, where values need not be small.
const maxProgramTargets = 256

// evaluate finds the Value of every function, callees first.
func (p *Program) evaluate() {
	for _, members := range components(p.ids, p.successors(nil)) {
		p.solve(members)
	}
}

// successors lists what a function may call, leaving out dynamic calls within
// the functions of some.
func (p *Program) successors(some map[string]bool) func(string) []string {
	return func(id string) []string {
		var to []string
		for _, e := range p.calls[id] {
			if e.dynamic && some[id] && some[e.to] {
				continue
			}
			to = append(to, e.to)
		}
		return to
	}
}

// solve evaluates functions that all lead to each other.
//
// A call through an interface or a stored function that leads back to a function
// under way is taken to reach another object, as a decorator wraps another and a
// node of a tree holds others: it is no recursion that nothing bounds.
func (p *Program) solve(members []string) {
	if len(members) == 1 && !p.recursive(members[0]) {
		p.values[members[0]] = p.eval(members[0], p.value)
		return
	}
	inside := map[string]bool{}
	for _, id := range members {
		inside[id] = true
	}
	parts := slices.DeleteFunc(components(members, p.successors(inside)), func(part []string) bool {
		return !inside[part[0]]
	})
	cyclic := len(parts) < len(members) || slices.ContainsFunc(members, p.staticallyRecursive)
	if !cyclic && p.unroll(members, inside) {
		return
	}
	for _, part := range parts {
		if len(part) > 1 || p.staticallyRecursive(part[0]) {
			p.noteCycle(part)
		}
		p.solveStatic(part, inside)
	}
}

func (p *Program) recursive(id string) bool {
	return slices.ContainsFunc(p.calls[id], func(e edge) bool { return e.to == id })
}

func (p *Program) staticallyRecursive(id string) bool {
	return slices.ContainsFunc(p.calls[id], func(e edge) bool { return e.to == id && !e.dynamic })
}

// A lookup gives the value of a function that a call may reach. It may say that
// this function sends nothing more here, or that following it would leave a gap.
type lookup func(id string, dynamic bool) (Value, following)

type following uint8

const (
	followed following = iota
	ended              // it is under way and not entered again
	gap                // it is not evaluated here
)

func (p *Program) value(id string, _ bool) (Value, following) {
	return p.values[id], followed
}

// eval evaluates the body of a function.
func (p *Program) eval(id string, find lookup) Value {
	v := p.scope(id, find).Evaluate(p.functions[id].Body)
	if p.maxTargets < maxProgramTargets {
		return v // a part of a program: other packages may store other numbers
	}
	return p.fillSlots(v)
}

func (p *Program) scope(from string, find lookup) Scope {
	s := Scope{MaxTargets: p.maxTargets, Around: p.wiring.around, Conditions: p.conditions}
	s.Callee = func(c Call) (Value, bool) { return p.reached(c, find) }
	s.Serve = func(r *Request, at Posn) Service { return p.service(p.linker.link(from, r, at), find) }
	if len(p.late) > 0 {
		s.Late = func(r *Request) Service { return p.service(p.linker.link(from, r, Posn{}), find) }
	}
	return s
}

// service is what a linkage leads to, as far as it is evaluated.
func (p *Program) service(link *linkage, find lookup) Service {
	s := Service{Beside: link.beside}
	if link.service != nil {
		s.Authority = link.service.Name
	}
	for _, id := range link.handlers {
		if v, how := find(id, false); p.functions[id] != nil && how == followed {
			s.Handlers = append(s.Handlers, v)
		}
	}
	for _, h := range link.proxies {
		if v, how := find(h.function, false); how == followed {
			s.Proxies = append(s.Proxies, ProxyValue{v, h.route.System})
		}
	}
	return s
}

// passesOn reports whether what takes a request is no target of its own: proxies that
// stand beside the sender, and those that send on what has the same name, as a method of
// gRPC has wherever it is asked for.
func (p *Program) passesOn(link *linkage, req *Request) bool {
	asked := Row{Target: Target{Kind: Operation, Name: req.Operation, Protocol: req.Protocol}}
	return link.beside || slices.ContainsFunc(link.proxies, func(h hop) bool { return p.values[h.function].row(&asked) != nil })
}

// reached is what the functions send that a call may reach, whichever sends most.
// Functions that neither a package describes nor anybody knows a value of send
// nothing; what is not known is an interface or a slot without functions.
func (p *Program) reached(c Call, find lookup) (Value, bool) {
	ids, dynamic := p.callees(&c)
	var values []Value
	known, left := false, false
	for _, id := range ids {
		if p.functions[id] == nil {
			known = true
			if v, ok := p.outside(id); ok {
				values = append(values, p.closed(v, find))
			}
			continue
		}
		v, how := find(id, dynamic)
		known, left = known || how != gap, left || how == gap
		if how == followed {
			values = append(values, v)
		}
	}
	if !known {
		return Value{}, false
	}
	if left {
		values = append(values, open(&c, Posn{}))
	}
	return alternative(values), true
}

// closed is the value of a function outside the program, in which the calls that
// were open there and lead to functions of the program are followed.
func (p *Program) closed(v Value, find lookup) Value {
	if !slices.ContainsFunc(v.Rows, func(r Row) bool { return p.leadsInside(&r.Target) }) {
		return v
	}
	parts := make([]Value, 0, len(v.Rows))
	for _, r := range v.Rows {
		part := Value{Rows: []Row{r}}
		if p.leadsInside(&r.Target) {
			c, _ := r.Target.call()
			if inner, ok := p.reached(c, find); ok {
				part = r.around(p.scope("", find).Substitute(inner, c))
			}
		}
		parts = append(parts, part)
	}
	return sum(parts)
}

// leadsInside reports whether an open target can be a function of the program.
// Those that may be others outside as well are left as they are, so that values
// of functions outside cannot lead to each other without end.
func (p *Program) leadsInside(t *Target) bool {
	c, ok := t.call()
	if !ok {
		return false
	}
	ids, _ := p.callees(&c)
	return len(ids) > 0 && !slices.ContainsFunc(ids, func(id string) bool { return p.functions[id] == nil })
}

func (p *Program) outside(id string) (Value, bool) {
	if v, ok := p.known[id]; ok || p.elsewhere == nil {
		return v, ok
	}
	return p.elsewhere(id)
}

// maxUnrolled bounds the evaluations of functions that are unrolled, which can be
// exponential in their number.
const maxUnrolled = 4000

// unroll evaluates functions that lead back to each other only through dynamic
// calls, with each of them at most once on a path. It reports whether that could
// be done within bounds.
func (p *Program) unroll(members []string, inside map[string]bool) bool {
	under := map[string]bool{}
	evaluations := 0
	var run func(id string) Value
	find := func(id string, dynamic bool) (Value, following) {
		switch {
		case !inside[id]:
			return p.value(id, dynamic)
		case under[id] || evaluations > maxUnrolled:
			return Value{}, ended
		}
		return run(id), followed
	}
	run = func(id string) Value {
		evaluations++
		under[id] = true
		defer delete(under, id)
		return p.eval(id, find)
	}
	values := map[string]Value{}
	for _, id := range members {
		values[id] = run(id)
		if evaluations > maxUnrolled {
			return false
		}
	}
	maps.Copy(p.values, values)
	return true
}

// A recursion of n functions that is bounded settles in n rounds. maxCounted bounds
// them where figures are plain numbers, which are cheap. Polynomials can grow until
// a round takes minutes: after maxSymbolic rounds those that change though their
// numbers have settled count as unbounded, which may be too much.
const (
	maxCounted  = 64
	maxSymbolic = 3
)

// solveStatic evaluates functions that call each other by name. Figures that
// keep growing with the depth of the recursion are ∞. Which ones do is found out with
// each variable taken for 1: they would make polynomials of ever higher degrees.
func (p *Program) solveStatic(members []string, inside map[string]bool) {
	cycle := p.cycleStep(members)
	grows := make(map[string]bool)
	rounds := min(len(members), maxCounted) + 1
	numbers := p.settle(members, inside, 2*rounds+8, func(id string, old, v Value, round int) Value {
		v = v.counted()
		if round < rounds {
			return v
		}
		return widen(old, v, cycle, func(r *Row) bool {
			grows[id+" "+r.identity()] = true
			return true
		})
	})
	maps.Copy(p.values, p.settle(members, inside, 2*rounds+8, func(id string, old, v Value, round int) Value {
		v = Value{Rows: slices.Clone(v.Rows)}
		for i := range v.Rows {
			if r := &v.Rows[i]; grows[id+" "+r.identity()] {
				r.unbound(cycle)
			}
		}
		if round < min(rounds, maxSymbolic) {
			return v
		}
		return widen(old, v, cycle, func(r *Row) bool {
			return round >= rounds || numbers[id].hasCounted(r) && numbers[id].hasCounted(old.row(r))
		})
	}))
}

// settle evaluates functions until nothing changes, or for so many rounds. Each new
// value goes through adjust, with the one before and the number of the round.
func (p *Program) settle(members []string, inside map[string]bool, rounds int, adjust func(id string, old, v Value, round int) Value) map[string]Value {
	current := map[string]Value{}
	mine := map[string]bool{}
	for _, id := range members {
		mine[id] = true
	}
	find := func(id string, dynamic bool) (Value, following) {
		switch {
		case inside[id] && dynamic:
			return Value{}, gap
		case mine[id]:
			return current[id], followed
		}
		return p.value(id, dynamic)
	}
	for round := range rounds {
		settled := true
		for _, id := range members {
			old := current[id]
			v := adjust(id, old, p.eval(id, find), round)
			settled = settled && sameRows(old, v)
			current[id] = v
		}
		if settled {
			break
		}
	}
	return current
}

// counted is v with each variable of its figures taken for 1.
func (v Value) counted() Value {
	rows := slices.Clone(v.Rows)
	for i := range rows {
		r := &rows[i]
		r.Base, r.Bystander = Exactly(r.Base.At(1)), Exactly(r.Bystander.At(1))
		r.Cases = slices.Clone(r.Cases)
		for j := range r.Cases {
			c := &r.Cases[j]
			c.Hard = Exactly(c.Hard.At(1))
			if c.Steady != nil {
				c.Steady = Exactly(c.Steady.At(1))
			}
		}
	}
	return Value{Rows: rows}
}

// cycleStep names a recursion by the functions that are in it.
func (p *Program) cycleStep(members []string) Step {
	const most = 3
	var names []string
	for _, id := range members[:min(len(members), most)] {
		names = append(names, cmp.Or(p.functions[id].Name, id))
	}
	name := layerNames[RecursionLayer] + " of " + strings.Join(names, ", ")
	if more := len(members) - most; more > 0 {
		name += fmt.Sprintf(" and %d more", more)
	}
	return Step{
		Kind: LayerStep, Layer: RecursionLayer, Name: name, At: p.functions[members[0]].At,
		Times: Infinity.String(), Factor: Exactly(Infinity),
	}
}

// widen sets to ∞ what differs in v from old, because of a cycle, where may allows it.
func widen(old, v Value, cycle Step, may func(*Row) bool) Value {
	rows := slices.Clone(v.Rows)
	for i := range rows {
		r := &rows[i]
		if before := old.row(r); before != nil && !before.sameFigures(r) && may(r) {
			r.unbound(cycle)
		}
	}
	return Value{Rows: rows}
}

// row returns the row of v for the target of another, nil if there is none.
func (v Value) row(r *Row) *Row {
	i, ok := slices.BinarySearchFunc(v.Rows, r.identity(), func(o Row, key string) int {
		return strings.Compare(o.identity(), key)
	})
	if !ok {
		return nil
	}
	return &v.Rows[i]
}

// hasCounted reports whether the figures of r, with each variable taken for 1, are
// those of v, which has been counted.
func (v Value) hasCounted(r *Row) bool {
	final := v.row(r)
	return final != nil && final.sameFigures(&Value{Rows: []Row{*r}}.counted().Rows[0])
}

// unbound says that nothing bounds how often the target of r is reached.
func (r *Row) unbound(cycle Step) {
	r.Base, r.Bystander, r.Wall = Exactly(Infinity), Exactly(Infinity), Wall{Unknown: true}
	r.Cases = slices.Clone(r.Cases)
	for i := range r.Cases {
		c := &r.Cases[i]
		c.Hard, c.Steady = Exactly(Infinity), nil
		path := slices.DeleteFunc(slices.Clone(c.Path), func(s *Step) bool { return s.Name == cycle.Name })
		c.Path = cycle.under(path)
	}
}

func sameRows(a, b Value) bool {
	return slices.EqualFunc(a.Rows, b.Rows, func(r, s Row) bool {
		return r.identity() == s.identity() && r.Others == s.Others && r.passes() == s.passes() && r.sameFigures(&s)
	})
}

func (r *Row) sameFigures(s *Row) bool {
	return r.Base.Equal(s.Base) && r.Bystander.Equal(s.Bystander) &&
		r.Hard().Equal(s.Hard()) && r.Hang().Equal(s.Hang()) && r.Steady().Equal(s.Steady())
}
