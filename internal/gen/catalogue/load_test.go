package catalogue

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const minimal = `package catalogue

rules: "input/example": {
	level:       "error"
	summary:     "an example"
	rationale:   "Because."
	remediation: "Do not."
	bad:         "x"
	good:        "y"
	references: [{title: "Example", url: "https://example.com/"}]
	precision: "high"
	tags: ["correctness"]
}
`

// loadWith loads a catalogue of the real schema and one file of entries.
func loadWith(t *testing.T, entries string) error {
	t.Helper()
	dir := t.TempDir()
	schema, err := os.ReadFile("../../../rules/catalogue/schema.cue")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"schema.cue": string(schema), "example.cue": entries,
		"cue.mod/module.cue": "module: \"example.com/catalogue\"\nlanguage: version: \"v0.17.0\"\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err = Load(dir)
	return err
}

func TestLoadReportsMistakesWithTheirPlace(t *testing.T) {
	if err := loadWith(t, minimal); err != nil {
		t.Fatalf("the entry that the others are made from is wrong: %v", err)
	}
	for name, test := range map[string]struct{ old, new, want string }{
		"unknown field":   {"precision:", "confidence:", "example.cue:11:2: rules.\"input/example\".confidence: field not allowed"},
		"missing summary": {"\tsummary:     \"an example\"\n", "", "summary: field is required but not present"},
		"unknown level":   {`"error"`, `"fatal"`, "example.cue:4:15: "},
		"plain URL":       {"https:", "http:", "example.cue:10:"},
		"untidy text":     {`"Because."`, `" Because."`, "example.cue:6:15: "},
		"unknown tag":     {`"correctness"`, `"vibes"`, "example.cue:12:"},
		"same examples":   {`"y"`, `"x"`, "example.cue:3:8: input/example: the bad and the good example are the same"},
		"analyzer":        {"level:", "analyzer: \"example\"\n\tlevel:", "a rule has an analyzer if, and only if, its domain is go"},
		"bad default": {"precision:", "params: [{name: \"n\", type: \"int\", default: \"few\", doc: \"d\", source: \"s\"}]\n\tprecision:",
			`default of parameter n: found "few"; expected a whole number`},
		"unformatted Go": {"input/example\": {", "go/example\": {\n\tanalyzer: \"example\"", "example.cue:3:8: go/example: bad example: bad.go:1:1: expected 'package', found x"},
	} {
		t.Run(name, func(t *testing.T) {
			err := loadWith(t, strings.Replace(minimal, test.old, test.new, 1))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestNamesAreUnique(t *testing.T) {
	twice := minimal + strings.Replace(strings.TrimPrefix(minimal, "package catalogue\n"), "input/example\": {", "input/other\": {\n\taliases: [\"input/example\"]", 1)
	err := loadWith(t, twice)
	want := "alias input/example names both input/example and input/other"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestDriftFindsChangedMissingAndStaleFiles(t *testing.T) {
	root := t.TempDir()
	files := map[string][]byte{"docs/rules/go/a.md": []byte("a"), "docs/rules/go/b.md": []byte("b"), "docs/rules/go/c.md": []byte("c")}
	if err := Write(root, files); err != nil {
		t.Fatal(err)
	}
	if drift, err := Drift(root, files); err != nil || len(drift) > 0 {
		t.Fatalf("drift after Write: %v, %v", drift, err)
	}
	if err := os.Remove(filepath.Join(root, "docs/rules/go/b.md")); err != nil {
		t.Fatal(err)
	}
	files["docs/rules/go/a.md"] = []byte("new")
	delete(files, "docs/rules/go/c.md")
	drift, err := Drift(root, files)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"docs/rules/go/a.md", "docs/rules/go/b.md", "docs/rules/go/c.md"}, drift); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if err := Write(root, files); err != nil {
		t.Fatal(err)
	}
	if drift, err := Drift(root, files); err != nil || len(drift) > 0 {
		t.Errorf("drift after the second Write: %v, %v", drift, err)
	}
}
