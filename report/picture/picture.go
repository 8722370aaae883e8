// Package picture draws call graphs for people: as a picture (SVG), and as a page
// (HTML) that needs no network and no other file.
//
// A picture shows what a person can take in: the entries, the operations, and of the
// functions between them those that repeat something or where ways part. What is
// more than fits becomes packages and services, and what is still too much is left
// to the worst cases. A picture says what it leaves out.
package picture

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/commslint/commslint/callgraph"
)

// maxNodes is how many boxes a picture has at most. Beyond about a hundred nobody
// finds anything by eye.
const maxNodes = 120

// A view is what is drawn of a graph.
type view struct {
	graph *callgraph.Graph
	nodes []node
	edges []edge
	rows  []row    // worst first
	notes []string // what the picture leaves out, for people
}

// A node is a box: a node of the graph, or several together.
type node struct {
	kind    nodeKind
	title   string
	detail  string
	members []int // nodes of the graph, the one that gives the name first
	// worst is the row with the most requests that arrive here, -1 if there is none.
	worst int
}

type nodeKind string

const (
	entryBox      nodeKind = "entry"
	functionBox   nodeKind = "function"
	operationBox  nodeKind = "operation"
	unresolvedBox nodeKind = "unresolved"
	packageBox    nodeKind = "package"
	serviceBox    nodeKind = "service"
)

// An edge leads from a box to another, on one or more ways.
type edge struct {
	from, to int
	ways     []way
}

// A way is one or more edges of the graph, one after the other.
type way struct {
	from, to int // nodes of the graph, later of the view
	edges    []int
}

// A row is an amplification, with the boxes that its worst way leads through.
type row struct {
	*callgraph.Amplification
	from          string // the entry, as people call it
	entry, target int    // boxes, -1 if not drawn
	path          []int
}

// newView chooses what of a graph is drawn.
func newView(g *callgraph.Graph) *view {
	v := &view{graph: g}
	f := newFolding(g)
	paths := f.worstPaths()
	f.joinHandlers()
	f.dropEnds()
	f.contract()
	f.group()
	f.trim(paths)
	f.fill(v)
	v.addRows(paths, f)
	return v
}

// addRows lists the amplifications, and finds where they are drawn.
func (v *view) addRows(paths []path, f *folding) {
	for _, p := range paths {
		r := row{Amplification: p.row, from: f.entryName(&p), entry: f.boxOf(p.entry), target: f.boxOf(p.target)}
		for _, n := range p.nodes {
			if b := f.boxOf(n); b >= 0 && (len(r.path) == 0 || r.path[len(r.path)-1] != b) {
				r.path = append(r.path, b)
			}
		}
		if r.target >= 0 && v.nodes[r.target].worst < 0 {
			v.nodes[r.target].worst = len(v.rows)
		}
		v.rows = append(v.rows, r)
	}
}

// entryName is how people call an entry: a function without the path of its package,
// or what is asked of a route.
func (f *folding) entryName(p *path) string {
	if p.entry >= 0 {
		n := &f.graph.Nodes[p.entry]
		if _, asked, ok := strings.Cut(n.ID, " "); ok && n.Entry == callgraph.Proxy {
			return asked + " through " + n.Name
		}
	}
	return shortID(p.row.Entry)
}

// steps are the edges that a row's way takes.
func (v *view) steps(r *row) map[[2]int]bool {
	all := make(map[[2]int]bool)
	for i := 1; i < len(r.path); i++ {
		all[[2]int{r.path[i-1], r.path[i]}] = true
	}
	return all
}

// worst is the row that is shown first, nil if nothing sends anything.
func (v *view) worst() *row {
	if len(v.rows) == 0 {
		return nil
	}
	return &v.rows[0]
}

// figure is the hard figure by name: a number where it has no variables.
func (r *row) figure() string {
	if r.Hard.IsInfinite() || r.Symbolic == "" {
		return r.Hard.String()
	}
	return r.Symbolic
}

