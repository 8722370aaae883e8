package callgraph

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// A Program is the functions of many packages, linked: it knows what interface
// methods, function values and operations of other processes lead to.
type Program struct {
	functions map[string]*Function
	ids       []string            // of functions, sorted
	methods   map[string][]string // interface method → functions behind it
	slots     map[string][]string // slot → functions stored in it
	wiring    wiring
	linker    *linker
	routed    map[string]*Route   // functions that stand for routes
	late      map[string]*linkage // of operations that calls tell

	calls  map[string][]edge // who may call whom
	called map[string]bool   // by another function of the program
	values map[string]Value

	known     map[string]Value // of functions that no package describes
	elsewhere func(id string) (Value, bool)

	stored  map[string][]Amount   // in slots
	numbers map[string]Polynomial // in slots, as far as they were asked for

	maxTargets int
	conditions Conditions
	cycles     []cycle // through several processes

	sources []Package // as they were given
	estate  Estate
}

// An edge is a call from one function that may reach another.
type edge struct {
	to string
	// dynamic says that the call goes through an interface or a slot, and that
	// to is only one of those that it may reach.
	dynamic bool
}

// Link joins packages to a Program and evaluates it. Where several describe the
// same function, as packages and their test variants do, the first counts.
func Link(packages []Package) *Program {
	return LinkSystem(packages, System{})
}

// A System is what a program is linked with besides its packages. The zero System has
// nothing.
type System struct {
	Estate
	Conditions Conditions
	// Elsewhere gives the values of functions that no package describes; it may be
	// nil.
	Elsewhere func(id string) (Value, bool)
}

// LinkSystem is Link with what is known of the system around the code.
func LinkSystem(packages []Package, sys System) *Program {
	return link(packages, sys, maxProgramTargets)
}

// LinkWith is Link for a part of a program: elsewhere gives the values of
// functions outside of it by their ids, and may be nil. Values are as small as
// those of Evaluate, so that they can be facts.
func LinkWith(packages []Package, elsewhere func(id string) (Value, bool)) *Program {
	return link(packages, System{Elsewhere: elsewhere}, DefaultMaxTargets)
}

func link(packages []Package, sys System, maxTargets int) *Program {
	p := &Program{
		maxTargets: maxTargets,
		conditions: sys.Conditions,
		elsewhere:  sys.Elsewhere,
		linker:     newLinker(&sys.Estate, packages),
		routed:     map[string]*Route{},
		late:       map[string]*linkage{},
		sources:    packages,
		estate:     sys.Estate,
		known:      map[string]Value{},
		stored:     map[string][]Amount{},
		numbers:    map[string]Polynomial{},
		functions:  map[string]*Function{},
		methods:    map[string][]string{},
		slots:      map[string][]string{},
		calls:      map[string][]edge{},
		called:     map[string]bool{},
		values:     map[string]Value{},
	}
	for i := range packages {
		p.add(&packages[i])
	}
	for _, lists := range []map[string][]string{p.methods, p.slots} {
		for name, ids := range lists {
			slices.Sort(ids)
			lists[name] = slices.Compact(ids)
		}
	}
	if maxTargets >= maxProgramTargets {
		p.markHandlers()
	}
	p.linker.instance = p.routeFunction
	p.linker.sender = func(id string) *Route { return p.routed[id] }
	p.addRoutes()
	p.connect(slices.Sorted(maps.Keys(p.functions)))
	p.evaluate()
	if p.maxTargets >= maxProgramTargets && p.connectLate() {
		clear(p.values)
		p.cycles = nil
		p.evaluate()
	}
	return p
}

// markHandlers marks what is registered as a handler of requests, whatever it looks
// like.
func (p *Program) markHandlers() {
	mark := func(id string) {
		f := p.functions[id]
		if f == nil || f.Entry == Handler || f.Entry == Main {
			return
		}
		handler := *f
		handler.Entry = Handler
		p.functions[id] = &handler
	}
	for _, all := range p.linker.methods {
		for _, r := range all {
			mark(r.Func)
		}
	}
	for i := range p.linker.patterns {
		mark(p.linker.patterns[i].Func)
	}
}

// connect finds out who may call whom, of the functions of ids and of the routes that
// their requests pass.
func (p *Program) connect(ids []string) {
	for len(ids) > 0 {
		for _, id := range ids {
			p.calls[id] = p.edges(p.functions[id])
			for _, e := range p.calls[id] {
				if e.to != id {
					p.called[e.to] = true
				}
			}
		}
		ids = slices.DeleteFunc(slices.Sorted(maps.Keys(p.routed)), func(id string) bool {
			_, done := p.calls[id]
			return done
		})
	}
	p.ids = slices.Sorted(maps.Keys(p.functions))
}

// routeFunction gives the function that stands for a route and a request, and adds it
// if there is none yet.
func (p *Program) routeFunction(r *Route, req *Request) string {
	id := r.ID + " " + req.Operation
	if p.functions[id] == nil {
		f := r.function(id, req)
		p.functions[id], p.routed[id] = &f, r
	}
	return id
}

