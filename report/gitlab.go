package report

import (
	"fmt"
	"io"

	"github.com/commslint/commslint/finding"
)

// A gitlabIssue is what GitLab reads of a Code Climate issue (docs.gitlab.com, "Code
// Quality report format"); it ignores all else.
type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"` // relative to the root of the repository
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
	End   int `json:"end"`
}

// writeGitLab writes a Code Quality report. GitLab tells new findings from old ones by
// their fingerprints and keeps one of each, so that a fingerprint that two findings
// share gets a number. It knows no suppressions; suppressed findings are left out.
func writeGitLab(w io.Writer, in *Input) error {
	issues := []gitlabIssue{}
	seen := map[string]int{}
	for i := range in.Findings {
		f := &in.Findings[i]
		if f.Suppressed != nil {
			continue
		}
		issue := newGitLabIssue(f)
		seen[f.Fingerprint]++
		if n := seen[f.Fingerprint]; n > 1 {
			issue.Fingerprint = fmt.Sprintf("%s-%d", f.Fingerprint, n)
		}
		issues = append(issues, issue)
	}
	return encode(w, issues)
}

func newGitLabIssue(f *finding.Finding) gitlabIssue {
	at := primaryLocation(f)
	begin := max(at.Line, 1)
	return gitlabIssue{
		Description: f.Message,
		CheckName:   f.Rule,
		Fingerprint: f.Fingerprint,
		Severity:    gitlabSeverity(f),
		Location:    gitlabLocation{Path: at.File, Lines: gitlabLines{Begin: begin, End: max(at.EndLine, begin)}},
	}
}

// gitlabSeverity takes of GitLab's five words info, minor and major for the levels, and
// blocker for what kept an input from being analysed at all.
func gitlabSeverity(f *finding.Finding) string {
	switch {
	case f.IsInputFailure():
		return "blocker"
	case f.Level == finding.Error:
		return "major"
	case f.Level == finding.Warning:
		return "minor"
	}
	return "info"
}
