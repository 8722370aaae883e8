package picture

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/commslint/commslint/callgraph"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// WriteHTML writes a graph as a page: the picture, and the figures of each box on
// demand. It holds all that it needs and asks for nothing else: its policy lets run
// no script but its own.
func WriteHTML(w io.Writer, g *callgraph.Graph) error {
	v := newView(g)
	data, err := json.Marshal(v.page()) // writes <, > and & so that no markup can end the script
	if err != nil {
		return err
	}
	var picture bytes.Buffer
	if err := v.writePicture(&picture); err != nil {
		return err
	}
	style := pageStyle()
	_, err = strings.NewReplacer(
		"@scripthash@", hashOf(pageJS), "@stylehash@", hashOf(style),
		"@style@", style, "@script@", pageJS,
		"@picture@", picture.String(), "@heading@", escape(v.heading()[0]),
		"@notes@", v.noteItems(), "@table@", v.table(), "@unresolved@", v.unresolved(), "@data@", string(data),
	).WriteString(w, pageHTML)
	return err
}

// hashOf names a script or style in a content security policy.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func pageStyle() string {
	css := paint(pageCSS, tone.asVariable) + paint(drawingCSS, tone.asVariable)
	return strings.NewReplacer("@light@", variables(tone.inLight), "@dark@", variables(tone.inDark)).Replace(css)
}

// writePicture draws the view without what surrounds it in a picture of its own.
func (v *view) writePicture(w io.Writer) error {
	out := bufio.NewWriter(w)
	d := newDrawing(v)
	fmt.Fprintf(out, `<svg viewBox="%s %s %s %s" role="group" aria-label="Call graph">`+"\n",
		number(-margin), number(-margin), number(d.placement.Width+2*margin), number(d.placement.Height+3*margin+lineHeight))
	d.write(out)
	writeLegend(out, 0, d.placement.Height+margin+lineHeight)
	fmt.Fprint(out, "</svg>")
	return out.Flush()
}

// symbol is a count in as few characters as it takes.
func symbol(c callgraph.Count) string {
	if c.IsInfinite() {
		return "∞"
	}
	return c.String()
}

// shown is the hard figure, short where nothing bounds it.
func (r *row) shown() string {
	if r.Hard.IsInfinite() {
		return symbol(r.Hard)
	}
	return r.figure()
}

func (v *view) noteItems() string {
	var b strings.Builder
	for _, n := range v.captions() {
		b.WriteString(`<p class="faint">` + escape(n) + "</p>\n")
	}
	return b.String()
}

// table lists the rows for those who do not see the picture, or have no scripts.
func (v *view) table() string {
	if len(v.rows) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("<table>\n<thead><tr><th>to, from</th><th class=\"n\">worst</th><th class=\"n\">hang</th><th class=\"n\">steady</th></tr></thead>\n<tbody>\n")
	for i := range v.rows {
		r := &v.rows[i]
		fmt.Fprintf(&b, `<tr data-row="%d"><td><button type="button" class="linklike">%s</button><br><span class="faint" title="%s">%s</span></td>`+
			`<td class="n sym"><span class="pill %s">%s</span></td><td class="n">%s</td><td class="n">%s</td></tr>`+"\n",
			i, escape(clean(r.Target)), escape(clean(r.Entry)), escape(clean(r.from)), r.heat(), escape(clean(short(r.shown(), 24))), escape(symbol(r.Hang)), escape(symbol(r.Steady)))
	}
	b.WriteString("</tbody>\n</table>")
	return b.String()
}

// unresolved lists the requests of which nothing tells who serves them, and what would.
func (v *view) unresolved() string {
	list := v.graph.Unresolved
	if len(list) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<details>\n<summary>Served by nobody known (%d)</summary>\n<p class=\"faint\">The line of a service in commslint.yaml would tell.</p>\n<ul>\n", len(list))
	for _, u := range list[:min(len(list), maxListed)] {
		fmt.Fprintf(&b, `<li>%s<span class="layer"><a class="place" data-file="%s" data-line="%d">%[2]s:%[3]d</a> %s</span></li>`+"\n",
			escape(clean(u.Operation)), escape(clean(u.File)), u.Line, escape(clean(u.Config)))
	}
	if more := len(list) - maxListed; more > 0 {
		fmt.Fprintf(&b, "<li>and %d more</li>\n", more)
	}
	b.WriteString("</ul>\n</details>")
	return b.String()
}

// maxListed bounds the lists of a page.
const maxListed = 200

