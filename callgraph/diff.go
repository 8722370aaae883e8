package callgraph

import (
	"cmp"
	"slices"
	"strings"
)

// A GraphChange is a figure that differs between two graphs.
type GraphChange struct {
	Entry   string `json:"entry"`  // its name, as both graphs know it
	Target  string `json:"target"` // node id
	Service string `json:"service,omitempty"`
	// Old and New are the requests that one becomes; 0 where there is no such way.
	Old   Count  `json:"old"`
	New   Count  `json:"new"`
	Mode  string `json:"mode,omitempty"` // the failures that lead to it
	Steps string `json:"steps"`          // the factors of the new way, or of the old one where it is gone
	// File and Line are where the largest factor of the way is.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// Compare lists the figures that differ between two graphs, what grows most first.
func Compare(before, after *Graph) []GraphChange {
	was, is := before.figures(), after.figures()
	services := after.services()
	for target, service := range before.services() {
		if services[target] == "" {
			services[target] = service
		}
	}
	var all []GraphChange
	add := func(key figureKey) {
		o, n := was[key], is[key]
		c := GraphChange{Entry: key.entry, Target: key.target, Service: services[key.target]}
		shown := n
		if o != nil {
			c.Old, shown = o.Hard, cmp.Or(n, o)
		}
		if n != nil {
			c.New = n.Hard
		}
		if c.Old == c.New {
			return
		}
		c.Mode, c.Steps = shown.Mode, shown.factors()
		c.File, c.Line = shown.largestStep()
		all = append(all, c)
	}
	for key := range is {
		add(key)
	}
	for key := range was {
		if is[key] == nil {
			add(key)
		}
	}
	slices.SortFunc(all, func(a, b GraphChange) int {
		return cmp.Or(cmp.Compare(b.growth(), a.growth()), cmp.Compare(b.New, a.New),
			strings.Compare(a.Target, b.Target), strings.Compare(a.Entry, b.Entry))
	})
	return all
}

// growth is by how much the figure grows; what is new grows from nothing.
func (c *GraphChange) growth() float64 {
	return float64(c.New+1) / float64(min(c.Old, largestExact)+1)
}

// A figureKey names a figure so that lines that moved do not matter.
type figureKey struct{ entry, target string }

func (g *Graph) figures() map[figureKey]*Amplification {
	names := map[string]string{}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		names[n.ID] = n.ID
		if n.Entry == Proxy { // its id has a place
			operation := n.ID[strings.IndexByte(n.ID, ' ')+1:]
			names[n.ID] = n.Name + ": " + operation
		}
	}
	all := map[figureKey]*Amplification{}
	for i := range g.Amplification {
		a := &g.Amplification[i]
		key := figureKey{cmp.Or(names[a.Entry], a.Entry), a.Target}
		if have := all[key]; have == nil || a.Hard > have.Hard {
			all[key] = a
		}
	}
	return all
}

func (g *Graph) services() map[string]string {
	all := map[string]string{}
	for i := range g.Nodes {
		if n := &g.Nodes[i]; n.Service != "" {
			all[n.ID] = n.Service
		}
	}
	return all
}

// factors writes what multiplies on the way: "4 × route checkout × 3 × Place".
func (a *Amplification) factors() string {
	var all []string
	for _, s := range a.Path {
		if s.Attempts != nil {
			all = append(all, s.Attempts.String()+" by "+cmp.Or(s.Name, string(s.Layer)))
		}
	}
	return strings.Join(all, " × ")
}

func (a *Amplification) largestStep() (file string, line int) {
	most := Count(0)
	for _, s := range a.Path {
		if s.Attempts != nil && s.Attempts.N > most {
			most, file, line = s.Attempts.N, s.File, s.Line
		}
	}
	return file, line
}
