package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/report/picture"
)

// GraphOptions say how a call graph is shown.
type GraphOptions struct {
	// Color is for text on a terminal.
	Color bool
	// Paths shows the way to every target, not only to those that get more than
	// one request. It is for text.
	Paths bool
}

var graphFormats = []struct {
	name  string
	write func(w io.Writer, g *callgraph.Graph, o GraphOptions) error
}{
	{"text", writeGraphText},
	{"json", writeGraphJSON},
	{"dot", writeGraphDOT},
	{"mermaid", writeGraphMermaid},
	{"svg", writeGraphSVG},
	{"html", writeGraphHTML},
}

// GraphFormats lists the names that WriteGraph takes, the default first.
func GraphFormats() []string {
	names := make([]string, len(graphFormats))
	for i, f := range graphFormats {
		names[i] = f.name
	}
	return names
}

// WriteGraph writes a call graph in the named format. It fails on an unknown
// format and on w's errors; what was written till then is not to be used.
func WriteGraph(w io.Writer, format string, g *callgraph.Graph, o GraphOptions) error {
	for _, f := range graphFormats {
		if f.name == format {
			return f.write(w, g, o)
		}
	}
	return fmt.Errorf("unknown format %q: expected one of %s", format, strings.Join(GraphFormats(), ", "))
}

func writeGraphJSON(w io.Writer, g *callgraph.Graph, _ GraphOptions) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(g)
}

func writeGraphSVG(w io.Writer, g *callgraph.Graph, _ GraphOptions) error {
	return picture.WriteSVG(w, g)
}

func writeGraphHTML(w io.Writer, g *callgraph.Graph, _ GraphOptions) error {
	return picture.WriteHTML(w, g)
}

// edgeLabel says what repeats the calls of an edge, outermost first: layers, then
// loops.
func edgeLabel(e *callgraph.GraphEdge) []string {
	var label []string
	for _, l := range e.Layers {
		label = append(label, fmt.Sprintf("%s × %s", l.Attempts, layerName(l)))
	}
	for _, l := range e.Loops {
		label = append(label, l+" × loop")
	}
	return label
}

func layerName(l callgraph.GraphLayer) string {
	if l.Name != "" {
		return l.Name
	}
	return string(l.Kind)
}

// mostRequests tells for each target the largest figure that any entry has.
func mostRequests(g *callgraph.Graph) map[string]callgraph.Amplification {
	most := map[string]callgraph.Amplification{}
	for _, a := range g.Amplification {
		if have, ok := most[a.Target]; !ok || a.Hard > have.Hard {
			most[a.Target] = a
		}
	}
	return most
}

// nodeLabel is the name of a node and, for targets, its largest figure.
func nodeLabel(n *callgraph.GraphNode, most map[string]callgraph.Amplification) []string {
	label := []string{n.Name}
	if a, ok := most[n.ID]; ok {
		label = append(label, "at most "+readable(a.Hard, a.Symbolic)+" per request")
	}
	return label
}
