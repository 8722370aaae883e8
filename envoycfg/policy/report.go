package policy

import (
	"fmt"
	"slices"

	"github.com/commslint/commslint/finding"
)

// A Report gathers findings. A place that several routes share, such as a policy that is attached
// to them, is reported once for each rule.
type Report struct {
	Options  Options
	findings []finding.Finding
	seen     map[spot]bool
}

type spot struct {
	rule string
	at   finding.Location
}

// NewReport starts a report.
func NewReport(opt Options) *Report { return &Report{Options: opt, seen: map[spot]bool{}} }

// Findings are what was reported, sorted.
func (r *Report) Findings() []finding.Finding {
	finding.Sort(r.findings)
	return r.findings
}

// Add reports a finding, unless its rule has spoken of its place. Strength is Proven if empty.
func (r *Report) Add(f finding.Finding) {
	id := spot{f.Rule, f.Location}
	if r.seen[id] {
		return
	}
	r.seen[id] = true
	f.Level = finding.Error
	if f.Strength == "" {
		f.Strength = finding.Proven
	}
	f.Fixes = slices.DeleteFunc(f.Fixes, func(fix finding.Fix) bool { return len(fix.Edits) == 0 })
	r.findings = append(r.findings, f)
}

// Addf reports a finding of a strength.
func (r *Report) Addf(rule string, at Place, strength finding.Strength, format string, args ...any) {
	r.Add(finding.Finding{Rule: rule, Location: at.Location, Strength: strength, Message: fmt.Sprintf(format, args...)})
}

func related(at Place, message string) []finding.Related {
	if !at.Written() {
		return nil
	}
	return []finding.Related{{Location: at.Location, Message: message}}
}
