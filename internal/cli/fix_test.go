package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/report"
)

// fixRun is a run of check --fix over files in a new module, and what it prints
// on standard error.
func fixRun(t *testing.T, files map[string]string) (c *checkRun, stderr *bytes.Buffer) {
	t.Helper()
	files["go.mod"] = "module example.com/shop\n"
	dir := configDir(t, files)
	stderr = new(bytes.Buffer)
	env := &Env{Stdout: new(bytes.Buffer), Stderr: stderr, Dir: dir}
	ws := workspace.Find([]string{"."}, workspace.Options{Dir: dir, Env: env.Lookup})
	return &checkRun{findingRun: &findingRun{env: env}, flags: &checkFlags{fix: true}, workspace: ws}, stderr
}

// replacing is a finding whose fix replaces one text by another in files.
func (c *checkRun) replacing(t *testing.T, old, text string, files ...string) finding.Finding {
	t.Helper()
	var fix finding.Fix
	for _, file := range files {
		start := strings.Index(c.content(t, file), old)
		if start < 0 {
			t.Fatalf("no %q in %s", old, file)
		}
		fix.Edits = append(fix.Edits, finding.Edit{File: file, Start: start, End: start + len(old), New: text})
	}
	return finding.Finding{Rule: "go/no-timeout", Location: finding.Location{File: files[0], Line: 1}, Fixes: []finding.Fix{fix}}
}

func (c *checkRun) content(t *testing.T, file string) string {
	t.Helper()
	src, err := os.ReadFile(c.env.path(file))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// What a fix cannot do in one file it does in none, and says so; other fixes
// are made.
func TestFixIsWhole(t *testing.T) {
	const src = "package shop\n\nvar A = 1\n"
	for _, test := range []struct {
		name, old, text string
		files           []string
		message         string
	}{
		{"broken source", "1", "1 +", []string{"a.go", "b.go"}, "a.go is not fixed: a suggested fix does not parse"},
		{"not Go source", "1", "2", []string{"b.go", "page.html"}, "b.go:1: go/no-timeout is not fixed: page.html is not a file that was asked for"},
		{"not asked for", "1", "2", []string{"b.go", "testdata/t.go"}, "testdata/t.go is not a file"},
		{"read-only", "1", "2", []string{"b.go", "locked.go"}, "locked.go is not fixed: the file is read-only"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, stderr := fixRun(t, map[string]string{
				"a.go": src, "b.go": src, "c.go": src, "locked.go": src, "page.html": src, "testdata/t.go": src,
			})
			if err := os.Chmod(c.env.path("locked.go"), 0o400); err != nil {
				t.Fatal(err)
			}
			changed, err := c.fix([]finding.Finding{
				c.replacing(t, test.old, test.text, test.files...),
				c.replacing(t, "1", "3", "c.go"),
			})
			if err != nil || !changed || !strings.Contains(stderr.String(), test.message) {
				t.Errorf("changed %v, error %v, message %q; want %q", changed, err, stderr, test.message)
			}
			for _, file := range test.files {
				if got := c.content(t, file); got != src {
					t.Errorf("%s changed:\n%s", file, got)
				}
			}
			if got := c.content(t, "c.go"); got != strings.Replace(src, "1", "3", 1) {
				t.Errorf("c.go is not fixed:\n%s", got)
			}
		})
	}
}

