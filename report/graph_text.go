package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/commslint/commslint/callgraph"
)

// writeGraphText lists for every entry what it can send, worst entries first,
// and the way to each operation that gets more than one request.
func writeGraphText(w io.Writer, g *callgraph.Graph, o GraphOptions) error {
	t := graphText{out: bufio.NewWriter(w), palette: ink(o.Color), options: o, nodes: map[string]callgraph.GraphNode{}}
	for _, n := range g.Nodes {
		t.nodes[n.ID] = n
	}
	entries := t.byEntry(g.Amplification)
	if len(entries) == 0 {
		fmt.Fprintln(t.out, "Nothing that the outside starts sends any request.")
	}
	for i, rows := range entries {
		if i > 0 {
			fmt.Fprintln(t.out)
		}
		t.entry(rows)
	}
	t.unresolved(g)
	return t.out.Flush()
}

type graphText struct {
	out     *bufio.Writer
	palette palette
	options GraphOptions
	nodes   map[string]callgraph.GraphNode
}

// followed reports whether a target is an operation, and not a function that is
// out of sight and may send anything or nothing.
func (t *graphText) followed(a *callgraph.Amplification) bool {
	return t.nodes[a.Target].Kind != callgraph.UnresolvedNode
}

// rank is 0 for operations and 1 for what comes after them.
func (t *graphText) rank(a *callgraph.Amplification) int {
	if t.followed(a) {
		return 0
	}
	return 1
}

// byEntry groups by entry, those with the largest figures first. What could not
// be followed comes last: libraries call many such functions, in loops and
// recursions without a known end, and most of them send nothing.
func (t *graphText) byEntry(all []callgraph.Amplification) [][]callgraph.Amplification {
	groups := map[string][]callgraph.Amplification{}
	var ids []string
	for _, a := range all {
		if groups[a.Entry] == nil {
			ids = append(ids, a.Entry)
		}
		groups[a.Entry] = append(groups[a.Entry], a)
	}
	for _, rows := range groups {
		slices.SortStableFunc(rows, func(a, b callgraph.Amplification) int { return cmp.Compare(t.rank(&a), t.rank(&b)) })
	}
	slices.SortStableFunc(ids, func(a, b string) int {
		x, y := &groups[a][0], &groups[b][0]
		return cmp.Or(cmp.Compare(t.rank(x), t.rank(y)), cmp.Compare(y.Hard, x.Hard), strings.Compare(a, b))
	})
	sorted := make([][]callgraph.Amplification, len(ids))
	for i, id := range ids {
		sorted[i] = groups[id]
	}
	return sorted
}

func (t *graphText) entry(rows []callgraph.Amplification) {
	n := t.nodes[rows[0].Entry]
	heading := t.palette.bold(printable(rows[0].Entry))
	if n.Entry != "" {
		heading += " (" + string(n.Entry) + ")"
	}
	if at := sourcePlace(n.File, n.Line); at != "" {
		heading += "  " + t.palette.dim(at)
	}
	fmt.Fprintln(t.out, heading)
	t.table(rows)
	for i := range rows {
		if a := &rows[i]; t.options.Paths || t.followed(a) && figureText(a) != "1" {
			t.path(a)
		}
	}
}

// columns of the table of an entry.
var graphColumns = []struct {
	name  string
	right bool
	cell  func(a *callgraph.Amplification) string
}{
	{"target", false, func(a *callgraph.Amplification) string { return a.Target }},
	{"worst case", true, figureText},
	{"hang", true, func(a *callgraph.Amplification) string { return a.Hang.String() }},
	{"steady", true, func(a *callgraph.Amplification) string { return a.Steady.String() }},
	{"others fail", true, func(a *callgraph.Amplification) string { return a.Bystander.String() }},
	{"time", true, func(a *callgraph.Amplification) string { return cmp.Or(a.Wall, "-") }},
	{"when", false, func(a *callgraph.Amplification) string { return a.Mode }},
}

// maxFigure is how wide a figure may be in text. Sums of many loops can have thousands of
// characters, which tell a person nothing; JSON has them.
const maxFigure = 60

// figureText is the hard figure by name.
func figureText(a *callgraph.Amplification) string { return readable(a.Hard, a.Symbolic) }

// readable writes a figure by its variables where a person can read that, and else as the number
// that it is for given values of them.
func readable(n callgraph.Count, symbolic string) string {
	switch {
	case n.IsInfinite():
		return n.String()
	case utf8.RuneCountInString(symbolic) > maxFigure:
		return n.String() + ", more by loops"
	}
	return symbolic
}

