package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/commslint/commslint/callgraph"
)

// dotShapes are Graphviz attributes by what a node is.
var dotShapes = map[callgraph.GraphNodeKind]string{
	callgraph.EntryNode:      `shape=box, style=bold`,
	callgraph.FunctionNode:   `shape=box`,
	callgraph.OperationNode:  `shape=ellipse, style=filled, fillcolor="#eeeeee"`,
	callgraph.UnresolvedNode: `shape=ellipse, style=dashed`,
}

// writeGraphDOT writes the language of Graphviz.
func writeGraphDOT(w io.Writer, g *callgraph.Graph, _ GraphOptions) error {
	out := bufio.NewWriter(w)
	most := mostRequests(g)
	fmt.Fprint(out, "digraph calls {\n\trankdir=LR;\n\tnode [fontname=\"sans-serif\"];\n\tedge [fontname=\"sans-serif\"];\n")
	for i := range g.Nodes {
		n := &g.Nodes[i]
		fmt.Fprintf(out, "\t%s [label=%s, %s];\n", dotQuote(n.ID), dotQuote(nodeLabel(n, most)...), dotShapes[n.Kind])
	}
	for i := range g.Edges {
		e := &g.Edges[i]
		fmt.Fprintf(out, "\t%s -> %s", dotQuote(e.From), dotQuote(e.To))
		if label := edgeLabel(e); len(label) > 0 {
			fmt.Fprintf(out, " [label=%s, style=bold]", dotQuote(label...))
		}
		fmt.Fprintln(out, ";")
	}
	fmt.Fprintln(out, "}")
	return out.Flush()
}

// dotQuote writes lines as one quoted string.
func dotQuote(lines ...string) string {
	escaped := make([]string, len(lines))
	for i, l := range lines {
		escaped[i] = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(printable(l))
	}
	return `"` + strings.Join(escaped, `\n`) + `"`
}

// mermaidShapes are the brackets around a node's label.
var mermaidShapes = map[callgraph.GraphNodeKind][2]string{
	callgraph.EntryNode:      {"[[", "]]"},
	callgraph.FunctionNode:   {"[", "]"},
	callgraph.OperationNode:  {"([", "])"},
	callgraph.UnresolvedNode: {"{{", "}}"},
}

// writeGraphMermaid writes a flowchart as Markdown viewers show it.
func writeGraphMermaid(w io.Writer, g *callgraph.Graph, _ GraphOptions) error {
	out := bufio.NewWriter(w)
	most := mostRequests(g)
	ids := map[string]string{}
	fmt.Fprintln(out, "flowchart LR")
	for i := range g.Nodes {
		n := &g.Nodes[i]
		ids[n.ID] = fmt.Sprintf("n%d", i)
		shape, ok := mermaidShapes[n.Kind]
		if !ok {
			shape = mermaidShapes[callgraph.FunctionNode]
		}
		fmt.Fprintf(out, "    %s%s%s%s\n", ids[n.ID], shape[0], mermaidQuote(nodeLabel(n, most)), shape[1])
	}
	for i := range g.Edges {
		e := &g.Edges[i]
		arrow := "-->"
		if label := edgeLabel(e); len(label) > 0 {
			arrow = "==>|" + mermaidQuote(label) + "|"
		}
		fmt.Fprintf(out, "    %s %s %s\n", ids[e.From], arrow, ids[e.To])
	}
	return out.Flush()
}

// mermaidQuote writes lines as one quoted label. Mermaid knows no escapes but
// entities.
func mermaidQuote(lines []string) string {
	escaped := make([]string, len(lines))
	for i, l := range lines {
		escaped[i] = strings.NewReplacer("&", "&amp;", `"`, "&quot;", "<", "&lt;", ">", "&gt;", "`", "&#96;").Replace(printable(l))
	}
	return `"` + strings.Join(escaped, "<br/>") + `"`
}
