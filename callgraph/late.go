package callgraph

import (
	"cmp"
	"slices"
	"strings"
)

// isLate reports whether callers tell the method or the path of an operation: who serves
// it is known only at their calls.
func isLate(operation string) bool {
	method, rest, ok := strings.Cut(operation, " ")
	if !ok {
		return false
	}
	if strings.Contains(method, placeOpen) {
		return true
	}
	if strings.HasPrefix(rest, placeOpen) { // the host, or all
		_, rest, _ = strings.Cut(rest, placeClose)
		return rest == "" || strings.Contains(rest, placeOpen)
	}
	return strings.Contains(rest, placeOpen)
}

// bind follows a request to those who serve it, now that a call has told what it asks
// for.
func (s Scope) bind(r Row) Value {
	alone := Value{Rows: []Row{r}}
	if s.Late == nil || !r.Target.Late || strings.Contains(r.Target.Name, placeOpen) {
		return alone
	}
	req := r.Target.request()
	service := s.Late(req)
	if len(service.Handlers)+len(service.Proxies) == 0 {
		return alone
	}
	sent := requestRow(req, Posn{})
	sent.Wall = Wall{Times: 1}
	if worst, _ := r.Worst(1); len(worst.Path) > 0 {
		step := *worst.Path[len(worst.Path)-1]
		for i := range sent.Cases {
			sent.Cases[i].Path = []*Step{&step}
		}
	}
	return r.around(service.after(sent, req))
}

// request is the request that an operation told late stands for.
func (t *Target) request() *Request {
	method, _, _ := strings.Cut(t.Name, " ")
	return &Request{Protocol: t.Protocol, Operation: t.Name, Method: knownMethod(method), Authority: t.Authority, Resolved: t.Resolved}
}

// connectLate finds who serves the operations that calls have told, and reports whether
// that is anybody: then the program is to be evaluated again.
func (p *Program) connectLate() bool {
	found := false
	for _, id := range p.ids {
		for i := range p.values[id].Rows {
			t := &p.values[id].Rows[i].Target
			if !t.Late || strings.Contains(t.Name, placeOpen) {
				continue
			}
			link := p.linker.link(id, t.request(), Posn{})
			if len(link.handlers)+len(link.proxies) == 0 {
				continue
			}
			found = true
			p.late[t.Name] = link
			for _, to := range link.functions() {
				if to != id && p.functions[to] != nil {
					p.calls[id] = append(p.calls[id], edge{to: to})
					p.called[to] = true
				}
			}
		}
		slices.SortFunc(p.calls[id], func(a, b edge) int { return cmp.Or(strings.Compare(a.to, b.to), compareBool(a.dynamic, b.dynamic)) })
		p.calls[id] = slices.CompactFunc(p.calls[id], func(a, b edge) bool { return a.to == b.to })
	}
	return found
}

// functions lists those that a linkage leads to.
func (l *linkage) functions() []string {
	all := slices.Clone(l.handlers)
	for _, h := range l.proxies {
		all = append(all, h.function)
	}
	return all
}

// drawLate draws who serves the operations that calls have told.
func (d *drawing) drawLate() []string {
	var reached []string
	for name, link := range d.program.late {
		if _, ok := d.nodes[name]; !ok {
			continue
		}
		for _, to := range link.functions() {
			if f := d.program.functions[to]; f != nil && len(d.program.values[to].Rows) > 0 {
				d.edges = append(d.edges, GraphEdge{From: name, To: to, Why: link.why, File: f.At.File, Line: f.At.Line})
				reached = append(reached, to)
			}
		}
	}
	slices.Sort(reached)
	return slices.Compact(reached)
}