// What the script of the page reads.
type (
	pageData struct {
		Nodes []pageNode `json:"nodes"`
		Edges []pageEdge `json:"edges"`
		Rows  []pageRow  `json:"rows"`
	}
	pageNode struct {
		Kind    nodeKind     `json:"kind"`
		Title   string       `json:"title"`
		Detail  string       `json:"detail"`
		Badge   string       `json:"badge,omitempty"`
		Members []pageMember `json:"members"`
		More    int          `json:"more,omitempty"` // members that are not listed
	}
	pageMember struct {
		ID      string `json:"id"`
		File    string `json:"file,omitempty"`
		Line    int    `json:"line,omitempty"`
		ByPlace bool   `json:"byPlace,omitempty"`
	}
	pageEdge struct {
		From int          `json:"from"`
		To   int          `json:"to"`
		Ways [][]pageCall `json:"ways"`
		More int          `json:"more,omitempty"` // ways that are not listed
	}
	pageCall struct {
		Via    string      `json:"via,omitempty"`
		Why    string      `json:"why,omitempty"`
		Bound  string      `json:"bound,omitempty"`
		File   string      `json:"file,omitempty"`
		Line   int         `json:"line,omitempty"`
		Layers []pageLayer `json:"layers,omitempty"`
		Loops  []string    `json:"loops,omitempty"`
	}
	pageLayer struct {
		Name     string `json:"name"`
		Attempts string `json:"attempts"`
		On       string `json:"on,omitempty"`
		PerTry   string `json:"perTry,omitempty"`
		Overall  string `json:"overall,omitempty"`
		File     string `json:"file,omitempty"`
		Line     int    `json:"line,omitempty"`
	}
	pageRow struct {
		From      string `json:"from"`
		Target    string `json:"target"`
		EntryBox  int    `json:"entryBox"`
		TargetBox int    `json:"targetBox"`
		Figure    string `json:"figure"`
		Heat      heat   `json:"heat"`
		Hang      string `json:"hang"`
		Steady    string `json:"steady"`
		Base      string `json:"base"`
		Bystander string `json:"bystander"`
		Wall      string `json:"wall,omitempty"`
		Mode      string `json:"mode"`
		Product   string `json:"product,omitempty"`
		Sentence  string `json:"sentence"`
		Path      []int  `json:"path"`
	}
)

func (v *view) page() pageData {
	p := pageData{Nodes: []pageNode{}, Edges: []pageEdge{}, Rows: []pageRow{}}
	for i := range v.nodes {
		p.Nodes = append(p.Nodes, v.pageNode(&v.nodes[i]))
	}
	for i := range v.edges {
		p.Edges = append(p.Edges, v.pageEdge(&v.edges[i]))
	}
	for i := range v.rows {
		p.Rows = append(p.Rows, v.rows[i].page())
	}
	return p
}

// maxWaysListed and maxMembers bound what the page says of an edge and of a box.
const (
	maxWaysListed = 5
	maxMembers    = 300
)

// pageEdge lists the ways of an edge that repeat most.
func (v *view) pageEdge(e *edge) pageEdge {
	pe := pageEdge{From: e.from, To: e.to, Ways: [][]pageCall{}, More: max(len(e.ways)-maxWaysListed, 0)}
	ways := slices.Clone(e.ways)
	slices.SortStableFunc(ways, func(a, b way) int { return cmp.Compare(v.factor(&b), v.factor(&a)) })
	for _, w := range ways[:min(len(ways), maxWaysListed)] {
		calls := []pageCall{}
		for _, k := range w.edges {
			calls = append(calls, pageCallOf(&v.graph.Edges[k]))
		}
		pe.Ways = append(pe.Ways, calls)
	}
	return pe
}

func (v *view) pageNode(n *node) pageNode {
	badge, _ := v.badge(n)
	pn := pageNode{Kind: n.kind, Title: clean(n.title), Detail: clean(n.detail), Badge: clean(badge)}
	pn.More = max(len(n.members)-maxMembers, 0)
	for _, m := range n.members[:min(len(n.members), maxMembers)] {
		gn := &v.graph.Nodes[m]
		pn.Members = append(pn.Members, pageMember{ID: clean(gn.ID), File: clean(gn.File), Line: gn.Line, ByPlace: gn.ByPlace})
	}
	return pn
}

func pageCallOf(e *callgraph.GraphEdge) pageCall {
	c := pageCall{Via: clean(e.Via), Why: clean(e.Why), Bound: e.Bound, File: clean(e.File), Line: e.Line}
	for _, l := range e.Layers {
		name := l.Name
		if name == "" {
			name = string(l.Kind)
		}
		c.Layers = append(c.Layers, pageLayer{
			Name: clean(name), Attempts: clean(l.Attempts.String()), On: clean(l.On),
			PerTry: l.PerTry, Overall: l.Overall, File: clean(l.File), Line: l.Line,
		})
	}
	for _, l := range e.Loops {
		c.Loops = append(c.Loops, clean(l))
	}
	return c
}

func (r *row) page() pageRow {
	path := r.path
	if path == nil {
		path = []int{}
	}
	return pageRow{
		From: clean(r.from), Target: clean(r.Target), EntryBox: r.entry, TargetBox: r.target,
		Figure: clean(r.shown()), Heat: r.heat(), Hang: symbol(r.Hang), Steady: symbol(r.Steady),
		Base: symbol(r.Base), Bystander: symbol(r.Bystander), Wall: r.Wall, Mode: clean(r.Mode),
		Product: clean(r.product()), Sentence: clean(r.sentence()), Path: path,
	}
}
