package baseline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commslint/commslint/finding"
)

func at(file string, line int, rule string) finding.Finding {
	return finding.Finding{Rule: rule, Level: finding.Error, Message: "m of " + rule, Location: finding.Location{File: file, Line: line, Column: 1}}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// rules lists findings as rule and line.
func rules(fs []finding.Finding) string {
	var all []string
	for _, f := range fs {
		all = append(all, f.Rule+strings.Repeat("'", f.Line))
	}
	return strings.Join(all, " ")
}

func TestSplit(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "pay", "a.go")
	write(t, file, "one\ntwo\ntwo\n")
	before := []finding.Finding{at("pay/a.go", 1, "go/a"), at("pay/a.go", 2, "go/b"), at("pay/a.go", 3, "go/b"), {Rule: "graph/c", Message: "m"}}
	b := Record(dir, dir, before)
	if len(b.Entries) != 4 {
		t.Fatalf("%d entries, want 4: %+v", len(b.Entries), b.Entries)
	}

	if s := b.Split(dir, before); len(s.New) != 0 || len(s.Known) != 4 || len(s.Gone) != 0 {
		t.Errorf("unchanged: %+v", s)
	}
	// Lines moved down by one, one of the two alike is gone, and another rule is new.
	write(t, file, "new\none\n  two\nthree\n")
	s := b.Split(dir, []finding.Finding{at("pay/a.go", 2, "go/a"), at("pay/a.go", 3, "go/b"), at("pay/a.go", 4, "go/b")})
	if rules(s.Known) != "go/a'' go/b'''" || rules(s.New) != "go/b''''" || len(s.Gone) != 2 {
		t.Errorf("known %s, new %s, gone %+v", rules(s.Known), rules(s.New), s.Gone)
	}
	// The same from another working directory, and by absolute paths.
	for workdir, name := range map[string]string{filepath.Join(dir, "pay"): "a.go", filepath.Join(dir, "deep", "er"): "../../pay/a.go", "/": file} {
		s := b.Split(workdir, []finding.Finding{at(name, 2, "go/a")})
		if len(s.Known) != 1 {
			t.Errorf("%s is not known as %s in %s", "pay/a.go", name, workdir)
		}
	}
}

func TestSomeFindingsAreNeverKnown(t *testing.T) {
	silenced := at("a.go", 1, "go/a")
	silenced.Suppressed = &finding.Suppression{}
	all := []finding.Finding{silenced, at("a.go", 1, "input/go")}
	dir := t.TempDir()
	if b := Record(dir, dir, all); len(b.Entries) != 0 {
		t.Errorf("recorded %+v", b.Entries)
	}
	b := &Baseline{Dir: dir}
	b.Entries = b.entries(dir, all)
	if s := b.Split(dir, all); len(s.New) != 2 || len(s.Gone) != 2 {
		t.Errorf("%+v, want both new, and both entries of no use", s)
	}
}

func TestFormat(t *testing.T) {
	b := &Baseline{Entries: []Entry{
		{"b.go", "go/a", "02", "plain"},
		{"a.go", "go/b", "03", "two"},
		{"a.go", "go/a", "01", "tab\there \"quoted\" \\ {}: #\x00\x1b[31m\u202e 名 🙂\nnext"},
		{"a.go", "go/b", "03", "two"},
	}}
	b.Sort()
	want := header + `findings:
  - {file: "a.go", rule: "go/a", fingerprint: "01", message: "tab\there \"quoted\" \\ {}: #\u0000\u001B[31m\u202E 名 🙂\nnext"}
  - {file: "a.go", rule: "go/b", fingerprint: "03", message: "two"}
  - {file: "b.go", rule: "go/a", fingerprint: "02", message: "plain"}
`
	if diff := cmp.Diff(want, string(b.Format())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, b := range []*Baseline{b, {}} {
		got, err := parse("b.yaml", b.Format())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(b, got); diff != "" {
			t.Errorf("read back (-want +got):\n%s", diff)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	const rest = "; mend it, or delete it and record it again: commslint baseline"
	for text, want := range map[string]string{
		"":                               "b.yaml:1:1: this is no baseline; expected the keys version and findings" + rest,
		"- 1\n":                          "b.yaml:1:1: this is no baseline; expected the keys version and findings" + rest,
		"findings: []\n":                 "b.yaml:1:1: this version of the format is unknown; expected version: 1; use the commslint that wrote it, or delete it and record it again: commslint baseline",
		"version: 2\nfindings: []\n":     "b.yaml:1:10: this version of the format is unknown; expected version: 1; use the commslint that wrote it, or delete it and record it again: commslint baseline",
		"version: 1\nfinding: []\n":      `b.yaml:2:1: unknown key "finding"; expected one of version, findings` + rest,
		"version: 1\n":                   "b.yaml:1:1: there is no list of findings; expected findings: [] at least" + rest,
		"version: 1\nfindings:\n  - x\n": "b.yaml:3:5: this is no finding; expected the keys file, rule, fingerprint and message" + rest,
		"version: 1\nfindings:\n  - {file: a, rule: b, message: c}\n":                   "b.yaml:3:5: the finding has no fingerprint; expected a string" + rest,
		"version: 1\nfindings:\n  - {file: a, rule: b, fingerprint: [], message: c}\n":  "b.yaml:3:37: the finding has no fingerprint; expected a string" + rest,
		"version: 1\nfindings:\n  - {file: a, rule: b, fingerprint: '', message: c}\n":  "b.yaml:3:5: the finding has an empty rule or fingerprint; expected both" + rest,
		"version: 1\nfindings:\n<<<<<<< HEAD\n  - {file: a, rule: b, fingerprint: d}\n": "b.yaml:3:",
	} {
		_, err := parse("b.yaml", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q:\ngot  %v\nwant %s", text, err, want)
		}
	}
}

func FuzzFormat(f *testing.F) {
	f.Add("a.go", "http.Get may wait\u2028 \x7f\ufeff\x85 for ever: \"x\"")
	f.Fuzz(func(t *testing.T, file, message string) {
		b := &Baseline{Entries: []Entry{{strings.ToValidUTF8(file, "?"), "go/a", "01", strings.ToValidUTF8(message, "?")}}}
		got, err := parse("b.yaml", b.Format())
		if err != nil {
			t.Fatalf("%s: %v", b.Format(), err)
		}
		if diff := cmp.Diff(b, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
