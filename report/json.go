package report

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/commslint/commslint/finding"
)

// jsonVersion changes when a reader of the JSON would have to.
const jsonVersion = 1

type jsonReport struct {
	Version  int           `json:"version"`
	Findings []jsonFinding `json:"findings"`
	Summary  Summary       `json:"summary"`
}

type jsonFinding struct {
	Rule     string           `json:"rule"`
	Level    finding.Level    `json:"level"`
	Strength finding.Strength `json:"strength"`
	Message  string           `json:"message"`
	jsonLocation
	Related     []jsonRelated  `json:"related"`
	Fixes       []jsonFix      `json:"fixes,omitempty"`
	Fingerprint string         `json:"fingerprint"`
	Properties  map[string]any `json:"properties"`
}

// A jsonLocation counts columns in bytes. Its line is 0 for a whole file, its
// end left out where it is not known.
type jsonLocation struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine,omitempty"`
	EndColumn int    `json:"endColumn,omitempty"`
}

type jsonRelated struct {
	jsonLocation
	Message string `json:"message"`
}

type jsonFix struct {
	Message string     `json:"message"`
	Edits   []jsonEdit `json:"edits"`
}

type jsonEdit struct {
	File  string `json:"file"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	New   string `json:"new"`
}

func writeJSON(w io.Writer, in *Input) error {
	r := jsonReport{Version: jsonVersion, Findings: []jsonFinding{}, Summary: Summarize(in)}
	for i := range in.Findings {
		if f := &in.Findings[i]; f.Suppressed == nil {
			r.Findings = append(r.Findings, toJSON(f))
		}
	}
	return encode(w, r)
}

func toJSON(f *finding.Finding) jsonFinding {
	j := jsonFinding{
		Rule:         f.Rule,
		Level:        f.Level,
		Strength:     f.Strength,
		Message:      f.Message,
		jsonLocation: jsonLocation(f.Location),
		Related:      []jsonRelated{},
		Fingerprint:  f.Fingerprint,
		Properties:   f.Properties,
	}
	if j.Properties == nil {
		j.Properties = map[string]any{}
	}
	for _, r := range f.Related {
		j.Related = append(j.Related, jsonRelated{jsonLocation(r.Location), r.Message})
	}
	for _, fix := range f.Fixes {
		jf := jsonFix{Message: fix.Message, Edits: []jsonEdit{}}
		for _, e := range fix.Edits {
			jf.Edits = append(jf.Edits, jsonEdit(e))
		}
		j.Fixes = append(j.Fixes, jf)
	}
	return j
}

// encode writes v as indented JSON with characters such as < as they are.
func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}