// addRoutes adds the routes that the outside may use. Those of sidecars are for the
// services beside them.
func (p *Program) addRoutes() {
	for _, r := range p.linker.routing.routes {
		if r.Sidecar {
			continue
		}
		for _, req := range p.linker.outsideRequests(r) {
			p.functions[p.routeFunction(r, &req)].Entry = Proxy
		}
	}
}

func (p *Program) add(pkg *Package) {
	for i := range pkg.Functions {
		f := &pkg.Functions[i]
		if _, ok := p.functions[f.ID]; !ok {
			p.functions[f.ID] = f
		}
	}
	for _, c := range pkg.Conversions {
		for method, id := range c.Methods {
			name := "(" + c.Iface + ")." + method
			p.methods[name] = append(p.methods[name], id)
		}
	}
	for _, a := range pkg.Assignments {
		p.slots[a.Slot] = append(p.slots[a.Slot], a.Func)
	}
	for _, n := range pkg.Numbers {
		p.stored[n.Slot] = append(p.stored[n.Slot], n.Amount)
	}
	for id, v := range pkg.Known {
		if _, ok := p.known[id]; !ok {
			p.known[id] = v
		}
	}
	p.wiring.connections = append(p.wiring.connections, pkg.Connections...)
}

// callees lists the functions of the program that a call may reach.
func (p *Program) callees(c *Call) (ids []string, dynamic bool) {
	switch {
	case c.Func != "":
		return []string{c.Func}, false
	case c.Iface != "":
		return p.methods[c.Iface], true
	case c.Slot != "":
		return p.slots[c.Slot], true
	}
	return nil, false
}

// edges lists what f may call, directly or by passing it to what it calls.
func (p *Program) edges(f *Function) []edge {
	var all []edge
	add := func(c Call) {
		ids, dynamic := p.callees(&c)
		for _, id := range ids {
			if p.functions[id] != nil {
				all = append(all, edge{id, dynamic})
				continue
			}
			v, _ := p.outside(id)
			for i := range v.Rows {
				if t := &v.Rows[i].Target; p.leadsInside(t) {
					open, _ := t.call()
					all = append(all, p.inside(open)...)
				}
			}
		}
	}
	for i := range f.Body.Nodes {
		n := &f.Body.Nodes[i]
		if n.Call != nil {
			add(*n.Call)
			for _, a := range n.Call.Args {
				add(Call{Func: a.Func})
				add(Call{Slot: a.Slot})
			}
		}
		if n.Request != nil {
			link := p.linker.link(f.ID, n.Request, n.At)
			for _, id := range link.handlers {
				add(Call{Func: id})
			}
			for _, h := range link.proxies {
				add(Call{Func: h.function})
			}
			for _, a := range p.wiring.around(n.Request) {
				add(Call{Func: a.Interceptor})
			}
		}
	}
	slices.SortFunc(all, func(a, b edge) int {
		return cmp.Or(strings.Compare(a.to, b.to), compareBool(a.dynamic, b.dynamic))
	})
	return slices.CompactFunc(all, func(a, b edge) bool { return a.to == b.to })
}

// inside lists the functions of the program that an open call of a function
// outside may reach.
func (p *Program) inside(c Call) []edge {
	ids, dynamic := p.callees(&c)
	all := make([]edge, len(ids))
	for i, id := range ids {
		all[i] = edge{id, dynamic}
	}
	return all
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// Value is what one run of a function sends, with everything in it that the
// program has.
func (p *Program) Value(id string) (Value, bool) {
	v, ok := p.values[id]
	return v, ok
}

// Evaluate says what a part of a function of the program sends.
func (p *Program) Evaluate(e Effects) Value {
	p.functions[""] = &Function{Body: e}
	defer delete(p.functions, "")
	return p.eval("", p.value)
}

// Function finds a function by its id.
func (p *Program) Function(id string) (*Function, bool) {
	f, ok := p.functions[id]
	return f, ok
}

// IsRoute reports whether a function stands for a route of a proxy.
func (p *Program) IsRoute(id string) bool { return p.routed[id] != nil }

// Entries lists the functions that the outside starts, sorted by id: main
// functions, handlers, and of the exported ones those that nothing in the program
// calls.
func (p *Program) Entries() []*Function {
	return p.entries(func(f *Function) bool {
		return f.Entry == Main || f.Entry == Handler || (f.Entry == Exported || f.Entry == Proxy) && !p.called[f.ID]
	})
}

// AllEntries lists as Entries does, with every exported function.
func (p *Program) AllEntries() []*Function {
	return p.entries(func(f *Function) bool { return f.Entry != NoEntry })
}

func (p *Program) entries(is func(*Function) bool) []*Function {
	var all []*Function
	for _, id := range p.ids {
		if f := p.functions[id]; is(f) {
			all = append(all, f)
		}
	}
	return all
}