// A file that has two names by a symbolic link is fixed once, and stays a link.
func TestFixThroughLink(t *testing.T) {
	c, stderr := fixRun(t, map[string]string{"real/r.go": "package r\n\nvar A = 1\n", "link/doc.txt": ""})
	if err := os.Symlink("../real/r.go", c.env.path("link/r.go")); err != nil {
		t.Skip(err)
	}
	c.workspace = workspace.Find([]string{"."}, workspace.Options{Dir: c.env.Dir, Env: c.env.Lookup})
	changed, err := c.fix([]finding.Finding{
		c.replacing(t, "1", "1 + 1", "link/r.go"),
		c.replacing(t, "1", "1 + 1", "real/r.go"),
	})
	if got := c.content(t, "real/r.go"); err != nil || !changed || stderr.Len() > 0 || got != "package r\n\nvar A = 1 + 1\n" {
		t.Errorf("changed %v, error %v, message %q:\n%s", changed, err, stderr, got)
	}
	if info, err := os.Lstat(c.env.path("link/r.go")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
}

// If one file cannot be written, none is.
func TestReplaceAllOrNone(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good.go")
	if err := os.WriteFile(good, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, "folder.go") // the rename onto it fails
	if err := os.MkdirAll(filepath.Join(folder, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{folder, filepath.Join(dir, "nowhere", "a.go")} {
		err := replaceAll([]fixedFile{
			{path: good, name: "good.go", mode: 0o600, old: []byte("old"), fixed: []byte("new")},
			{path: bad, name: "bad.go", mode: 0o600},
		})
		if err == nil {
			t.Errorf("%s: no error", bad)
		}
		if got, _ := os.ReadFile(good); string(got) != "old" {
			t.Errorf("%s: the other file holds %q", bad, got)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

func TestApplyEditsKeepsLineEnds(t *testing.T) {
	for _, test := range []struct{ name, src, want string }{
		{"LF", "package a\n\nvar A = 1\n", "package a\n\nvar A = 2\nvar B = 3\n"},
		{"CRLF", "package a\r\n\r\nvar A = 1\r\n", "package a\r\n\r\nvar A = 2\r\nvar B = 3\r\n"},
		{"mixed", "package a\r\n\r\nvar A = 1\n", "package a\r\n\r\nvar A = 2\r\nvar B =   3\n"},
		{"CRLF, not formatted", "package a\r\n\r\nvar A =   1\r\n", "package a\r\n\r\nvar A =   2\r\nvar B =   3\r\n"},
	} {
		at := strings.Index(test.src, "1")
		got, err := applyEdits("a.go", []byte(test.src), []fileEdit{{Start: at, End: at + 1, New: "2\nvar B =   3"}})
		if err != nil || string(got) != test.want {
			t.Errorf("%s: %q, %v; want %q", test.name, got, err, test.want)
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestDiffThatCannotBeWritten(t *testing.T) {
	c, _ := fixRun(t, map[string]string{"a.go": "package a\n\nvar A = 1\n"})
	c.flags, c.env.Stdout = &checkFlags{diff: true}, brokenWriter{}
	_, err := c.fix([]finding.Finding{c.replacing(t, "1", "2", "a.go")})
	if err == nil || err.Error() != "cannot write the diff: disk full" {
		t.Errorf("got %v", err)
	}
}

// Reports that go to one file would overwrite each other.
func TestOneFilePerReport(t *testing.T) {
	env := &Env{Dir: configDir(t, map[string]string{"there.json": ""})}
	for _, second := range []string{"o.json", "./o.json", filepath.Join(env.Dir, "x/../o.json")} {
		_, err := parseOutputs(env, []string{"json=o.json", "sarif=" + second}, report.Formats())
		if want := "--format sarif=" + second + ": another report goes to that file; give each its own"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := os.Symlink("there.json", env.path("link.json")); err == nil {
		if _, err := parseOutputs(env, []string{"json=there.json", "sarif=link.json"}, report.Formats()); err == nil {
			t.Error("a file and a link to it: no error")
		}
	}
	if _, err := parseOutputs(env, []string{"json=o.json", "sarif=o.sarif", "text"}, report.Formats()); err != nil {
		t.Error(err)
	}
}

// A report that goes through a symbolic link leaves it one.
func TestWriteFileThroughLink(t *testing.T) {
	dir := configDir(t, map[string]string{"there.json": "old"})
	link := filepath.Join(dir, "link.json")
	if err := os.Symlink("there.json", link); err != nil {
		t.Skip(err)
	}
	if err := replace(link, 0o600, []byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if got, _ := os.ReadFile(filepath.Join(dir, "there.json")); string(got) != "new" || err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the file holds %q, the link is %v, %v", got, info.Mode(), err)
	}
}
