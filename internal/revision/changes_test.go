package revision

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func (r *repo) changes(rev string, env ...string) (*Changes, error) {
	r.t.Helper()
	repository, err := Open(context.Background(), r.dir, append(environ(), env...))
	if err != nil {
		r.t.Fatal(err)
	}
	return repository.Changes(context.Background(), rev)
}

// touched lists the lines of a file, up to n, that changed; "any" if only the file did.
func (r *repo) touched(c *Changes, name string, n int) string {
	file := filepath.Join(r.dir, name)
	var lines []string
	for line := 1; line <= n; line++ {
		if c.Touches(file, line, line) {
			lines = append(lines, fmt.Sprint(line))
		}
	}
	if len(lines) == 0 && c.Touches(file, 0, 0) {
		return "any"
	}
	return strings.Join(lines, " ")
}

const tenLines = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"

func TestChanges(t *testing.T) {
	r := newRepo(t)
	odd := "d/ü \"x\"\ty.go"
	for _, name := range []string{"changed.go", "same.go", "cut.go", "moved.go", "gone.go", "first.go", odd} {
		r.write(name, tenLines)
	}
	r.write("open.go", "1\n2")
	r.write("bin", "a\x00b")
	r.write(".gitignore", "ignored.go\n")
	r.commit("one")
	r.write("changed.go", "1\n2\nthree\n4\n5\n6\n7\n8\n9\n10\n11\n12\n")
	r.commit("two")
	// The rest is not committed, some of it staged.
	r.write("cut.go", "1\n2\n5\n6\n7\n8\n9\n10\n")
	r.write("first.go", "3\n4\n5\n6\n7\n8\n9\n10\n")
	r.write(odd, "one\n2\n3\n4\n5\n6\n7\n8\n9\n10\n")
	r.write("open.go", "1\n++ b/same.go\n@@ -1 +1 @@")
	r.write("bin", "a\x00c")
	r.git("mv", "moved.go", "d/moved.go")
	r.write("d/moved.go", "1\n2\n3\n4\n5\n6\n7\n8\n9\nten\n")
	r.write("new.go", "1\n2\n")
	r.write("ignored.go", "1\n2\n")
	r.git("rm", "-q", "gone.go")
	c, err := r.changes("HEAD~1")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"changed.go": "3 11 12", "same.go": "", "cut.go": "2 3", "first.go": "1", odd: "1", "open.go": "2 3",
		"bin": "1 2 3 4 5 6 7 8 9 10 11 12", "d/moved.go": "10", "moved.go": "", "new.go": "1 2 3 4 5 6 7 8 9 10 11 12",
		"ignored.go": "", "gone.go": "", "absent.go": "",
	} {
		if got := r.touched(c, name, 12); got != want {
			t.Errorf("%s: lines %q, want %q", name, got, want)
		}
	}
	if !c.Touches(filepath.Join(r.dir, "changed.go"), 4, 11) || c.Touches(filepath.Join(r.dir, "changed.go"), 4, 10) {
		t.Error("a range is not told by its lines")
	}
	if !c.Touches(filepath.Join(r.dir, "..", "elsewhere.go"), 1, 1) {
		t.Error("a file that git says nothing of counts as unchanged")
	}
}

// What users and repositories set must not change what is read.
func TestChangesDespiteSettings(t *testing.T) {
	r := newRepo(t)
	r.write("a.go", tenLines)
	r.write("sub/b.go", tenLines)
	r.write(".gitattributes", "*.go diff=odd\n")
	r.commit("one")
	r.write("a.go", strings.Replace(tenLines, "5", "five", 1))
	r.write("sub/b.go", strings.Replace(tenLines, "6", "six", 1))
	for _, set := range []string{
		"diff.noprefix true", "diff.mnemonicPrefix true", "diff.context 3", "diff.interHunkContext 9", "color.ui always", "color.diff always",
		"diff.external false", "diff.odd.textconv true", "diff.odd.command true", "diff.relative true", "core.quotePath true", "diff.orderFile none", "diff.renames false",
	} {
		key, value, _ := strings.Cut(set, " ")
		r.git("config", key, value)
	}
	r.dir = filepath.Join(r.dir, "sub")
	c, err := r.changes("HEAD", "GIT_DIFF_OPTS=--unified=3", "GIT_EXTERNAL_DIFF=false")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := r.touched(c, "../a.go", 10), r.touched(c, "b.go", 10); a != "5" || b != "6" {
		t.Errorf("lines %q and %q, want 5 and 6", a, b)
	}
}

