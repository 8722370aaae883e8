// Package report writes findings in the formats that people, editors and CI
// systems read. A format only says how a finding looks: what is reported, at
// which level and in which order has been decided before.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

// An Input is what a run found, in the form that every format is written from.
type Input struct {
	// Findings are sorted by finding.Sort; suppressed ones are included.
	Findings []finding.Finding
	// FilesAnalysed counts the inputs that were read without failure.
	FilesAnalysed int
	// Version is the tool's, as v1.2.3.
	Version string
	// Baseline holds what a comparison with a baseline left out of Findings; nil if
	// there is none to compare with.
	Baseline *Baseline
	// ReadFile reads a file by the path that findings name. Where it fails, or is
	// nil, formats leave out what they would have shown of the file.
	ReadFile func(path string) ([]byte, error)
	// Rule finds the rule of an id; nil stands for rules.Lookup. A rule that is
	// not found is reported by its id alone.
	Rule func(id string) (*rules.Rule, bool)
	// Color and Width are for text on a terminal. Width is in columns; source
	// lines are cut to it, or to 160 columns if it is zero.
	Color bool
	Width int
}

// A Baseline is how findings compare with those that were known before.
type Baseline struct {
	Known []finding.Finding // found again
	Gone  []finding.Finding // known before, not found again; their lines are not known
}

var formats = []struct {
	name  string
	write func(w io.Writer, in *Input) error
}{
	{"text", writeText},
	{"json", writeJSON},
	{"sarif", writeSARIF},
	{"github", writeGitHub},
	{"gitlab", writeGitLab},
	{"junit", writeJUnit},
	{"checkstyle", writeCheckstyle},
	{"rdjson", writeRDJSON},
}

// Formats lists the names that Write takes, the default first.
func Formats() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	return names
}

// Write writes the findings in the named format. It fails on an unknown format,
// on what cannot be encoded and on w's errors; what was written till then is not
// to be used.
func Write(format string, w io.Writer, in *Input) error {
	for _, f := range formats {
		if f.name == format {
			return f.write(w, in)
		}
	}
	return fmt.Errorf("unknown format %q: expected one of %s", format, strings.Join(Formats(), ", "))
}

func (in *Input) rule(id string) (*rules.Rule, bool) {
	if in.Rule == nil {
		return rules.Lookup(id)
	}
	return in.Rule(id)
}

// A Summary counts what a run found.
type Summary struct {
	Findings      int            `json:"findings"` // not counting suppressed ones
	Levels        Levels         `json:"levels"`
	Rules         map[string]int `json:"rules"`
	FilesAffected int            `json:"filesAffected"` // files that have findings
	FilesAnalysed int            `json:"filesAnalysed"`
	InputsFailed  int            `json:"inputsFailed"` // files that could not be analysed
	Suppressed    int            `json:"suppressed"`
	// Baseline is nil if there is none to compare with.
	Baseline *BaselineSummary `json:"baseline,omitempty"`
}

// A BaselineSummary counts what a baseline holds.
type BaselineSummary struct {
	Known int `json:"known"` // found again, and not counted as findings
	Gone  int `json:"gone"`  // not found again
}

// Levels counts findings by level.
type Levels struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
	Note    int `json:"note"`
}

// Summarize counts the findings of in.
func Summarize(in *Input) Summary {
	s := Summary{Rules: map[string]int{}, FilesAnalysed: in.FilesAnalysed}
	affected, failed := map[string]bool{}, map[string]bool{}
	for i := range in.Findings {
		f := &in.Findings[i]
		if f.Suppressed != nil {
			s.Suppressed++
			continue
		}
		s.Findings++
		s.Rules[f.Rule]++
		if f.File != "" {
			affected[f.File] = true
		}
		if f.IsInputFailure() {
			failed[f.File] = true
		}
		switch f.Level {
		case finding.Error:
			s.Levels.Error++
		case finding.Warning:
			s.Levels.Warning++
		case finding.Note:
			s.Levels.Note++
		}
	}
	s.FilesAffected, s.InputsFailed = len(affected), len(failed)
	if b := in.Baseline; b != nil {
		s.Baseline = &BaselineSummary{Known: len(b.Known), Gone: len(b.Gone)}
	}
	return s
}
