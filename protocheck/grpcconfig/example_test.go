package grpcconfig_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/grpcconfig"
	"github.com/commslint/commslint/protocheck/source"
	"github.com/commslint/commslint/rules"
)

// TestExamples runs the examples of the catalogue: the bad one breaks its own rule and
// no other, the good one breaks none.
func TestExamples(t *testing.T) {
	ran := 0
	for _, r := range rules.All() {
		if !grpcconfig.Implements(r.ID) {
			continue
		}
		ran++
		t.Run(strings.TrimPrefix(r.ID, "grpc/"), func(t *testing.T) {
			bad := checkExample(t, &r, r.Bad)
			if len(bad) != 1 || bad[0].Rule != r.ID || bad[0].Line == 0 {
				t.Errorf("the bad example gives\n%swant one finding of the rule", show(bad))
			}
			if good := checkExample(t, &r, r.Good); len(good) != 0 {
				t.Errorf("the good example gives\n%s", show(good))
			}
			mend(t, &r, bad)
		})
	}
	if want := 21; ran != want {
		t.Errorf("%d rules have examples; want %d", ran, want)
	}
}

// TestChangeExamples runs the examples of the rules about changes.
func TestChangeExamples(t *testing.T) {
	ran := 0
	for _, r := range rules.All() {
		if !grpcconfig.ImplementsChange(r.ID) {
			continue
		}
		ran++
		t.Run(strings.TrimPrefix(r.ID, "grpc/"), func(t *testing.T) {
			bad := compareExample(t, &r, r.Bad)
			if len(bad) != 1 || bad[0].Rule != r.ID || bad[0].Line == 0 {
				t.Errorf("the bad example gives\n%swant one finding of the rule", show(bad))
			}
			if good := compareExample(t, &r, r.Good); len(good) != 0 {
				t.Errorf("the good example gives\n%s", show(good))
			}
		})
	}
	if want := 4; ran != want {
		t.Errorf("%d rules have examples; want %d", ran, want)
	}
}

func compareExample(t *testing.T, r *rules.Rule, text string) []finding.Finding {
	t.Helper()
	before, after, ok := strings.Cut(text, "---\n")
	if !ok {
		t.Fatal("an example is two states, separated by a line of three dashes")
	}
	var states [2]grpcconfig.State
	for i, text := range []string{before, after} {
		states[i].Config, states[i].Services = loadExample(t, r, text)
	}
	return grpcconfig.Compare(states[0], states[1])
}

// mend applies the fix of a bad example, after which it has to be a good one.
func mend(t *testing.T, r *rules.Rule, bad []finding.Finding) {
	t.Helper()
	if len(bad) != 1 || len(bad[0].Fixes) == 0 {
		return
	}
	edit := bad[0].Fixes[0].Edits[0]
	fixed := r.Bad[:edit.Start] + edit.New + r.Bad[edit.End:]
	if after := checkExample(t, r, fixed); len(after) != 0 {
		t.Errorf("after its fix:\n%s%s", show(after), fixed)
	}
}

func checkExample(t *testing.T, r *rules.Rule, text string) []finding.Finding {
	t.Helper()
	cfg, services := loadExample(t, r, text)
	return grpcconfig.Check(cfg, services, grpcconfig.DefaultOptions())
}

// loadExample reads the config of an example, and its .proto files if it has some.
func loadExample(t *testing.T, r *rules.Rule, text string) (*grpcconfig.Config, *grpcconfig.Services) {
	t.Helper()
	if r.Language == "go" {
		before, rest, _ := strings.Cut(text, "`")
		literal, _, _ := strings.Cut(rest, "`")
		line := 1 + strings.Count(before, "\n")
		return load(t, grpcconfig.Source{
			Name: "dial.go", Text: []byte(literal),
			Go: &grpcconfig.Literal{Line: line, Column: len(before) - strings.LastIndexByte(before, '\n') + 1, Inside: true},
		}), nil
	}
	name := map[string]string{"json": "orders_grpc_service_config.json", "proto": "orders.proto"}[r.Language]
	files := split(name, text)
	var cfg *grpcconfig.Config
	protos := memory{}
	for name, text := range files {
		if grpcconfig.IsName(name) {
			cfg = load(t, grpcconfig.Source{Name: name, Text: []byte(text)})
		} else {
			protos[name] = text
		}
	}
	if len(protos) == 0 {
		return cfg, nil
	}
	return cfg, services(t, protos)
}

// split takes a text apart into files: a comment "file:" begins one.
func split(name, text string) map[string]string {
	files := map[string]string{}
	for line := range strings.Lines(text) {
		if at, ok := strings.CutPrefix(line, "// file: "); ok {
			name = strings.TrimSpace(at)
			continue
		}
		files[name] += line
	}
	return files
}

func load(t *testing.T, src grpcconfig.Source) *grpcconfig.Config {
	t.Helper()
	cfg, err := grpcconfig.Load(src)
	if err != nil {
		t.Fatalf("%v\n%s", err, src.Text)
	}
	return cfg
}

// services compiles .proto files. Those that they import from Google are those of the
// tests of protocheck/breaking.
func services(t *testing.T, files memory) *grpcconfig.Services {
	t.Helper()
	return servicesWith(t, files, grpcconfig.DefaultOptions())
}

func servicesWith(t *testing.T, files memory, opt grpcconfig.Options) *grpcconfig.Services {
	t.Helper()
	tree := &source.Tree{Reader: files}
	for name := range files {
		tree.Files = append(tree.Files, name)
	}
	slices.Sort(tree.Files)
	imports, err := filepath.Abs("../breaking/testdata")
	if err != nil {
		t.Fatal(err)
	}
	s := source.Load(t.Context(), tree, tree.Files, source.Options{ImportPaths: []string{imports}})
	for _, p := range s.Problems {
		t.Fatalf("%s:%d:%d: %s", p.Path, p.Line, p.Column, p.Message)
	}
	return grpcconfig.NewServices(s.Files, nil, opt)
}

// memory is a tree in memory.
type memory map[string]string

func (m memory) Read(name string) ([]byte, error) {
	if text, ok := m[name]; ok {
		return []byte(text), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
}

func show(findings []finding.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(line(f) + "\n")
	}
	return b.String()
}
