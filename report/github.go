package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
)

// writeGitHub writes workflow commands, which GitHub Actions shows as annotations
// of the changed lines. The worst come first, because GitHub shows only some of
// each step. Syntax: docs.github.com, "Workflow commands for GitHub Actions".
func writeGitHub(w io.Writer, in *Input) error {
	var shown []*finding.Finding
	for i := range in.Findings {
		if f := &in.Findings[i]; f.Suppressed == nil {
			shown = append(shown, f)
		}
	}
	slices.SortStableFunc(shown, func(a, b *finding.Finding) int {
		return cmp.Compare(b.Level.Rank(), a.Level.Rank())
	})
	src := newSources(in)
	out := bufio.NewWriter(w)
	for _, f := range shown {
		fmt.Fprintf(out, "::%s %s::%s\n", annotationCommand(f.Level), annotationProperties(f, src.file(f.File)), escapeData(annotationText(f)))
	}
	return out.Flush()
}

func annotationCommand(l finding.Level) string {
	switch l {
	case finding.Error:
		return "error"
	case finding.Warning:
		return "warning"
	}
	return "notice"
}

// annotationProperties places the annotation. GitHub takes columns only for
// ranges within one line.
func annotationProperties(f *finding.Finding, src *source) string {
	var p []string
	add := func(name, value string) { p = append(p, name+"="+escapeProperty(value)) }
	number := func(name string, n int) {
		if n > 0 {
			add(name, fmt.Sprint(n))
		}
	}
	if f.File != "" {
		add("file", f.File)
	}
	number("line", f.Line)
	number("endLine", f.EndLine)
	if f.EndLine == 0 || f.EndLine == f.Line {
		number("col", src.utf16Column(f.Line, f.Column))
		number("endColumn", src.utf16Column(f.Line, f.EndColumn))
	}
	add("title", f.Rule)
	return strings.Join(p, ",")
}

// annotationText is the message with the evidence under it.
func annotationText(f *finding.Finding) string {
	text := []string{f.Message}
	for _, r := range f.Related {
		text = append(text, step(place(r.Location), r.Message))
	}
	return strings.Join(text, "\n")
}

func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func escapeProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
