package breaking_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/breaking"
	"github.com/commslint/commslint/protocheck/source"
)

// corpus finds the folder with labelled pairs, which is not part of the repository.
func corpus(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; filepath.Dir(dir) != dir; dir = filepath.Dir(dir) {
		found := filepath.Join(dir, "shared", "corpus", "proto")
		if info, err := os.Stat(found); err == nil && info.IsDir() {
			return found
		}
	}
	t.Skip("needs the pairs of shared/corpus/proto beside the repository")
	return ""
}

// folder is a tree on disk.
type folder string

func (f folder) Read(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(f), filepath.FromSlash(name)))
}

func treeIn(t testing.TB, dir string) *source.Tree {
	t.Helper()
	tree := &source.Tree{Reader: folder(dir)}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			rel, _ := filepath.Rel(dir, name)
			tree.Files = append(tree.Files, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(tree.Files)
	return tree
}

func load(t testing.TB, tree *source.Tree, opt source.Options) *source.Snapshot {
	t.Helper()
	var files []string
	for _, name := range tree.Files {
		if source.IsProto(name) {
			files = append(files, name)
		}
	}
	s := source.Load(context.Background(), tree, files, opt)
	for _, p := range s.Problems {
		t.Errorf("%s:%d:%d: %s", p.Path, p.Line, p.Column, p.Message)
	}
	return s
}

// compareFolders lists everything that differs, with what breaks nobody.
func compareFolders(t testing.TB, old, new string, opt source.Options) []finding.Finding {
	t.Helper()
	return breaking.Compare(load(t, treeIn(t, old), opt), load(t, treeIn(t, new), opt), breaking.Options{All: true})
}

func TestFilesEqualThemselves(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(corpus(t), "buf", "buf_testdata", "*", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no folders: %v", err)
	}
	for _, dir := range dirs {
		if found := compareFolders(t, dir, dir, source.Options{}); len(found) > 0 {
			t.Errorf("%s has changes since itself:\n%s", dir, show(found))
		}
	}
}

// An expectation is what buf reports of a pair.
type expectation struct {
	Dir      string
	Config   string
	Root     string
	Findings []annotation
	Special  bool `json:"needs_plugin_or_policy"`
}

type annotation struct {
	File   string
	Line   int `json:"start_line"`
	Column int `json:"start_col"`
	Rule   string
}

// accuracy counts at one level of strictness.
type accuracy struct{ hit, missed, extra int }

func (a accuracy) String() string {
	return fmt.Sprintf("%d of %d found, %d too many", a.hit, a.hit+a.missed, a.extra)
}

// TestBuf holds the comparison to the expectations of buf's own tests: every finding
// in its file, and nearly all at their line and column.
func TestBuf(t *testing.T) {
	dir := filepath.Join(corpus(t), "buf")
	text, err := os.ReadFile(filepath.Join(dir, "buf_expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var pairs []expectation
	if err := json.Unmarshal(text, &pairs); err != nil {
		t.Fatal(err)
	}
	var inFile, atPlace accuracy
	for _, p := range pairs {
		if p.Special {
			continue
		}
		data := filepath.Join(dir, "buf_testdata")
		found := compareFolders(t, filepath.Join(data, "previous", p.Dir), filepath.Join(data, "current", p.Dir), source.Options{})
		got := annotations(found, p)
		inFile.add(t, p.Dir, p.Findings, got, func(a annotation) annotation { a.Line, a.Column = 0, 0; return a })
		atPlace.add(nil, p.Dir, p.Findings, got, func(a annotation) annotation {
			if a.File == "" {
				a.Line, a.Column = 0, 0
			}
			return a
		})
	}
	t.Logf("file and rule: %s; line and column: %s", inFile, atPlace)
	if inFile.missed+inFile.extra > 0 {
		t.Errorf("file and rule: %s", inFile)
	}
	if share := float64(atPlace.hit) / float64(atPlace.hit+atPlace.missed); share < 0.98 {
		t.Errorf("line and column: %s, which is %.3f", atPlace, share)
	}
}

// annotations turns findings into what buf would print with the configuration of a pair.
func annotations(found []finding.Finding, p expectation) []annotation {
	var all []annotation
	for _, f := range found {
		for _, rule := range bufRules(f) {
			if f.Suppressed != nil || !configured(p.Config, rule) {
				continue
			}
			a := annotation{File: strings.TrimPrefix(f.File, p.Root+"/"), Line: f.Line, Column: f.Column, Rule: rule}
			if rule == "FILE_NO_DELETE" || rule == "PACKAGE_NO_DELETE" || f.Line == 0 {
				a.File = "" // of what is gone buf names no file
			}
			all = append(all, a)
		}
	}
	return all
}

func bufRules(f finding.Finding) []string {
	switch rules := f.Properties["bufRule"].(type) {
	case string:
		return []string{rules}
	case []string:
		return rules
	}
	return nil
}

// configured reports whether the configuration of a pair asks for a rule of buf.
func configured(config, rule string) bool {
	use, except, _ := strings.Cut(config, "except:")
	if strings.Contains(except, "- "+rule+"\n") {
		return false
	}
	_, use, found := strings.Cut(use, "use:")
	if !found {
		return inCategory("FILE", rule)
	}
	for _, asked := range strings.Fields(use) {
		if renamed[asked] != nil {
			if slices.Contains(renamed[asked], rule) {
				return true
			}
		}
		if asked == rule || inCategory(asked, rule) {
			return true
		}
	}
	return false
}

// renamed are the ids of v1 that are several rules today.
var renamed = map[string][]string{
	"FIELD_SAME_CTYPE": {"FIELD_SAME_CPP_STRING_TYPE"},
	"FIELD_SAME_LABEL": {"FIELD_SAME_CARDINALITY", "FIELD_WIRE_COMPATIBLE_CARDINALITY", "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY"},
}

// inCategory knows the categories that pairs are configured with.
func inCategory(category, rule string) bool {
	switch category {
	case "FILE":
		return !strings.HasPrefix(rule, "PACKAGE_") && !strings.Contains(rule, "UNLESS") && !strings.Contains(rule, "COMPATIBLE")
	case "PACKAGE":
		switch rule {
		case "FILE_NO_DELETE", "MESSAGE_NO_DELETE", "ENUM_NO_DELETE", "EXTENSION_NO_DELETE", "SERVICE_NO_DELETE":
			return false
		}
		return !strings.Contains(rule, "UNLESS") && !strings.Contains(rule, "COMPATIBLE")
	}
	return false
}

func (a *accuracy) add(t *testing.T, dir string, want, got []annotation, key func(annotation) annotation) {
	count := map[annotation]int{}
	for _, w := range want {
		count[key(w)]++
	}
	for _, g := range got {
		count[key(g)]--
	}
	missed := 0
	for _, k := range slices.SortedFunc(keysOf(count), func(a, b annotation) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) }) {
		switch n := count[k]; {
		case n > 0:
			missed += n
			log(t, "%s: %s of %s:%d:%d missed %d times", dir, k.Rule, k.File, k.Line, k.Column, n)
		case n < 0:
			a.extra -= n
			log(t, "%s: %s of %s:%d:%d found %d times too often", dir, k.Rule, k.File, k.Line, k.Column, -n)
		}
	}
	a.missed += missed
	a.hit += len(want) - missed
}

func log(t *testing.T, format string, args ...any) {
	if t != nil {
		t.Errorf(format, args...)
	}
}

func keysOf(m map[annotation]int) func(func(annotation) bool) {
	return func(yield func(annotation) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// TestCases compares small pairs of which it is known, for each dimension, whether
// they break it (B), may (C) or do not (S).
func TestCases(t *testing.T) {
	root := filepath.Join(corpus(t), "cases")
	dirs, err := filepath.Glob(filepath.Join(root, "*", "verdict.json"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range dirs {
		dir := filepath.Dir(file)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var verdict struct{ Wire, JSON, Src, Title string }
		if err := json.Unmarshal(text, &verdict); err != nil {
			t.Fatal(err)
		}
		found := compareFolders(t, filepath.Join(dir, "before"), filepath.Join(dir, "after"), source.Options{ImportPaths: []string{filepath.Join(root, "_deps")}})
		broken := map[string]bool{}
		for _, f := range found {
			for _, d := range f.Properties["dimensions"].([]string) {
				broken[d] = true
			}
		}
		for dimension, want := range map[string]string{"wire": verdict.Wire, "json": verdict.JSON, "source": verdict.Src} {
			if want == "B" && !broken[dimension] || want == "S" && broken[dimension] {
				t.Errorf("%s (%s): %s is %s, broken: %v\n%s", filepath.Base(dir), verdict.Title, dimension, want, broken[dimension], show(found))
			}
		}
	}
}

func show(found []finding.Finding) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "  %s:%d:%d [%s] %s %v %v\n", f.File, f.Line, f.Column, f.Rule, f.Message, f.Properties["dimensions"], f.Properties["bufRule"])
	}
	return b.String()
}
