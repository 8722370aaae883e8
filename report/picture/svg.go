package picture

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/report/layout"
)

//go:embed drawing.css
var drawingCSS string

const (
	titleSize    = 13.0
	detailSize   = 11.0
	labelSize    = 11.5
	boxHeight    = 42.0
	badgeHeight  = 18.0
	labelHeight  = 17.0
	margin       = 24.0
	lineHeight   = 18.0
	bold         = 1.08 // of the width of text
	titleLimit   = 32   // characters
	detailLimit  = 38
	captionLimit = 260
)

// WriteSVG draws a graph as a picture that stands on its own. It is light or dark as
// the viewer prefers.
func WriteSVG(w io.Writer, g *callgraph.Graph) error {
	v := newView(g)
	d := newDrawing(v)
	above, below := v.heading(), v.captions()
	top := margin + lineHeight*float64(len(above))
	width := max(d.placement.Width, widest(above, 15), widest(below, detailSize), 560) + 2*margin
	height := top + d.placement.Height + margin + lineHeight*float64(len(below)+1) + margin

	out := bufio.NewWriter(w)
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %[1]s %[2]s" role="img" aria-label="%s">`+"\n",
		number(width), number(height), escape(strings.Join(above, " ")))
	fmt.Fprintf(out, "<style>\n%s@media (prefers-color-scheme: dark){\n%s}\n</style>\n",
		paint(drawingCSS, tone.inLight), paint(drawingCSS, tone.inDark))
	fmt.Fprintln(out, `<rect class="paper" width="100%" height="100%"/>`)
	for i, line := range above {
		class := "caption"
		if i == 0 {
			class = "heading"
		}
		writeText(out, class, margin, margin+lineHeight*float64(i)+4, line)
	}
	fmt.Fprintf(out, `<g transform="translate(%s %s)">`+"\n", number(margin), number(top))
	d.write(out)
	fmt.Fprintln(out, "</g>")
	y := top + d.placement.Height + margin + lineHeight
	writeLegend(out, margin, y)
	for i, line := range below {
		writeText(out, "caption", margin, y+lineHeight*float64(i+1)+4, line)
	}
	fmt.Fprintln(out, "</svg>")
	return out.Flush()
}

// heading says what the picture shows: the worst case.
func (v *view) heading() []string {
	r := v.worst()
	if r == nil {
		return []string{"Nothing that the outside starts sends any request."}
	}
	lines := []string{short(clean(r.sentence()), captionLimit)}
	if r.Mode != "" {
		lines = append(lines, short(clean("when: "+r.Mode), captionLimit))
	}
	return lines
}

// captions tell what the picture leaves out.
func (v *view) captions() []string {
	if len(v.notes) == 0 {
		return nil
	}
	var lines []string
	for _, n := range v.notes {
		lines = append(lines, strings.ToUpper(n[:1])+short(clean(n[1:]), captionLimit)+".")
	}
	return lines
}

func widest(lines []string, size float64) float64 {
	width := 0.0
	for _, l := range lines {
		width = max(width, textWidth(l, size))
	}
	return width
}

// A drawing is a view with its layout.
type drawing struct {
	view      *view
	graph     layout.Graph
	placement layout.Placement
	labels    []string // of edges
	worst     map[[2]int]bool
}

func newDrawing(v *view) *drawing {
	d := &drawing{view: v, worst: map[[2]int]bool{}}
	if r := v.worst(); r != nil {
		d.worst = v.steps(r)
	}
	for i := range v.nodes {
		d.graph.Nodes = append(d.graph.Nodes, layout.Node{Width: v.width(&v.nodes[i]), Height: boxHeight})
	}
	for i := range v.edges {
		e := &v.edges[i]
		le := layout.Edge{From: e.from, To: e.to}
		label := clean(v.label(e))
		if label != "" {
			le.LabelWidth, le.LabelHeight = textWidth(label, labelSize)*bold+10, labelHeight
		}
		d.labels = append(d.labels, label)
		d.graph.Edges = append(d.graph.Edges, le)
	}
	d.placement = layout.Place(d.graph)
	return d
}

