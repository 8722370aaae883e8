// Package finding defines what commslint reports: a rule broken at a place,
// with the evidence for it. Every frontend produces findings and every report
// reads them; nothing in here knows which kind of input a finding came from.
package finding

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Level says how loud a finding is. The values are SARIF's.
type Level string

const (
	Error   Level = "error"
	Warning Level = "warning"
	Note    Level = "note"
	Off     Level = "off"
)

// ParseLevel reads a level as it is written in configuration and flags.
func ParseLevel(s string) (Level, error) {
	switch l := Level(s); l {
	case Error, Warning, Note, Off:
		return l, nil
	}
	return "", fmt.Errorf("unknown level %q: expected error, warning, note or off", s)
}

// Rank orders levels: off 0, note 1, warning 2, error 3.
func (l Level) Rank() int {
	switch l {
	case Error:
		return 3
	case Warning:
		return 2
	case Note:
		return 1
	}
	return 0
}

// A Strength says how a finding was concluded.
type Strength string

const (
	// Proven findings follow from the code alone; they carry the rule's own level.
	Proven Strength = "proven"
	// Likely findings rest on something that is almost always so; warning at most.
	Likely Strength = "likely"
	// Possible findings are context; note, and silent by default.
	Possible Strength = "possible"
)

// Cap returns the loudest level that a finding of strength s may have when its
// rule is set to l.
func (s Strength) Cap(l Level) Level {
	switch {
	case s == Possible && l.Rank() > Note.Rank():
		return Note
	case s == Likely && l.Rank() > Warning.Rank():
		return Warning
	}
	return l
}

// Category writes a strength, and the loudest level that a finding may have (empty
// for that of its rule), as go/analysis diagnostics carry them.
func Category(s Strength, atMost Level) string {
	if atMost == "" {
		return string(s)
	}
	return string(s) + "," + string(atMost)
}

// ParseCategory reads what Category writes; an empty category is Proven.
func ParseCategory(category string) (s Strength, atMost Level) {
	strength, level, _ := strings.Cut(category, ",")
	return cmp.Or(Strength(strength), Proven), Level(level)
}

// A Location is a range in a file. Lines and columns count from 1; columns
// count bytes, as Go tools print them. A zero Line means the file as a whole;
// a zero EndLine means that the end is not known.
type Location struct {
	File      string // slash-separated, relative to the working directory where possible
	Line      int
	Column    int
	EndLine   int
	EndColumn int // exclusive
}

// Related is one step of the evidence for a finding.
type Related struct {
	Location
	Message string
}

// An Edit replaces the bytes [Start, End) of File by New.
type Edit struct {
	File       string
	Start, End int
	New        string
}

// A Fix is a mechanical change that mends a finding; its edits belong together.
type Fix struct {
	Message string
	Edits   []Edit
}

// A Suppression records why a finding was silenced.
type Suppression struct {
	Kind          string // "inSource" for comments, "external" for configuration
	Justification string
	Location      Location // of the comment; zero for configuration
}

// A Finding is a rule broken at a place.
type Finding struct {
	Rule     string // "go/no-timeout"
	Level    Level
	Strength Strength
	// AtMost is the loudest level that it may have, whatever its rule is set to;
	// empty if its strength alone decides.
	AtMost  Level
	Message string
	Location
	Related     []Related
	Fixes       []Fix
	Fingerprint string
	Properties  map[string]any
	Suppressed  *Suppression // nil unless silenced
}

// Sort puts findings in the one order in which they are always reported:
// by file, line, column, rule and message, and then by what else they show.
func Sort(fs []Finding) {
	slices.SortStableFunc(fs, func(a, b Finding) int { return compare(&a, &b) })
}

func compare(a, b *Finding) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Message, b.Message),
		cmp.Compare(a.EndLine, b.EndLine),
		cmp.Compare(a.EndColumn, b.EndColumn),
		cmp.Compare(a.Level, b.Level),
		cmp.Compare(a.Strength, b.Strength),
		slices.CompareFunc(a.Related, b.Related, compareRelated),
	)
}

func compareRelated(a, b Related) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
		cmp.Compare(a.Message, b.Message),
	)
}
