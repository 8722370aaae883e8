package callgraph

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
)

// A pathHop is the part of a path that ends with a request.
type pathHop struct {
	layers  []GraphStep
	request GraphStep
}

// hopsOf divides a path into hops.
func (w *way) hops() []pathHop {
	var all []pathHop
	var layers []GraphStep
	for _, s := range w.Path {
		switch {
		case s.Kind == LayerStep && s.Attempts != nil:
			layers = append(layers, s)
		case s.Kind == RequestStep:
			all = append(all, pathHop{layers, s})
			layers = nil
		}
	}
	return all
}

// hops reports what several layers repeat on one hop, and paths of which every hop
// repeats.
func (c *checker) hops() {
	paths := map[string]*repeatedPath{} // the longest, by the place of the innermost layer
	for _, w := range c.ways {
		hops := w.hops()
		repeated, longest := 0, 0
		for i := range hops {
			c.multiplied(w, &hops[i])
			if len(hops[i].layers) == 0 {
				repeated = 0
				continue
			}
			repeated++
			longest = max(longest, repeated)
		}
		key := w.innermost()
		if have := paths[key]; longest >= c.limits.Hops && (have == nil || longest > have.length || longest == have.length && w.Entry < have.way.Entry) {
			paths[key] = &repeatedPath{w, hops, longest}
		}
	}
	all := slices.Collect(maps.Values(paths))
	slices.SortFunc(all, func(a, b *repeatedPath) int {
		return cmp.Or(cmp.Compare(b.length, a.length), strings.Compare(a.way.Entry, b.way.Entry), strings.Compare(a.way.Target, b.way.Target))
	})
	for _, p := range all {
		c.everyLayer(p)
	}
}

// A repeatedPath is one on which so many hops in a row repeat.
type repeatedPath struct {
	way    *way
	hops   []pathHop
	length int
}

// innermost is the place of the last layer on a way.
func (w *way) innermost() string {
	if len(w.layers) == 0 {
		return ""
	}
	return w.layers[len(w.layers)-1].title()
}

// multiplied reports two layers on one hop where not both are code: that is what the
// rule about nested retries of code sees.
func (c *checker) multiplied(w *way, h *pathHop) {
	if len(h.layers) < 2 {
		return
	}
	configured := -1
	var names []string
	var related []finding.Related
	for i := range h.layers {
		s := &h.layers[i]
		if s.configured() && ours(s.File) && configured < 0 {
			configured = i
		}
		names = append(names, s.Attempts.String()+" by "+s.title())
		related = append(related, finding.Related{Location: s.at(), Message: s.Attempts.String() + " × " + s.Name})
	}
	if configured < 0 || c.seen["hop\x00"+strings.Join(names, "\x00")] {
		return
	}
	c.seen["hop\x00"+strings.Join(names, "\x00")] = true
	related = append(related, finding.Related{Location: h.request.at(), Message: "sends " + h.request.Name})
	c.add(finding.Finding{
		Rule: "graph/multiplied-layers", Strength: finding.Proven, Location: h.layers[configured].at(), Related: related,
		Message:    fmt.Sprintf("%d layers on one hop repeat %s, and multiply: %s", len(h.layers), h.request.Name, strings.Join(names, " × ")),
		Properties: map[string]any{"target": h.request.Name},
	})
}

// everyLayer reports a path of which every hop repeats, where its outermost layer is.
func (c *checker) everyLayer(p *repeatedPath) {
	w, hops := p.way, p.hops
	var first *GraphStep
	var names []string
	for i := range hops {
		for j := range hops[i].layers {
			if s := &hops[i].layers[j]; first == nil && ours(s.File) {
				first = s
			}
		}
		if len(hops[i].layers) > 0 {
			names = append(names, hops[i].request.Name)
		}
	}
	if first == nil || c.seen["every\x00"+first.title()] {
		return // said of a longer path
	}
	c.seen["every\x00"+first.title()] = true
	c.add(finding.Finding{
		Rule: "graph/retry-at-every-layer", Strength: finding.Proven, Location: first.at(), Related: w.related(),
		Message:    fmt.Sprintf("%d hops in a row repeat their requests (%s): let one of them do it, best the one next to what fails", p.length, strings.Join(names, ", then ")),
		Properties: w.properties(),
	})
}

// bystanders notes what healthy peers get while others fail.
func (c *checker) bystanders() {
	worst := map[string]*way{}
	for _, w := range c.ways {
		if w.Base <= 0 || w.Bystander.IsInfinite() || w.Bystander/w.Base <= c.limits.Bystander {
			continue
		}
		at, _ := w.largest()
		key := fmt.Sprintf("%s:%d", at.File, at.Line)
		if have := worst[key]; have == nil || w.Bystander/w.Base > have.Bystander/have.Base {
			worst[key] = w
		}
	}
	for _, w := range worst {
		at, _ := w.largest()
		c.add(finding.Finding{
			Rule: "graph/bystander-load", Strength: finding.Possible, Location: at, Related: w.related(),
			Message: fmt.Sprintf("%s is healthy and gets %s times its requests from %s while others fail, because retries above start all over",
				w.Target, w.Bystander/w.Base, w.entry.Name),
			Properties: w.properties(),
		})
	}
}

// unresolved notes the requests of which nothing tells who serves them.
func (c *checker) unresolved(entries []*Function) {
	from := map[string]bool{}
	for _, f := range entries {
		from[f.ID] = true
	}
	g := c.program.Graph(GraphOptions{From: func(id string) bool { return from[id] }})
	for _, u := range g.Unresolved {
		c.add(finding.Finding{
			Rule: "graph/unresolved-target", Strength: finding.Possible, Location: finding.Location{File: u.File, Line: u.Line},
			Message:    fmt.Sprintf("nothing tells who serves %s; in commslint.yaml, %q of a service would", u.Operation, u.Config),
			Properties: map[string]any{"config": u.Config},
		})
	}
}
