package report

import (
	"io"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/commslint/commslint/finding"
)

const (
	homepage = "https://github.com/commslint/commslint"
	ruleDocs = homepage + "/blob/main/docs/rules/" // and the rule's id and .md

	// srcRoot stands for the root of the sources in URIs; it is the name that
	// GitHub resolves.
	srcRoot = "%SRCROOT%"
	// fingerprintKey names our fingerprints. Its version changes when they do.
	fingerprintKey = "commslint/v1"
	// lineHashKey is the only fingerprint that GitHub uses.
	lineHashKey = "primaryLocationLineHash"
)

// writeSARIF writes a log of version 2.1.0 with one run. It carries what GitHub
// code scanning reads, and what the standard has beyond that: fixes, suppressions,
// the comparison with a baseline and inputs that failed.
func writeSARIF(w io.Writer, in *Input) error {
	return encode(w, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{newSARIFBuilder(in).run()},
	})
}

// What a result is, compared with a baseline (SARIF 2.1.0, 3.27.24).
const (
	stateNew       = "new"
	stateUnchanged = "unchanged"
	stateAbsent    = "absent"
)

type sarifBuilder struct {
	in         *Input
	sources    *sources
	ruleIDs    []string // sorted; a rule's index is its place in here
	suppressed bool     // whether any finding is
}

func newSARIFBuilder(in *Input) *sarifBuilder {
	b := &sarifBuilder{in: in, sources: newSources(in)}
	ids := map[string]bool{}
	for f := range b.all() {
		ids[f.Rule] = true
		b.suppressed = b.suppressed || f.Suppressed != nil
	}
	b.ruleIDs = slices.Sorted(maps.Keys(ids))
	return b
}

// all yields the findings with what each is compared with the baseline, empty without
// one: new ones first.
func (b *sarifBuilder) all() iter.Seq2[*finding.Finding, string] {
	type group struct {
		findings []finding.Finding
		state    string
	}
	groups := []group{{b.in.Findings, ""}}
	if known := b.in.Baseline; known != nil {
		groups = []group{{b.in.Findings, stateNew}, {known.Known, stateUnchanged}, {known.Gone, stateAbsent}}
	}
	return func(yield func(*finding.Finding, string) bool) {
		for _, g := range groups {
			for i := range g.findings {
				if !yield(&g.findings[i], g.state) {
					return
				}
			}
		}
	}
}

func (b *sarifBuilder) run() sarifRun {
	run := sarifRun{
		Tool: sarifTool{Driver: sarifDriver{
			Name:           "commslint",
			InformationURI: homepage,
			Version:        b.in.Version,
			Rules:          []sarifRule{},
		}},
		AutomationDetails:  sarifAutomation{ID: "commslint/"},
		ColumnKind:         "utf16CodeUnits",
		OriginalURIBaseIDs: map[string]sarifURIBase{srcRoot: {Description: sarifText{Text: "The directory in which commslint ran."}}},
		Results:            []sarifResult{},
	}
	if v := "v" + strings.TrimPrefix(b.in.Version, "v"); semver.IsValid(v) {
		run.Tool.Driver.Version, run.Tool.Driver.SemanticVersion = v[1:], v[1:]
	}
	for _, id := range b.ruleIDs {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, b.describeRule(id))
	}
	invocation := sarifInvocation{ExecutionSuccessful: true}
	for f, state := range b.all() {
		run.Results = append(run.Results, b.result(f, state))
		if f.IsInputFailure() && state != stateAbsent {
			invocation.ExecutionSuccessful = false
			invocation.Notifications = append(invocation.Notifications, b.notification(f))
		}
	}
	run.Invocations = []sarifInvocation{invocation}
	return run
}

func (b *sarifBuilder) ruleRef(id string) sarifRuleRef {
	index, _ := slices.BinarySearch(b.ruleIDs, id)
	return sarifRuleRef{ID: id, Index: index}
}

func (b *sarifBuilder) result(f *finding.Finding, state string) sarifResult {
	ref := b.ruleRef(f.Rule)
	related := b.relatedLocations(f)
	r := sarifResult{
		RuleID:              ref.ID,
		RuleIndex:           ref.Index,
		Level:               sarifLevel(f.Level),
		Message:             sarifText{Text: messageWithLinks(f)},
		Locations:           b.locations(f),
		PartialFingerprints: map[string]string{},
		RelatedLocations:    related,
		CodeFlows:           b.codeFlows(f),
		Fixes:               b.fixes(f),
		Properties:          maps.Clone(f.Properties),
	}
	if f.Fingerprint != "" {
		r.PartialFingerprints[fingerprintKey] = f.Fingerprint
	}
	at := primaryLocation(f)
	if state == stateAbsent {
		at.File = "" // where it was is not known
	}
	if hash := b.sources.file(at.File).lineHash(max(at.Line, 1)); hash != "" {
		r.PartialFingerprints[lineHashKey] = hash
	}
	if f.Strength != "" {
		if r.Properties == nil {
			r.Properties = map[string]any{}
		}
		r.Properties["strength"] = f.Strength
	}
	if b.suppressed {
		r.Suppressions = b.suppressions(f)
	}
	r.BaselineState = state
	return r
}

// messageWithLinks is the message with a link to each related location: GitHub
// shows only those that the message links to.
func messageWithLinks(f *finding.Finding) string {
	if len(f.Related) == 0 {
		return f.Message
	}
	links := make([]string, len(f.Related))
	for i, r := range f.Related {
		links[i] = link(relatedText(r), i+1)
	}
	return strings.TrimRight(f.Message, ". ") + ". Evidence: " + strings.Join(links, "; ") + "."
}

