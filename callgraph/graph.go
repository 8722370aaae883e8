package callgraph

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"
)

// A Graph is what `commslint graph` prints: who calls whom, and what one request
// can become. All lists are sorted.
type Graph struct {
	Version       int             `json:"version"`
	Nodes         []GraphNode     `json:"nodes"`
	Edges         []GraphEdge     `json:"edges"`
	Amplification []Amplification `json:"amplification"`
	// Unresolved are the requests of which nothing tells who serves them.
	Unresolved []UnresolvedRequest `json:"unresolved,omitempty"`
	// Program is what Merge needs to link the graph with others; nil if it was not
	// asked for.
	Program *Export `json:"program,omitempty"`
}

// An UnresolvedRequest is one of which nothing tells who serves it.
type UnresolvedRequest struct {
	Operation string `json:"operation"` // node id
	// Config is the line of a service in the configuration that would tell:
	// "env: [PAYMENTS_URL]".
	Config string `json:"config"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
}

// GraphVersion is the version of the format. It changes when fields change their
// meaning, not when some are added.
const GraphVersion = 1

// A GraphNodeKind says what a node of a Graph is.
type GraphNodeKind string

const (
	EntryNode      GraphNodeKind = "entry"
	FunctionNode   GraphNodeKind = "function"
	OperationNode  GraphNodeKind = "operation"
	ServiceNode    GraphNodeKind = "service" // that code elsewhere makes
	UnresolvedNode GraphNodeKind = "unresolved"
)

// A GraphNode is a function, an operation or something that is not known.
type GraphNode struct {
	// ID is a function's full name, an operation's METHOD authority/path or
	// /package.Service/Method, or "unresolved:" and the text of a call.
	ID       string        `json:"id"`
	Kind     GraphNodeKind `json:"kind"`
	Name     string        `json:"name"`
	Entry    Entry         `json:"entry,omitempty"`
	Protocol string        `json:"protocol,omitempty"`
	// Service is the service that an operation is one of, or that a function belongs
	// to; empty if that is not known.
	Service string `json:"service,omitempty"`
	// ByPlace says that an operation's name tells where it is asked for, and not
	// what is asked of whom.
	ByPlace bool   `json:"byPlace,omitempty"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
}

// A GraphEdge is a call, or a request, with what repeats it.
type GraphEdge struct {
	From   string       `json:"from"`
	To     string       `json:"to"`
	Layers []GraphLayer `json:"layers,omitempty"` // outermost first
	Loops  []string     `json:"loops,omitempty"`  // "len(order.Items)"
	// Via is the interface method or slot that the call goes through, or the
	// function that is given To to call.
	Via string `json:"via,omitempty"`
	// Why says how it is known that a request leads there, for edges from an
	// operation and to a proxy.
	Why string `json:"why,omitempty"`
	// Bound is the longest that a request takes, empty where nothing bounds it or it
	// is not known.
	Bound string `json:"bound,omitempty"`
	File  string `json:"file,omitempty"`
	Line  int    `json:"line,omitempty"`
}

// A GraphLayer is a retry layer on an edge.
type GraphLayer struct {
	Kind     LayerKind `json:"kind"`
	Name     string    `json:"name,omitempty"`
	Attempts Times     `json:"attempts"`
	On       string    `json:"on,omitempty"` // the failures that it repeats
	PerTry   string    `json:"perTry,omitempty"`
	Overall  string    `json:"overall,omitempty"`
	File     string    `json:"file,omitempty"`
	Line     int       `json:"line,omitempty"`
}

