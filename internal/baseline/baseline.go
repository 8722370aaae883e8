// Package baseline keeps the findings that a project knows of and has decided to live
// with for now, so that a run reports only what is new.
//
// A baseline is a YAML file, one line for each finding, sorted, so that a change of one
// finding is a change of one line:
//
//	version: 1
//	findings:
//	  - {file: "pay/client.go", rule: "go/no-timeout", fingerprint: "2637e9733a488b2a17b9eacee42450b8", message: "http.Get may wait for ever"}
//
// Files are relative to the folder of the baseline. The fingerprint alone decides which
// finding is meant; file, rule and message are for readers. It is that of package finding,
// taken of the file's name relative to the baseline: it survives edits elsewhere in the
// file, and does not depend on where commslint runs.
package baseline

import (
	"cmp"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
)

// A Baseline is the findings that were known when it was recorded.
type Baseline struct {
	// Dir is the absolute folder that files are relative to: that of the baseline's file.
	Dir     string
	Entries []Entry // in the order of the file
}

// An Entry is one finding of a baseline.
type Entry struct {
	File        string // slash-separated, relative to the baseline's folder; empty for a finding about no file
	Rule        string
	Fingerprint string
	Message     string
}

// A Split is what findings are, compared with a baseline.
type Split struct {
	New   []finding.Finding // those that the baseline does not have
	Known []finding.Finding // those that it has
	Gone  []Entry           // those that only the baseline has
}

// Split compares findings, whose files are relative to workdir or absolute, with the
// baseline. Suppressed findings and inputs that could not be analysed are always new: the
// former need no baseline, and what was not read must never look clean. It keeps the
// order and changes nothing.
func (b *Baseline) Split(workdir string, findings []finding.Finding) Split {
	known := make(map[string]bool, len(b.Entries))
	for _, e := range b.Entries {
		known[e.Fingerprint] = true
	}
	found := map[string]bool{}
	var s Split
	for i, e := range b.entries(workdir, findings) {
		f := findings[i]
		if f.Suppressed == nil && !f.IsInputFailure() && known[e.Fingerprint] {
			found[e.Fingerprint] = true
			s.Known = append(s.Known, f)
			continue
		}
		s.New = append(s.New, f)
	}
	for _, e := range b.Entries {
		if !found[e.Fingerprint] {
			s.Gone = append(s.Gone, e)
		}
	}
	return s
}

// Record returns the baseline of the findings, without those that Split never takes for
// known.
func Record(dir, workdir string, findings []finding.Finding) *Baseline {
	b := &Baseline{Dir: dir}
	for i, e := range b.entries(workdir, findings) {
		if f := &findings[i]; f.Suppressed == nil && !f.IsInputFailure() {
			b.Entries = append(b.Entries, e)
		}
	}
	b.Sort()
	return b
}

// entries describes findings as the baseline does, one entry for each.
func (b *Baseline) entries(workdir string, findings []finding.Finding) []Entry {
	moved := slices.Clone(findings)
	for i := range moved {
		moved[i].Fingerprint = ""
		moved[i].File = b.relative(workdir, moved[i].File)
	}
	finding.Fingerprints(moved, b.lines)
	entries := make([]Entry, len(moved))
	for i := range moved {
		f := &moved[i]
		entries[i] = Entry{File: f.File, Rule: f.Rule, Fingerprint: f.Fingerprint, Message: f.Message}
	}
	return entries
}

// relative turns a finding's file into one relative to the baseline's folder.
func (b *Baseline) relative(workdir, file string) string {
	if file == "" {
		return ""
	}
	name := filepath.FromSlash(file)
	if !filepath.IsAbs(name) {
		name = filepath.Join(workdir, name)
	}
	rel, err := filepath.Rel(b.Dir, name)
	if err != nil {
		return path.Clean(file) // on another drive
	}
	return filepath.ToSlash(rel)
}

// Path is the absolute path of an entry's file, the baseline's folder for a finding about
// no file.
func (b *Baseline) Path(e Entry) string { return filepath.Join(b.Dir, filepath.FromSlash(e.File)) }

func (b *Baseline) lines(file string) []string {
	text, err := os.ReadFile(b.Path(Entry{File: file}))
	if err != nil {
		return nil
	}
	return strings.Split(string(text), "\n")
}

// Sort puts the entries in the order in which they are written: by file, rule, message and
// fingerprint.
func (b *Baseline) Sort() {
	slices.SortFunc(b.Entries, func(x, y Entry) int {
		return cmp.Or(
			cmp.Compare(x.File, y.File),
			cmp.Compare(x.Rule, y.Rule),
			cmp.Compare(x.Message, y.Message),
			cmp.Compare(x.Fingerprint, y.Fingerprint),
		)
	})
	b.Entries = slices.Compact(b.Entries)
}
