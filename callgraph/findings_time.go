package callgraph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/commslint/commslint/finding"
)

// cycles reports services that ask each other in a circle.
func (c *checker) cycles(wanted func(string) bool) {
	for _, cycle := range c.program.cycles {
		first := c.program.functions[cycle.members[0]]
		for _, id := range cycle.members {
			if f := c.program.functions[id]; wanted == nil || wanted(id) {
				first = f
				break
			}
		}
		if wanted != nil && !wanted(first.ID) {
			continue
		}
		var names []string
		var related []finding.Related
		for _, e := range cycle.requests {
			names = append(names, e.operation)
			related = append(related, finding.Related{
				Location: finding.Location{File: e.at.File, Line: e.at.Line}, Message: c.program.functions[e.from].Name + " sends " + e.operation,
			})
		}
		at := finding.Location{File: first.At.File, Line: first.At.Line}
		if len(related) > 0 {
			at = related[0].Location
		}
		f := finding.Finding{
			Rule: "graph/retry-cycle", Strength: finding.Proven, Location: at, Related: related,
			Message: fmt.Sprintf("requests lead back to where they started (%s), and nothing bounds how often: one can keep all of these services busy for good",
				strings.Join(names, ", then ")),
			Properties: map[string]any{"gain": cycle.gain().String()},
		}
		if gain := cycle.gain(); gain > 1 {
			f.Message += fmt.Sprintf("; each turn makes %s of one", gain)
		} else {
			f.Strength = finding.Likely // nothing is repeated: perhaps the data ends it
		}
		c.add(f)
	}
}

// A cycle is functions of several processes that lead to each other.
type cycle struct {
	members  []string
	requests []cycleRequest // between them, sorted
}

type cycleRequest struct {
	from, operation string
	at              Posn
	attempts        Count // of the layers around it
}

// gain is how many requests one turn makes of one.
func (c *cycle) gain() Count {
	n := Count(1)
	for _, r := range c.requests {
		n = n.times(r.attempts)
	}
	return n
}

// attemptsAround is what the layers around a node multiply to, on the way on which that
// is most.
func (e *Effects) attemptsAround(target Ref) Count {
	most := make([]Count, len(e.Nodes))
	for _, ref := range e.postorder() {
		n := &e.Nodes[ref]
		if ref == target {
			most[ref] = 1
			continue
		}
		for _, p := range n.Parts {
			if e.has(p) {
				most[ref] = max(most[ref], most[p])
			}
		}
		if n.Kind == Repeat && n.Layer != nil {
			most[ref] = most[ref].times(n.Layer.attempts().At(1))
		}
	}
	if !e.has(e.Root) {
		return 0
	}
	return most[e.Root]
}

// noteCycle notes functions that lead to each other by name, if requests between
// processes are part of it.
func (p *Program) noteCycle(members []string) {
	inside := map[string]bool{}
	for _, id := range members {
		inside[id] = true
	}
	found := cycle{members: members}
	for _, id := range members {
		f := p.functions[id]
		for i := range f.Body.Nodes {
			n := &f.Body.Nodes[i]
			if n.Request == nil {
				continue
			}
			link := p.linker.link(id, n.Request, n.At)
			leads := slices.ContainsFunc(link.handlers, func(to string) bool { return inside[to] }) ||
				slices.ContainsFunc(link.proxies, func(h hop) bool { return inside[h.function] })
			if leads {
				attempts := max(f.Body.attemptsAround(Ref(i)), 1)
				found.requests = append(found.requests, cycleRequest{id, ShowText(n.Request.Operation), n.At, attempts})
			}
		}
	}
	if len(found.requests) > 0 {
		p.cycles = append(p.cycles, found)
	}
}

// deadlines reports callers that give up before what they ask can be done.
func (c *checker) deadlines(wanted func(string) bool) {
	for _, id := range c.program.ids {
		f := c.program.functions[id]
		if wanted != nil && !wanted(id) {
			continue
		}
		c.deadlinesIn(f, f.Body.Root, 0, map[Ref]time.Duration{})
	}
}

// deadlinesIn walks what a function sends, under the shortest limit around it.
func (c *checker) deadlinesIn(f *Function, ref Ref, limit time.Duration, seen map[Ref]time.Duration) {
	if !f.Body.has(ref) {
		return
	}
	if before, ok := seen[ref]; ok && (before == limit || before != 0 && before < limit) {
		return
	}
	seen[ref] = limit
	n := &f.Body.Nodes[ref]
	if n.Layer != nil {
		limit = shorter(limit, shorter(n.Layer.PerTry, n.Layer.Overall))
	}
	if n.Kind == Send && n.Request != nil {
		c.inversion(f, n, shorter(limit, n.Request.Bound))
	}
	for _, p := range n.Parts {
		c.deadlinesIn(f, p, limit, seen)
	}
}

// shorter is the shorter of two limits, of which 0 is none.
func shorter(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// inversion reports a request whose caller waits for less time than the one who
// serves it may take.
func (c *checker) inversion(f *Function, n *Node, limit time.Duration) {
	for _, a := range c.program.wiring.around(n.Request) {
		if a.Layer != nil {
			limit = shorter(limit, shorter(a.Layer.PerTry, a.Layer.Overall))
		}
	}
	if limit == 0 {
		return
	}
	for _, id := range c.program.linker.link(f.ID, n.Request, n.At).handlers {
		served, ok := c.program.functions[id]
		if !ok {
			continue
		}
		row, wall := slowest(c.program.values[id])
		if wall <= limit {
			continue
		}
		c.add(finding.Finding{
			Rule: "graph/deadline-inversion", Strength: finding.Proven, Location: finding.Location{File: n.At.File, Line: n.At.Line},
			Message: fmt.Sprintf("%s waits %s for %s, where %s may take %s for %s: it gives up, perhaps to ask again, while that goes on",
				f.Name, limit, ShowText(n.Request.Operation), served.Name, wall, ShowText(row.Target.Name)),
			Related:    inversionPath(served, row),
			Properties: map[string]any{"limit": limit.String(), "wall": wall.String()},
		})
		return
	}
}

// slowest is the target that a value spends most time on, as far as that is known.
func slowest(v Value) (row *Row, longest time.Duration) {
	for i := range v.Rows {
		if wall, ok := v.Rows[i].Wall.Known(); ok && wall > longest {
			row, longest = &v.Rows[i], wall
		}
	}
	return row, longest
}

func inversionPath(served *Function, row *Row) []finding.Related {
	all := []finding.Related{{Location: finding.Location{File: served.At.File, Line: served.At.Line}, Message: served.Name + " serves it"}}
	worst, _ := row.Worst(1)
	for _, s := range worst.Path {
		if s.At.File == "" {
			continue
		}
		text := cmp.Or(ShowText(s.Name), string(s.Layer))
		if s.Factor != nil {
			text = s.Factor.String() + " × " + text
		}
		all = append(all, finding.Related{Location: finding.Location{File: s.At.File, Line: s.At.Line}, Message: text})
	}
	return all
}