// product writes the factors of the worst way: "3 × 4".
func (r *row) product() string {
	var factors []string
	for i := range r.Path {
		if a := r.Path[i].Attempts; a != nil {
			factors = append(factors, a.String())
		}
	}
	return strings.Join(factors, " × ")
}

// sentence tells what a row means.
func (r *row) sentence() string {
	s := fmt.Sprintf("One request to %s can become %s at %s", short(r.from, 76), requests(short(r.figure(), 40)), short(r.Target, 60))
	if p := r.product(); p != "" && p != r.figure() {
		s += " (" + short(p, 60) + ")"
	}
	return s
}

func requests(figure string) string {
	switch figure {
	case "1":
		return "1 request"
	case "unbounded":
		return "requests without bound"
	}
	return figure + " requests"
}

// A heat says how much of an amplification a figure is. The steps are those at which
// graph/amplification warns and fails.
type heat string

const (
	calm heat = ""
	warm heat = "warm" // more than 1
	hot  heat = "hot"  // more than 4
	fire heat = "fire" // more than 10, or unbounded
)

// heat of a figure that depends on something that the code does not tell is at least
// warm.
func (r *row) heat() heat {
	switch {
	case r.Hard > 10:
		return fire
	case r.Hard > 4:
		return hot
	case r.figure() != "1":
		return warm
	}
	return calm
}

// badge is the largest figure of a box, empty if it is nothing to speak of.
func (v *view) badge(n *node) (text string, h heat) {
	if n.worst < 0 {
		return "", calm
	}
	r := &v.rows[n.worst]
	if r.figure() == "1" {
		return "", calm
	}
	if r.Hard.IsInfinite() {
		return "∞", fire
	}
	return "×" + short(r.figure(), 16), r.heat()
}

// label is what stands at an edge: what the way repeats that repeats most, and the
// limits of time on it.
func (v *view) label(e *edge) string {
	best, most := 0, callgraph.Count(-1)
	for i := range e.ways {
		if n := v.factor(&e.ways[i]); n > most {
			best, most = i, n
		}
	}
	var factors, limits []string
	for _, i := range e.ways[best].edges {
		ge := &v.graph.Edges[i]
		for _, l := range ge.Layers {
			if t := l.Attempts.String(); t != "1" {
				factors = append(factors, "×"+t)
			}
			limits = append(limits, limitsOf(l)...)
		}
		if ge.Bound != "" {
			limits = append(limits, ge.Bound)
		}
		for _, l := range ge.Loops {
			factors = append(factors, "×"+l)
		}
	}
	text := strings.Join(factors, " ")
	if len(limits) > 0 {
		text = strings.TrimPrefix(text+", "+strings.Join(limits, ", "), ", ")
	}
	return short(text, 24)
}

func limitsOf(l callgraph.GraphLayer) []string {
	var limits []string
	if l.PerTry != "" {
		limits = append(limits, l.PerTry+" each")
	}
	if l.Overall != "" {
		limits = append(limits, l.Overall)
	}
	return limits
}

// factor is how often a way is taken at most, with every variable at 1.
func (v *view) factor(w *way) callgraph.Count {
	n := callgraph.Count(1)
	for _, i := range w.edges {
		for _, l := range v.graph.Edges[i].Layers {
			if l.Attempts.Text == "" {
				n *= l.Attempts.N
			}
		}
	}
	return n
}

// repeats reports whether anything on a way is done more than once.
func (v *view) repeats(e *edge) bool {
	return slices.ContainsFunc(e.ways, func(w way) bool {
		return slices.ContainsFunc(w.edges, func(i int) bool { return repeated(&v.graph.Edges[i]) })
	})
}

func repeated(e *callgraph.GraphEdge) bool {
	return len(e.Loops) > 0 || slices.ContainsFunc(e.Layers, func(l callgraph.GraphLayer) bool { return l.Attempts != once })
}

// byWorst sorts amplifications, the worst first.
func byWorst(a, b *callgraph.Amplification) int {
	return cmp.Or(cmp.Compare(b.Hard, a.Hard), strings.Compare(a.Target, b.Target), strings.Compare(a.Entry, b.Entry))
}
