package report

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
)

// The types are those of reviewdog's proto/rdf/reviewdog.proto. Lines and columns count from
// 1, columns in bytes, and ends are exclusive, as in a finding. A reviewdog refuses a report
// with fields that it does not know, and related_locations came late (v0.17 has none), so
// that evidence stands in the message.
type rdResult struct {
	Source      rdSource       `json:"source"`
	Diagnostics []rdDiagnostic `json:"diagnostics"`
}

type rdSource struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

type rdDiagnostic struct {
	Message     string         `json:"message"`
	Location    rdLocation     `json:"location"`
	Severity    string         `json:"severity"`
	Code        rdCode         `json:"code"`
	Suggestions []rdSuggestion `json:"suggestions,omitempty"`
}

type rdLocation struct {
	Path  string   `json:"path"`
	Range *rdRange `json:"range,omitempty"`
}

type rdRange struct {
	Start rdPosition  `json:"start"`
	End   *rdPosition `json:"end,omitempty"`
}

type rdPosition struct {
	Line   int `json:"line"`
	Column int `json:"column,omitempty"`
}

type rdCode struct {
	Value string `json:"value"`
	URL   string `json:"url,omitempty"`
}

type rdSuggestion struct {
	Range rdRange `json:"range"`
	Text  string  `json:"text"`
}

// writeRDJSON writes the Reviewdog Diagnostic Format. It knows no suppressions;
// suppressed findings are left out.
func writeRDJSON(w io.Writer, in *Input) error {
	src := newSources(in)
	r := rdResult{Source: rdSource{Name: "commslint", URL: homepage}, Diagnostics: []rdDiagnostic{}}
	for i := range in.Findings {
		f := &in.Findings[i]
		if f.Suppressed != nil {
			continue
		}
		at := primaryLocation(f)
		d := rdDiagnostic{
			Message:     annotationText(f),
			Location:    newRDLocation(at),
			Severity:    rdSeverity(f.Level),
			Code:        rdCode{Value: f.Rule},
			Suggestions: rdSuggestions(src.file(at.File), at.File, f.Fixes),
		}
		if _, ok := in.rule(f.Rule); ok {
			d.Code.URL = ruleDocs + f.Rule + ".md"
		}
		r.Diagnostics = append(r.Diagnostics, d)
	}
	return encode(w, r)
}

func newRDLocation(l finding.Location) rdLocation {
	out := rdLocation{Path: l.File}
	if l.Line < 1 {
		return out
	}
	out.Range = &rdRange{Start: rdPosition{l.Line, max(l.Column, 0)}}
	// An end with a column belongs to a start with one: without both, lines are meant,
	// and the line of the end is part of the range.
	switch {
	case l.EndLine >= l.Line && l.Column > 0 && l.EndColumn > 0:
		out.Range.End = &rdPosition{l.EndLine, l.EndColumn}
	case l.EndLine > l.Line && l.Column <= 0:
		out.Range.End = &rdPosition{Line: l.EndLine}
	}
	return out
}

func rdSeverity(l finding.Level) string {
	switch l {
	case finding.Error:
		return "ERROR"
	case finding.Warning:
		return "WARNING"
	}
	return "INFO"
}

// rdSuggestions turns each fix into one suggestion. Suggestions are accepted one by
// one, and the edits of a fix belong together, so that they become one range with
// what lies between them. A suggestion has no path: a fix that changes other files
// than the diagnostic's is left out.
func rdSuggestions(src *source, file string, fixes []finding.Fix) []rdSuggestion {
	var out []rdSuggestion
	for _, fix := range fixes {
		if s, ok := newRDSuggestion(src, file, fix.Edits); ok {
			out = append(out, s)
		}
	}
	return out
}

func newRDSuggestion(src *source, file string, edits []finding.Edit) (rdSuggestion, bool) {
	elsewhere := func(e finding.Edit) bool { return e.File != file }
	if len(edits) == 0 || slices.ContainsFunc(edits, elsewhere) {
		return rdSuggestion{}, false
	}
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b finding.Edit) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	start, end := edits[0].Start, edits[len(edits)-1].End
	line, column, ok := src.position(start)
	endLine, endColumn, endOK := src.position(end)
	if !ok || !endOK {
		return rdSuggestion{}, false
	}
	var text strings.Builder
	at := start
	for _, e := range edits {
		if e.Start < at || e.End < e.Start {
			return rdSuggestion{}, false // they overlap
		}
		text.Write(bytes.ToValidUTF8(src.content[at:e.Start], []byte("\uFFFD")))
		text.WriteString(e.New)
		at = e.End
	}
	return rdSuggestion{
		Range: rdRange{Start: rdPosition{line, column}, End: &rdPosition{endLine, endColumn}},
		Text:  text.String(),
	}, true
}
