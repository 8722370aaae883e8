package breaking_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/breaking"
	"github.com/commslint/commslint/protocheck/source"
	"github.com/commslint/commslint/rules"
)

// TestExamples runs the examples of the catalogue: the bad one breaks its own rule
// and no other, the good one breaks none.
func TestExamples(t *testing.T) {
	ran := 0
	for _, r := range rules.All() {
		if !breaking.Implements(r.ID) {
			continue
		}
		ran++
		t.Run(strings.TrimPrefix(r.ID, "proto/"), func(t *testing.T) {
			opt := breaking.Options{All: r.ID == breaking.CompatibleChange}
			bad := compareExample(t, r.Bad, opt)
			if len(bad) == 0 || slices.ContainsFunc(bad, func(f finding.Finding) bool { return f.Rule != r.ID && !inseparable[r.ID][f.Rule] }) || bad[0].Rule != r.ID && !inseparable[r.ID][bad[0].Rule] {
				t.Errorf("the bad example gives\n%swant findings of the rule", show(bad))
			}
			if !slices.ContainsFunc(bad, func(f finding.Finding) bool { return f.Rule == r.ID }) {
				t.Errorf("the bad example gives none of the rule:\n%s", show(bad))
			}
			if good := compareExample(t, r.Good, opt); len(good) != 0 {
				t.Errorf("the good example gives\n%s", show(good))
			}
		})
	}
	if ran != len(breaking.Rules()) {
		t.Errorf("%d rules of %d are in the catalogue", ran, len(breaking.Rules()))
	}
}

// inseparable lists, for some rules, others that no change breaks them without.
var inseparable = map[string]map[string]bool{
	"proto/package-removed": {"proto/file-removed": true},
	"proto/package-changed": {"proto/package-removed": true},
	"proto/oneof-removed":   {"proto/field-removed": true},
}

func compareExample(t *testing.T, text string, opt breaking.Options) []finding.Finding {
	t.Helper()
	before, after, ok := strings.Cut(text, "---\n")
	if !ok {
		t.Fatal("an example is two states, separated by a line of three dashes")
	}
	return breaking.Compare(loadExample(t, before), loadExample(t, after), opt)
}

// loadExample compiles the files of a state. A comment "file:" begins one.
func loadExample(t *testing.T, text string) *source.Snapshot {
	t.Helper()
	files := memory{}
	name := "example.proto"
	for line := range strings.Lines(text) {
		if at, ok := strings.CutPrefix(line, "// file: "); ok {
			name = strings.TrimSpace(at)
			continue
		}
		files[name] += line
	}
	if strings.TrimSpace(strings.TrimPrefix(files["example.proto"], "// before")) == "" || files["example.proto"] == "// after\n" {
		delete(files, "example.proto")
	}
	tree := &source.Tree{Reader: files}
	for name := range files {
		tree.Files = append(tree.Files, name)
	}
	slices.Sort(tree.Files)
	imports, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return load(t, tree, source.Options{ImportPaths: []string{imports}})
}

// memory is a tree in memory.
type memory map[string]string

func (m memory) Read(name string) ([]byte, error) {
	if text, ok := m[name]; ok {
		return []byte(text), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
}