// Amplification is how many requests can arrive at a target because of one that
// arrives at an entry.
type Amplification struct {
	Entry  string `json:"entry"`
	Target string `json:"target"`
	// Hard, Hang and Steady have every variable at the value that is asked for.
	Hard      Count `json:"hard"`
	Hang      Count `json:"hang"`
	Steady    Count `json:"steady"`
	Base      Count `json:"base"`      // nothing fails
	Bystander Count `json:"bystander"` // others fail
	// Symbolic is Hard by the names of its variables.
	Symbolic string `json:"symbolic"`
	Mode     string `json:"mode"`           // the failures that lead to Hard
	Wall     string `json:"wall,omitempty"` // empty if unknown or unbounded
	// Path leads to the request that is repeated most. Its factors multiply to
	// Hard where there is only one such request.
	Path []GraphStep `json:"path"`
}

// A GraphStep is a step of a path.
type GraphStep struct {
	Kind StepKind `json:"kind"`
	Name string   `json:"name"`
	// Attempts is the factor of a layer or a loop, nil for other steps.
	Attempts *Times    `json:"attempts,omitempty"`
	Layer    LayerKind `json:"layer,omitempty"`
	File     string    `json:"file,omitempty"`
	Line     int       `json:"line,omitempty"`
}

// Times is a factor: a number, "unbounded", or what it depends on.
type Times struct {
	N    Count
	Text string // if it is not a number
}

// MarshalJSON writes a number or a string.
func (t Times) MarshalJSON() ([]byte, error) {
	if t.Text != "" {
		return json.Marshal(t.Text)
	}
	return t.N.MarshalJSON()
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Times) UnmarshalJSON(data []byte) error {
	if t.N.UnmarshalJSON(data) == nil {
		t.Text = ""
		return nil
	}
	t.N = 0
	return json.Unmarshal(data, &t.Text)
}

func (t Times) String() string { return cmp.Or(t.Text, t.N.String()) }

func timesOf(f Figure) Times {
	if n, ok := f.constant(); ok {
		return Times{N: n}
	}
	return Times{Text: f.String()}
}

// GraphOptions say what of a program becomes its Graph.
type GraphOptions struct {
	// AllExported takes every exported function as an entry, called or not.
	AllExported bool
	// Variable is the value of every variable; 0 stands for 1.
	Variable Count
	// From and To keep what starts at matching entries and what arrives at
	// matching targets; nil keeps all. They get node ids.
	From, To func(id string) bool
	// Export adds what is needed to merge the graph with others.
	Export bool
}

// Graph draws the program.
func (p *Program) Graph(o GraphOptions) *Graph {
	if o.Variable <= 0 {
		o.Variable = 1
	}
	d := drawing{program: p, options: o, nodes: map[string]GraphNode{}}
	entries := p.Entries()
	if o.AllExported {
		entries = p.AllEntries()
	}
	var roots []*Function
	for _, f := range entries {
		if o.From == nil || o.From(f.ID) {
			roots = append(roots, f)
		}
	}
	amplification := []Amplification{}
	for _, f := range roots {
		amplification = append(amplification, d.amplification(f)...)
	}
	d.draw(roots)
	g := d.graph(amplification)
	if o.Export {
		ids := []string{}
		for _, f := range roots {
			ids = append(ids, f.ID)
		}
		g.Program = p.Export(ids)
	}
	return g
}

// Amplification lists what one run of a function can become, by target.
func (p *Program) Amplification(id string, variable Count) []Amplification {
	f, ok := p.functions[id]
	if !ok {
		return nil
	}
	d := drawing{program: p, options: GraphOptions{Variable: max(variable, 1)}, nodes: map[string]GraphNode{}}
	return d.amplification(f)
}

// A drawing collects a Graph.
type drawing struct {
	program *Program
	options GraphOptions
	nodes   map[string]GraphNode
	edges   []GraphEdge
	// unresolved are the requests that nobody is known to serve.
	unresolved []UnresolvedRequest
}

func (d *drawing) amplification(f *Function) []Amplification {
	var all []Amplification
	v := d.program.fillParams(d.program.values[f.ID])
	for i := range v.Rows {
		r := &v.Rows[i]
		node := targetNode(&r.Target)
		if d.options.To != nil && !d.options.To(node.ID) {
			continue
		}
		d.node(node)
		all = append(all, amplify(f.ID, node.ID, r, d.options.Variable))
	}
	slices.SortFunc(all, func(a, b Amplification) int {
		return cmp.Or(cmp.Compare(b.Hard, a.Hard), strings.Compare(a.Target, b.Target), strings.Compare(a.Symbolic, b.Symbolic))
	})
	return all
}