func (t *graphText) table(rows []callgraph.Amplification) {
	lines := make([][]string, 1, len(rows)+1)
	for _, c := range graphColumns {
		lines[0] = append(lines[0], c.name)
	}
	for i := range rows {
		var line []string
		for _, c := range graphColumns {
			line = append(line, printable(c.cell(&rows[i])))
		}
		lines = append(lines, line)
	}
	widths := make([]int, len(graphColumns))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for i, line := range lines {
		text := alignCells(line, widths)
		if i == 0 {
			text = t.palette.dim(text)
		}
		fmt.Fprintln(t.out, "  "+text)
	}
}

func alignCells(line []string, widths []int) string {
	var b strings.Builder
	for i, cell := range line {
		if i > 0 {
			b.WriteString("  ")
		}
		blank := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		if graphColumns[i].right {
			b.WriteString(blank + cell)
		} else {
			b.WriteString(cell + blank)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// path shows the steps to a target, indented by what repeats them.
func (t *graphText) path(a *callgraph.Amplification) {
	fmt.Fprintf(t.out, "\n  %s: %s\n", t.palette.bold(printable(a.Target)), printable(multiplication(a)))
	type line struct{ text, at string }
	var lines []line
	depth, width := 2, 0
	for _, s := range a.Path {
		text := strings.Repeat("  ", depth) + printable(stepText(&s))
		lines = append(lines, line{text, sourcePlace(s.File, s.Line)})
		width = max(width, utf8.RuneCountInString(text))
		if s.Attempts != nil {
			depth++
		}
	}
	for _, l := range lines {
		if l.at != "" {
			l.text += strings.Repeat(" ", width-utf8.RuneCountInString(l.text)+2) + t.palette.dim(l.at)
		}
		fmt.Fprintln(t.out, l.text)
	}
}

func stepText(s *callgraph.GraphStep) string {
	if s.Attempts == nil {
		return s.Name
	}
	return factorText(s.Attempts) + " × " + cmp.Or(s.Name, string(s.Layer))
}

// factorText is a factor as it is written in a product.
func factorText(t *callgraph.Times) string {
	if utf8.RuneCountInString(t.Text) > maxFigure {
		return "(several loops)"
	}
	if strings.Contains(t.Text, " + ") {
		return "(" + t.Text + ")"
	}
	return t.String()
}

// multiplication writes the factors of a path and what they come to: "3 × 4 =
// 12", and how much of the whole that is if other paths lead there too.
func multiplication(a *callgraph.Amplification) string {
	var factors []string
	product, numeric := callgraph.Count(1), true
	for _, s := range a.Path {
		if s.Attempts == nil {
			continue
		}
		factors = append(factors, factorText(s.Attempts))
		numeric = numeric && s.Attempts.Text == ""
		product *= s.Attempts.N
	}
	total := figureText(a)
	switch {
	case len(factors) == 0, len(factors) == 1 && factors[0] == total:
		return total
	case !numeric:
		return strings.Join(factors, " × ") + " = " + total
	case product == a.Hard:
		return strings.Join(factors, " × ") + " = " + total
	case len(factors) == 1:
		return fmt.Sprintf("%s here, %s in all", product, total)
	}
	return fmt.Sprintf("%s = %s here, %s in all", strings.Join(factors, " × "), product, total)
}

// unresolved lists what could not be followed, and what is not known by a name
// of its own.
func (t *graphText) unresolved(g *callgraph.Graph) {
	var calls, places []string
	for _, n := range g.Nodes {
		switch {
		case n.Kind == callgraph.UnresolvedNode:
			calls = append(calls, printable(n.Name))
		case n.ByPlace:
			places = append(places, printable(n.Name))
		}
	}
	var requests []string
	for _, u := range g.Unresolved {
		requests = append(requests, printable(u.Operation)+"  "+t.palette.dim(sourcePlace(u.File, u.Line))+"  "+printable(u.Config))
	}
	t.list("Nothing tells who serves these; the line of a service in commslint.yaml would:", requests)
	t.list("Not followed, and may send more:", calls)
	t.list("Named by the place of the call, as the code does not show what is asked of whom:", places)
}

func (t *graphText) list(heading string, names []string) {
	if len(names) == 0 {
		return
	}
	fmt.Fprintf(t.out, "\n%s\n", heading)
	for _, name := range names {
		fmt.Fprintln(t.out, "  "+name)
	}
}

func sourcePlace(file string, line int) string {
	switch {
	case file == "":
		return ""
	case line == 0:
		return printable(file)
	}
	return fmt.Sprintf("%s:%d", printable(file), line)
}
