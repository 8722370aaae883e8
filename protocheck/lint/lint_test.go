package lint_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/lint"
	"github.com/commslint/commslint/protocheck/source"
	"github.com/commslint/commslint/rules"
)

// memory is a tree of one file.
type memory string

const file = "example.proto"

func (m memory) Read(name string) ([]byte, error) {
	if name == file {
		return []byte(m), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
}

func check(t *testing.T, text string) []finding.Finding {
	t.Helper()
	s := source.Load(context.Background(), &source.Tree{Reader: memory(text), Files: []string{file}}, []string{file},
		source.Options{ServicesOnly: true, Placeholders: true})
	for _, p := range s.Problems {
		t.Fatalf("%s:%d:%d: %s", p.Path, p.Line, p.Column, p.Message)
	}
	findings := lint.Check(s.Files, lint.DefaultOptions())
	for i := range findings {
		r, ok := rules.Lookup(findings[i].Rule)
		if !ok {
			t.Fatalf("%s is not in the catalogue", findings[i].Rule)
		}
		findings[i].Level = r.Level
	}
	return findings
}

func show(findings []finding.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%d:%d-%d:%d %s %s\n", f.Line, f.Column, f.EndLine, f.EndColumn, f.Rule, f.Message)
	}
	return b.String()
}

// loud leaves notes out.
func loud(findings []finding.Finding) []finding.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f finding.Finding) bool { return f.Level == finding.Note })
}

// TestExamples runs the examples of the catalogue: the bad one breaks its own rule and
// no other but notes, the good one breaks none.
func TestExamples(t *testing.T) {
	ran := 0
	for _, r := range rules.All() {
		if !lint.Implements(r.ID) {
			continue
		}
		ran++
		bad, good := check(t, r.Bad), check(t, r.Good)
		if r.Level != finding.Note {
			bad, good = loud(bad), loud(good)
		}
		if len(bad) == 0 || slices.ContainsFunc(bad, func(f finding.Finding) bool { return f.Rule != r.ID }) {
			t.Errorf("%s: the bad example gives\n%swant findings of the rule alone", r.ID, show(bad))
		}
		if len(good) != 0 {
			t.Errorf("%s: the good example gives\n%s", r.ID, show(good))
		}
	}
	if ran != len(lint.Rules()) {
		t.Errorf("%d rules of %d are in the catalogue", ran, len(lint.Rules()))
	}
}