func TestChangesSinceFork(t *testing.T) {
	r := newRepo(t)
	r.write("a.go", tenLines)
	r.commit("one")
	r.git("checkout", "-q", "-b", "work")
	r.write("a.go", strings.Replace(tenLines, "3", "three", 1))
	r.commit("ours")
	r.git("checkout", "-q", "main")
	r.write("a.go", strings.Replace(tenLines, "8", "eight", 1))
	r.commit("theirs")
	r.git("checkout", "-q", "work")
	for rev, want := range map[string]string{"main": "3 8", "main...": "3"} {
		c, err := r.changes(rev)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.touched(c, "a.go", 10); got != want {
			t.Errorf("since %s: lines %q, want %q", rev, got, want)
		}
	}
	r.git("checkout", "-q", "--orphan", "apart")
	r.git("commit", "-q", "-m", "apart")
	if _, err := r.changes("main..."); err == nil || !strings.Contains(err.Error(), "no commit in common") {
		t.Errorf("error %v, want one that says that there is no commit in common", err)
	}
}

func TestChangesRefuses(t *testing.T) {
	r := newRepo(t)
	if _, err := r.changes("HEAD"); err == nil || !strings.Contains(err.Error(), "has no commit yet") {
		t.Errorf("error %v of an empty repository", err)
	}
	r.write("a.go", tenLines)
	r.commit("one")
	r.write("a.go", "1\n")
	r.commit("two")
	for rev, want := range map[string]string{"mian": "did you mean main?", "mian...": "did you mean main?", "--output=x": "is no revision", "HEAD:a.go": "is a blob, not a commit"} {
		if _, err := r.changes(rev); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", rev, err, want)
		}
	}
	clone := &repo{t, filepath.Join(t.TempDir(), "clone")}
	r.git("clone", "-q", "--depth", "1", "file://"+r.dir, clone.dir)
	if _, err := clone.changes("HEAD~1"); err == nil || !strings.Contains(err.Error(), "shallow; run git fetch --unshallow") {
		t.Errorf("error %v of a shallow clone", err)
	}
	bare := &repo{t, filepath.Join(t.TempDir(), "bare.git")}
	r.git("clone", "-q", "--bare", r.dir, bare.dir)
	if _, err := bare.changes("HEAD"); err == nil || !strings.Contains(err.Error(), "no working tree") {
		t.Errorf("error %v of a bare repository", err)
	}
}

func TestChangesInLinkedFolder(t *testing.T) {
	r := newRepo(t)
	r.write("a.go", tenLines)
	r.commit("one")
	r.write("a.go", strings.Replace(tenLines, "5", "five", 1))
	inner := &repo{t, filepath.Join(r.dir, "inner")}
	if err := os.MkdirAll(inner.dir, 0o777); err != nil {
		t.Fatal(err)
	}
	inner.git("init", "-q")
	inner.write("b.go", "1\n")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(r.dir, link); err != nil {
		t.Skip(err)
	}
	c, err := r.changes("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	r.dir = link
	if got := r.touched(c, "a.go", 10); got != "5" {
		t.Errorf("lines %q by a link, want 5", got)
	}
	if got := r.touched(c, "inner/b.go", 1); got != "1" {
		t.Errorf("lines %q of another repository inside, want all", got)
	}
}

// Which lines of a submodule changed is not known, only that its commit did.
func TestChangesInSubmodule(t *testing.T) {
	inner, _ := states(t)
	r := newRepo(t)
	r.write("a.go", tenLines)
	for _, name := range []string{"moved", "same"} {
		r.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.dir, name)
	}
	r.commit("one")
	r.git("-C", "moved", "checkout", "-q", "HEAD~1")
	r.commit("two")
	c, err := r.changes("HEAD~1")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"moved/api/a.yaml": "1 2", "same/api/a.yaml": "", "a.go": "", "moved.go": ""} {
		if got := r.touched(c, name, 2); got != want {
			t.Errorf("%s: lines %q, want %q", name, got, want)
		}
	}
}

func TestChangesInNamesOfAnyBytes(t *testing.T) {
	r := newRepo(t)
	name := "\"\xff\n\t.json"
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(tenLines), 0o600); err != nil {
		t.Skip(err) // not every system has such names
	}
	r.commit("one")
	r.write(name, "1\n2\n3\n4\n5\nsix\n7\n8\n9\n10\n")
	c, err := r.changes("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	if got := r.touched(c, name, 10); got != "6" {
		t.Errorf("lines %q, want 6", got)
	}
}