// width is the width of a box: that of its lines, and of its badge beside the first.
func (v *view) width(n *node) float64 {
	title := textWidth(short(clean(n.title), titleLimit), titleSize) * bold
	if badge, _ := v.badge(n); badge != "" {
		title += badgeWidth(badge) + 10
	}
	return max(70, title+22, textWidth(short(clean(n.detail), detailLimit), detailSize)+22)
}

func badgeWidth(text string) float64 { return textWidth(text, labelSize) + 12 }

// write writes the edges and then the boxes, which lie above them.
func (d *drawing) write(out *bufio.Writer) {
	for _, worst := range []bool{false, true} {
		for i := range d.view.edges {
			e := &d.view.edges[i]
			if d.worst[[2]int{e.from, e.to}] == worst {
				d.writeEdge(out, i, worst)
			}
		}
	}
	onPath := make(map[int]bool)
	if r := d.view.worst(); r != nil {
		for _, n := range r.path {
			onPath[n] = true
		}
	}
	for i := range d.view.nodes {
		d.writeNode(out, i, onPath[i])
	}
}

func (d *drawing) writeEdge(out *bufio.Writer, i int, worst bool) {
	r := &d.placement.Routes[i]
	class := "edge"
	if d.view.repeats(&d.view.edges[i]) {
		class += " many"
	}
	if r.Back {
		class += " back"
	}
	if worst {
		class += " worst"
	}
	fmt.Fprintf(out, `<g class="%s" id="e%d"><path class="way" d="%s"/>`, class, i, pathData(r.Curve))
	fmt.Fprintf(out, `<path class="head" d="%s"/>`, arrowHead(r.Curve))
	if label := d.labels[i]; label != "" {
		le := &d.graph.Edges[i]
		fmt.Fprintf(out, `<g class="label"><rect x="%s" y="%s" width="%s" height="%s" rx="3"/>`,
			number(r.Label.X-le.LabelWidth/2), number(r.Label.Y-le.LabelHeight/2), number(le.LabelWidth), number(le.LabelHeight))
		writeText(out, "", r.Label.X, r.Label.Y+4, label)
		fmt.Fprint(out, "</g>")
	}
	fmt.Fprintln(out, "</g>")
}

func (d *drawing) writeNode(out *bufio.Writer, i int, worst bool) {
	n := &d.view.nodes[i]
	at, size := d.placement.Nodes[i], d.graph.Nodes[i]
	x, y := at.X-size.Width/2, at.Y-size.Height/2
	class := "node " + string(n.kind)
	if worst {
		class += " worst"
	}
	fmt.Fprintf(out, `<g class="%s" id="n%d"><title>%s</title>`, class, i, escape(clean(d.view.fullName(n))))
	if n.kind == packageBox || n.kind == serviceBox {
		fmt.Fprintf(out, `<rect class="stack" x="%s" y="%s" width="%s" height="%s" rx="6"/>`,
			number(x+4), number(y+4), number(size.Width), number(size.Height))
	}
	fmt.Fprintf(out, `<rect class="shape" x="%s" y="%s" width="%s" height="%s" rx="%d"/>`,
		number(x), number(y), number(size.Width), number(size.Height), cornerOf(n.kind))
	writeText(out, "title", x+11, y+18, short(clean(n.title), titleLimit))
	writeText(out, "detail", x+11, y+33, short(clean(n.detail), detailLimit))
	if badge, h := d.view.badge(n); badge != "" {
		badge = clean(badge)
		width := badgeWidth(badge)
		fmt.Fprintf(out, `<g class="badge %s"><rect x="%s" y="%s" width="%s" height="%s" rx="9"/>`,
			h, number(x+size.Width-width-6), number(y+5), number(width), number(badgeHeight))
		writeText(out, "", x+size.Width-width/2-6, y+18, badge)
		fmt.Fprint(out, "</g>")
	}
	fmt.Fprintln(out, "</g>")
}