func relatedText(r finding.Related) string {
	if r.Message == "" {
		return place(r.Location)
	}
	return r.Message
}

// relatedLocations numbers the evidence from 1, as the links in the message do.
func (b *sarifBuilder) relatedLocations(f *finding.Finding) []sarifLocation {
	var out []sarifLocation
	for i, r := range f.Related {
		l := b.location(r.Location, relatedText(r))
		l.ID = i + 1
		out = append(out, l)
	}
	return out
}

// codeFlows shows two or more steps of evidence as a path from the finding on.
func (b *sarifBuilder) codeFlows(f *finding.Finding) []sarifCodeFlow {
	if len(f.Related) < 2 {
		return nil
	}
	var steps []sarifStep
	if f.File != "" {
		steps = append(steps, sarifStep{Location: b.location(f.Location, f.Message)})
	}
	for _, r := range f.Related {
		steps = append(steps, sarifStep{Location: b.location(r.Location, relatedText(r))})
	}
	return []sarifCodeFlow{{ThreadFlows: []sarifThreadFlow{{Locations: steps}}}}
}

// fixes groups the edits of each fix by file. A fix whose places cannot be found
// in the files is left out.
func (b *sarifBuilder) fixes(f *finding.Finding) []sarifFix {
	var out []sarifFix
	for _, fix := range f.Fixes {
		if changes, ok := b.changes(fix.Edits); ok && len(changes) > 0 {
			out = append(out, sarifFix{Description: sarifText{Text: fix.Message}, ArtifactChanges: changes})
		}
	}
	return out
}

func (b *sarifBuilder) changes(edits []finding.Edit) ([]sarifChange, bool) {
	var out []sarifChange
	at := map[string]int{}
	for _, e := range edits {
		src := b.sources.file(e.File)
		line, column, ok := src.position(e.Start)
		endLine, endColumn, endOK := src.position(e.End)
		if !ok || !endOK {
			return nil, false
		}
		i, known := at[e.File]
		if !known {
			i = len(out)
			at[e.File] = i
			out = append(out, sarifChange{ArtifactLocation: artifact(e.File)})
		}
		out[i].Replacements = append(out[i].Replacements, sarifReplacement{
			DeletedRegion: sarifRegion{
				StartLine: line, StartColumn: src.utf16Column(line, column),
				EndLine: endLine, EndColumn: src.utf16Column(endLine, endColumn),
			},
			InsertedContent: sarifText{Text: e.New},
		})
	}
	return out, true
}

// suppressions is empty for a finding that is shown, which says that it is not
// suppressed; absent would say that it is not known (SARIF 2.1.0, 3.27.23).
func (b *sarifBuilder) suppressions(f *finding.Finding) []sarifSuppression {
	s := f.Suppressed
	if s == nil {
		return []sarifSuppression{}
	}
	out := sarifSuppression{Kind: s.Kind, Status: "accepted", Justification: s.Justification}
	if s.Location.File != "" {
		l := b.location(s.Location, "")
		out.Location = &l
	}
	return []sarifSuppression{out}
}

func (b *sarifBuilder) notification(f *finding.Finding) sarifNotification {
	return sarifNotification{
		AssociatedRule: b.ruleRef(f.Rule),
		Level:          sarifLevel(f.Level),
		Message:        sarifText{Text: f.Message},
		Locations:      b.locations(f),
	}
}

// locations is the finding's place. GitHub refuses the whole log if a result has
// none, so that a finding about no file is placed at its first evidence, or else
// at the source root.
func (b *sarifBuilder) locations(f *finding.Finding) []sarifLocation {
	return []sarifLocation{b.location(primaryLocation(f), "")}
}

func primaryLocation(f *finding.Finding) finding.Location {
	switch {
	case f.File != "":
		return f.Location
	case len(f.Related) > 0 && f.Related[0].File != "":
		return f.Related[0].Location
	}
	return finding.Location{File: "."}
}

func (b *sarifBuilder) location(l finding.Location, message string) sarifLocation {
	out := sarifLocation{Physical: sarifPhysical{ArtifactLocation: artifact(l.File), Region: b.region(l)}}
	if message != "" {
		out.Message = &sarifText{Text: message}
	}
	return out
}

// region always has both ends, as GitHub wants them: a place without a line is
// the first line, one without an end reaches to the end of its line.
func (b *sarifBuilder) region(l finding.Location) sarifRegion {
	src := b.sources.file(l.File)
	r := sarifRegion{StartLine: max(l.Line, 1), StartColumn: 1}
	if l.Line > 0 && l.Column > 0 {
		r.StartColumn = src.utf16Column(l.Line, l.Column)
	}
	r.EndLine = max(l.EndLine, r.StartLine)
	if l.EndLine >= r.StartLine && l.EndColumn > 0 {
		r.EndColumn = src.utf16Column(l.EndLine, l.EndColumn)
	} else if text, ok := src.line(r.EndLine); ok {
		r.EndColumn = finding.UTF16Column(text, len(text)+1)
	}
	if r.EndLine == r.StartLine {
		r.EndColumn = max(r.EndColumn, r.StartColumn)
	}
	r.EndColumn = max(r.EndColumn, 1)
	return r
}

// artifact names a file by a URI relative to the source root, if it is below it.
func artifact(file string) sarifArtifact {
	if path.IsAbs(file) {
		return sarifArtifact{URI: "file://" + escapePath(file)}
	}
	return sarifArtifact{URI: escapePath(file), URIBaseID: srcRoot}
}

func sarifLevel(l finding.Level) string {
	if l == finding.Off || l == "" {
		return "none"
	}
	return string(l)
}
