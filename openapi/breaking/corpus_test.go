package breaking_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/breaking"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/rules"
)

// corpus finds the folder with published documents and labelled pairs, which is not
// part of the repository.
func corpus(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; filepath.Dir(dir) != dir; dir = filepath.Dir(dir) {
		if found := filepath.Join(dir, "shared", "corpus", "openapi"); isFolder(found) {
			return found
		}
	}
	t.Skip("needs the documents of shared/corpus/openapi beside the repository")
	return ""
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// options are those of a configuration that sets nothing.
func options() breaking.Options {
	return breaking.Options{
		Today:               "2026-01-01",
		RemovableOperations: "sunset", RemovablePaths: "sunset",
		ExtensibleEnums:    true,
		IdempotencyHeaders: []string{"Idempotency-Key"},
	}
}

func load(t testing.TB, file string) *document.Document {
	t.Helper()
	d, err := document.Load(os.ReadFile, filepath.ToSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func parse(t testing.TB, name string, text []byte) *document.Document {
	t.Helper()
	d, err := document.Load(func(string) ([]byte, error) { return text, nil }, name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// level is how loud a finding is where nothing is configured.
func level(f finding.Finding) finding.Level {
	l := f.Level
	if r, ok := rules.Lookup(f.Rule); ok {
		l = r.Level
	}
	l = f.Strength.Cap(l)
	if f.AtMost != "" && f.AtMost.Rank() < l.Rank() {
		l = f.AtMost
	}
	return l
}

func atLevel(findings []finding.Finding, l finding.Level) []finding.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f finding.Finding) bool { return level(f) != l })
}

func show(findings []finding.Finding) string {
	var b strings.Builder
	for i, f := range findings {
		if i == 10 {
			fmt.Fprintf(&b, "  and %d more\n", len(findings)-i)
			break
		}
		fmt.Fprintf(&b, "  %s:%d:%d %s [%s] %s\n", filepath.Base(f.File), f.Line, f.Column, level(f), f.Rule, f.Message)
	}
	return b.String()
}

type labelled struct {
	Name, Group, Expect, Why string
}

// maxUnknown is how many of the labelled cases may end undecided.
const maxUnknown = 3

// TestCases compares small pairs of which it is known whether they break anything.
func TestCases(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(corpus(t), "cases", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	unknown := 0
	for _, dir := range dirs {
		text, err := os.ReadFile(filepath.Join(dir, "case.json"))
		if err != nil {
			t.Fatal(err)
		}
		var c labelled
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		findings := breaking.Compare(load(t, filepath.Join(dir, "base.yaml")), load(t, filepath.Join(dir, "revision.yaml")), options())
		errors := atLevel(findings, finding.Error)
		if slices.ContainsFunc(findings, func(f finding.Finding) bool { return f.Properties["verdict"] == "unknown" }) {
			unknown++
			t.Logf("%s: undecided\n%s", c.Name, show(findings))
			continue
		}
		if broken := c.Expect == "breaking"; broken != (len(errors) > 0) {
			t.Errorf("%s (%s): %d errors, want %s\n%s", filepath.Base(dir), c.Why, len(errors), c.Expect, show(findings))
		}
	}
	if unknown > maxUnknown {
		t.Errorf("%d of %d cases are undecided, want at most %d", unknown, len(dirs), maxUnknown)
	}
}

// published are pairs of large documents, the older one first.
var published = [][2]string{
	{"adyen-mgmt-base.yaml", "adyen-mgmt-rev.yaml"},
	{"cloudflare-2023-05.yaml", "cloudflare-base.yaml"},
	{"github-2022-06.json", "github-rev.json"},
	{"k8s-core-base.json", "k8s-core-rev.json"},
	{"stripe-base.json", "stripe-rev.json"},
	{"stripe-base.yaml", "stripe-rev.yaml"},
	{"twilio-base.yaml", "twilio-rev.yaml"},
}

func TestPublishedDocumentsEqualThemselves(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 40 MB of documents")
	}
	for _, p := range published {
		for _, name := range p {
			file := filepath.Join(corpus(t), "specs", name)
			if findings := breaking.CompareAll(load(t, file), load(t, file), options()); len(findings) > 0 {
				t.Errorf("%s has %d changes since itself:\n%s", name, len(findings), show(findings))
			}
		}
	}
}

// TestPublishedPairs shows that one edit is one finding, with the operations that it
// reaches: keyword by keyword and operation by operation, these pairs have thousands.
func TestPublishedPairs(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 40 MB of documents")
	}
	for _, p := range published {
		old, new := load(t, filepath.Join(corpus(t), "specs", p[0])), load(t, filepath.Join(corpus(t), "specs", p[1]))
		findings := breaking.Compare(old, new, options())
		if all := breaking.CompareAll(old, new, options()); !reflect.DeepEqual(all, findings) {
			t.Errorf("%s: %d findings if operations written alike are left out, %d if not", p[1], len(findings), len(all))
		}
		seen := map[string]bool{}
		for _, f := range findings {
			key := fmt.Sprintf("%s %s:%d:%d %s", f.Rule, f.File, f.Line, f.Column, f.Message)
			if seen[key] {
				t.Errorf("%s: found twice: %s", p[1], key)
			}
			seen[key] = true
		}
		errors, warnings := atLevel(findings, finding.Error), atLevel(findings, finding.Warning)
		t.Logf("%s: %d errors, %d warnings\n%s%s", p[1], len(errors), len(warnings), show(errors), show(warnings))
	}
}