// cornerOf is the radius of a box's corners: operations are round.
func cornerOf(k nodeKind) int {
	if k == operationBox || k == unresolvedBox {
		return 16
	}
	return 5
}

// fullName is what a pointer on the box is told.
func (v *view) fullName(n *node) string {
	gn := &v.graph.Nodes[n.members[0]]
	name := gn.ID
	if n.kind == packageBox || n.kind == serviceBox {
		name = joinWords(n.title, n.detail)
	}
	if n.worst >= 0 {
		r := &v.rows[n.worst]
		name += "\nat most " + requests(r.figure()) + " for one to " + r.from
	}
	return strings.ReplaceAll(name, "\n", " — ")
}

func writeText(out *bufio.Writer, class string, x, y float64, text string) {
	if class != "" {
		class = ` class="` + class + `"`
	}
	fmt.Fprintf(out, `<text%s x="%s" y="%s">%s</text>`, class, number(x), number(y), escape(text))
}

// legend explains the shapes and colours.
var legend = []struct {
	class, text string
	corner      int
}{
	{"entry", "entry", 5},
	{"function", "function", 5},
	{"operation", "operation", 9},
	{"unresolved", "not followed", 9},
}

func writeLegend(out *bufio.Writer, x, y float64) {
	for _, l := range legend {
		fmt.Fprintf(out, `<g class="node %s"><rect class="shape" x="%s" y="%s" width="26" height="14" rx="%d"/></g>`, l.class, number(x), number(y-11), min(l.corner, 7))
		writeText(out, "caption", x+32, y, l.text)
		x += 32 + textWidth(l.text, detailSize) + 20
	}
	for _, l := range []struct{ class, text string }{{"many", "repeated"}, {"worst", "worst case"}} {
		fmt.Fprintf(out, `<g class="edge %s"><path d="M%s %sh26"/></g>`, l.class, number(x), number(y-4))
		writeText(out, "caption", x+32, y, l.text)
		x += 32 + textWidth(l.text, detailSize) + 20
	}
	for _, l := range []struct {
		heat heat
		text string
	}{{warm, "2 to 4"}, {hot, "5 to 10"}, {fire, "more"}} {
		fmt.Fprintf(out, `<g class="badge %s"><rect x="%s" y="%s" width="26" height="14" rx="7"/></g>`, l.heat, number(x), number(y-11))
		writeText(out, "caption", x+32, y, l.text+" requests for one")
		x += 32 + textWidth(l.text+" requests for one", detailSize) + 20
	}
	fmt.Fprintln(out)
}

// pathData writes a curve as SVG does.
func pathData(curve []layout.Point) string {
	var b strings.Builder
	for i, p := range curve {
		switch {
		case i == 0:
			b.WriteByte('M')
		case i%3 == 1:
			b.WriteByte('C')
		default:
			b.WriteByte(' ')
		}
		b.WriteString(number(p.X) + " " + number(p.Y))
	}
	return b.String()
}

// arrowHead is a triangle at the end of a curve.
func arrowHead(curve []layout.Point) string {
	if len(curve) < 2 {
		return ""
	}
	const length, half = 8.0, 4.0
	tip, before := curve[len(curve)-1], curve[len(curve)-2]
	dx, dy := tip.X-before.X, tip.Y-before.Y
	n := math.Hypot(dx, dy)
	if n == 0 {
		dx, dy, n = 1, 0, 1
	}
	dx, dy = dx/n, dy/n
	x, y := tip.X-length*dx, tip.Y-length*dy
	return fmt.Sprintf("M%s %sL%s %sL%s %sZ", number(tip.X), number(tip.Y),
		number(x-half*dy), number(y+half*dx), number(x+half*dy), number(y-half*dx))
}

// number writes a coordinate to a tenth, which no eye tells apart.
func number(x float64) string {
	return strconv.FormatFloat(math.Round(x*10)/10+0, 'f', -1, 64)
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

func escape(s string) string { return escapes.Replace(s) }
