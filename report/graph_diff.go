package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/commslint/commslint/callgraph"
)

// GraphDiffFormats lists the names that WriteGraphDiff takes, the default first.
func GraphDiffFormats() []string { return []string{"text", "markdown", "json"} }

// A GraphDiff is what a change does to the figures of a call graph.
type GraphDiff struct {
	Version int                     `json:"version"`
	Against string                  `json:"against"` // what it is compared with
	Changes []callgraph.GraphChange `json:"changes"`
}

// WriteGraphDiff writes changes in the named format. It fails on an unknown format and
// on w's errors.
func WriteGraphDiff(w io.Writer, format string, d *GraphDiff) error {
	switch format {
	case "text":
		return d.text(w)
	case "markdown":
		return d.markdown(w)
	case "json":
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(d)
	}
	return fmt.Errorf("unknown format %q: expected one of %s", format, strings.Join(GraphDiffFormats(), ", "))
}

// worst is the change that grows most for each target, in order.
func (d *GraphDiff) worst() []callgraph.GraphChange {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(d.Changes), func(c callgraph.GraphChange) bool {
		repeated := seen[c.Target]
		seen[c.Target] = true
		return repeated
	})
}

// headline says what the change does to one target: "takes payments from 4 to 16".
func headline(c *callgraph.GraphChange) string {
	name := c.Target
	if c.Service != "" {
		name = c.Service + " (" + c.Target + ")"
	}
	switch {
	case c.Old == 0:
		return fmt.Sprintf("sends %s to %s", requests(c.New), name)
	case c.New == 0:
		return fmt.Sprintf("sends nothing to %s any more, which got %s", name, c.Old)
	}
	return fmt.Sprintf("takes %s from %s to %s", name, c.Old, c.New)
}

func requests(n callgraph.Count) string {
	if n == 1 {
		return "1 request"
	}
	return n.String() + " requests"
}

func (d *GraphDiff) text(w io.Writer) error {
	out := bufio.NewWriter(w)
	if len(d.Changes) == 0 {
		fmt.Fprintf(out, "No figure of the call graph differs from %s.\n", d.Against)
	}
	for _, c := range d.worst() {
		fmt.Fprintf(out, "This change %s\n", printable(headline(&c)))
		fmt.Fprintf(out, "  for one run of %s, while it fails with %s\n", printable(c.Entry), printable(c.Mode))
		if c.Steps != "" {
			fmt.Fprintf(out, "  %s  %s\n", printable(c.Steps), sourcePlace(c.File, c.Line))
		}
	}
	return out.Flush()
}

// markdown writes a comment for a review.
func (d *GraphDiff) markdown(w io.Writer) error {
	out := bufio.NewWriter(w)
	worst := d.worst()
	if len(worst) == 0 {
		fmt.Fprintf(out, "No figure of the call graph differs from %s.\n", codeSpan(d.Against))
		return out.Flush()
	}
	fmt.Fprintf(out, "**This change %s.**\n\n", tableText(headline(&worst[0])))
	fmt.Fprintf(out, "Most requests that one can become while the target fails, against %s:\n\n", codeSpan(d.Against))
	fmt.Fprintln(out, "| Target | Before | After | From | By |\n|---|--:|--:|---|---|")
	for _, c := range d.Changes {
		target := codeSpan(c.Target)
		if c.Service != "" {
			target = tableText(c.Service) + " " + target
		}
		place := ""
		if at := sourcePlace(c.File, c.Line); at != "" {
			place = " (" + codeSpan(at) + ")"
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s%s |\n", target, tableText(countOrNone(c.Old)), tableText(countOrNone(c.New)), codeSpan(c.Entry), tableText(c.Steps), place)
	}
	return out.Flush()
}

func countOrNone(n callgraph.Count) string {
	if n == 0 {
		return "–"
	}
	return n.String()
}

// codeSpan writes a text as code within a cell of a table, where nothing but the bar and
// the backtick mean anything.
func codeSpan(text string) string {
	text = strings.ReplaceAll(printable(text), "|", "\\|")
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + text + " " + fence
	}
	return fence + text + fence
}

// tableText writes a text so that Markdown takes nothing in it for markup.
func tableText(text string) string {
	return strings.NewReplacer("|", "\\|", "*", "\\*", "_", "\\_", "`", "\\`", "<", "&lt;", "[", "\\[").Replace(printable(text))
}