// amplify states a row, with every variable at n. Where attempts are not known, a
// limit of time or a budget still bounds them, and can be above what n makes of
// them.
func amplify(entry, target string, r *Row, n Count) Amplification {
	worst, modes := r.Worst(n)
	hard := r.Hard()
	a := Amplification{
		Entry: entry, Target: target,
		Hard: hard.At(n), Hang: min(r.Hang().At(n), hard.At(n)), Steady: min(r.Steady().At(n), hard.At(n)),
		Base: r.Base.At(n), Bystander: r.Bystander.At(n),
		Symbolic: hard.String(), Mode: r.modeText(worst, modes), Path: []GraphStep{},
	}
	if d, ok := r.Wall.Known(); ok {
		a.Wall = d.String()
	}
	for _, s := range worst.Path {
		a.Path = append(a.Path, s.graph())
	}
	return a
}

// modeText names the failures that lead to the hard figure; all that the target
// can have are "any failure".
func (r *Row) modeText(worst Case, modes ModeSet) string {
	var all ModeSet
	for _, c := range r.Cases {
		all |= c.Modes & AllModes
	}
	if !r.Bystander.AtMost(worst.Hard) {
		return "failure of another target"
	}
	return modes.among(all)
}

func (s *Step) graph() GraphStep {
	g := GraphStep{Kind: s.Kind, Name: ShowText(s.Name), Layer: s.Layer, File: s.At.File, Line: s.At.Line}
	if s.Factor != nil {
		times := timesOf(s.Factor)
		g.Attempts = &times
	}
	return g
}

func targetNode(t *Target) GraphNode {
	name := cmp.Or(ShowText(t.Name), "a function")
	if t.Kind == OpenParam {
		name = t.Param.String()
		if t.Name != "" {
			name = t.Name
		}
	}
	if t.IsOpen() {
		return GraphNode{ID: "unresolved:" + name, Kind: UnresolvedNode, Name: name}
	}
	return GraphNode{ID: name, Kind: OperationNode, Name: name, Protocol: t.Protocol, ByPlace: !t.Resolved}
}

func (d *drawing) node(n GraphNode) {
	have, ok := d.nodes[n.ID]
	if ok && have.Service == "" && n.Service != "" {
		have.Service = n.Service
		d.nodes[n.ID] = have
	}
	if !ok {
		d.nodes[n.ID] = n
	}
}

func (d *drawing) graph(amplification []Amplification) *Graph {
	g := &Graph{Version: GraphVersion, Nodes: []GraphNode{}, Edges: []GraphEdge{}, Amplification: amplification}
	for _, n := range d.nodes {
		g.Nodes = append(g.Nodes, n)
	}
	slices.SortFunc(g.Nodes, func(a, b GraphNode) int { return strings.Compare(a.ID, b.ID) })
	g.Edges = append(g.Edges, d.edges...)
	g.Unresolved = append(g.Unresolved, d.unresolved...)
	slices.SortFunc(g.Unresolved, func(a, b UnresolvedRequest) int {
		return cmp.Or(strings.Compare(a.Operation, b.Operation), strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	g.Unresolved = slices.Compact(g.Unresolved)
	slices.SortStableFunc(g.Edges, func(a, b GraphEdge) int {
		return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.To, b.To),
			strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Via, b.Via), strings.Compare(a.Why, b.Why))
	})
	// Who serves an operation is found at every place that asks it.
	g.Edges = slices.CompactFunc(g.Edges, func(a, b GraphEdge) bool { return a.Why != "" && reflect.DeepEqual(a, b) })
	return g
}

func durationText(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return d.String()
}
