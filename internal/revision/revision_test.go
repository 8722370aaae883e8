package revision

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// repo is a temporary repository.
type repo struct {
	t   *testing.T
	dir string
}

// environ keeps the settings of the machine out of the tests.
func environ() []string {
	return append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull,
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
}

func newRepo(t *testing.T, args ...string) *repo {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := &repo{t, dir}
	r.git(append([]string{"init", "-q", "-b", "main"}, args...)...)
	return r
}

func (r *repo) git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = r.dir, environ()
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r *repo) write(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		r.t.Fatal(err)
	}
}

func (r *repo) commit(message string) {
	r.t.Helper()
	r.git("add", "-A")
	r.git("commit", "-q", "-m", message)
}

func (r *repo) tree(dir, rev string) *Tree {
	r.t.Helper()
	repository, err := Open(context.Background(), dir, environ())
	if err != nil {
		r.t.Fatal(err)
	}
	tree, err := repository.Tree(context.Background(), rev)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		if err := tree.Close(); err != nil {
			r.t.Errorf("Close: %v", err)
		}
	})
	return tree
}

// check compares the content of all files of a source with want.
func check(t *testing.T, s Source, want map[string]string) {
	t.Helper()
	blobs, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, b := range blobs {
		text, err := s.Read(b.Path)
		if err != nil {
			t.Fatalf("Read(%q): %v", b.Path, err)
		}
		got[b.Path] = string(text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// states is a repository whose first commit holds one, and whose working tree
// holds another state.
func states(t *testing.T, args ...string) (*repo, map[string]string) {
	r := newRepo(t, args...)
	old := map[string]string{"api/a.yaml": "a: 1\n", "api/deep/b b.yaml": "", "ü\tö.json": "{}", "big": strings.Repeat("x\n", 1<<18)}
	for name, text := range old {
		r.write(name, text)
	}
	r.commit("one")
	r.write("api/a.yaml", "a: 2\n")
	r.write("api/new.yaml", "n: 1\n")
	r.commit("two")
	r.write("api/a.yaml", "a: 3\n")
	return r, old
}

func TestTree(t *testing.T) {
	r, old := states(t)
	before := r.git("status", "--porcelain")
	check(t, r.tree(r.dir, "HEAD~1"), old)
	check(t, r.tree(filepath.Join(r.dir, "api"), r.git("rev-parse", "HEAD~1")), old)
	if after := r.git("status", "--porcelain"); after != before {
		t.Errorf("the working tree changed: %q became %q", before, after)
	}
}

func TestTreeOfTagAndTree(t *testing.T) {
	r, old := states(t)
	r.git("tag", "-a", "-m", "v1", "v1", "HEAD~1")
	check(t, r.tree(r.dir, "v1"), old)
	check(t, r.tree(r.dir, "v1:api"), map[string]string{"a.yaml": "a: 1\n", "deep/b b.yaml": ""})
}

func TestPackedObjects(t *testing.T) {
	r, old := states(t)
	r.git("gc", "-q", "--aggressive", "--prune=now")
	check(t, r.tree(r.dir, "HEAD~1"), old)
}

func TestSHA256(t *testing.T) {
	r, old := states(t, "--object-format=sha256")
	tree := r.tree(r.dir, "HEAD~1")
	check(t, tree, old)
	checkHolds(t, tree, old)
}

func TestHolds(t *testing.T) {
	r, old := states(t)
	checkHolds(t, r.tree(r.dir, "HEAD~1"), old)
}

func checkHolds(t *testing.T, tree *Tree, old map[string]string) {
	t.Helper()
	blobs, err := tree.List()
	if err != nil || len(blobs) != len(old) {
		t.Fatalf("%d files, %v", len(blobs), err)
	}
	for _, b := range blobs {
		if !tree.Holds(b, []byte(old[b.Path])) || tree.Holds(b, []byte(old[b.Path]+" ")) {
			t.Errorf("%s is not told from another content", b.Path)
		}
	}
}

func TestWorktree(t *testing.T) {
	r, old := states(t)
	dir := filepath.Join(r.dir, "..", filepath.Base(r.dir)+"-work")
	r.git("worktree", "add", "-q", dir, "HEAD")
	t.Cleanup(func() { os.RemoveAll(dir) })
	tree := r.tree(dir, "HEAD~1")
	check(t, tree, old)
	if got := filepath.Base(tree.repo.Root()); got != filepath.Base(dir) {
		t.Errorf("root is %s, want the working tree's", got)
	}
}

func TestShallowClone(t *testing.T) {
	r, old := states(t)
	clone := &repo{t, filepath.Join(t.TempDir(), "clone")}
	r.git("clone", "-q", "--depth", "1", "file://"+r.dir, clone.dir)
	repository, err := Open(context.Background(), clone.dir, environ())
	if err != nil {
		t.Fatal(err)
	}
	_, err = repository.Tree(context.Background(), "HEAD~1")
	if err == nil || !strings.Contains(err.Error(), "shallow; run git fetch --unshallow") {
		t.Errorf("error %v, want one that says how to deepen", err)
	}
	old["api/a.yaml"], old["api/new.yaml"] = "a: 2\n", "n: 1\n"
	check(t, clone.tree(clone.dir, "HEAD"), old)
}

func TestPartialClone(t *testing.T) {
	r, _ := states(t)
	r.git("config", "uploadpack.allowFilter", "true")
	clone := &repo{t, filepath.Join(t.TempDir(), "clone")}
	r.git("clone", "-q", "--filter=blob:none", "--no-checkout", "file://"+r.dir, clone.dir)
	_, err := clone.tree(clone.dir, "HEAD").Read("api/a.yaml")
	if err == nil || !strings.Contains(err.Error(), "not in this partial clone") {
		t.Errorf("error %v, want one that says that the content is not here", err)
	}
}

func TestAlternates(t *testing.T) {
	r, old := states(t)
	clone := &repo{t, filepath.Join(t.TempDir(), "clone")}
	r.git("clone", "-q", "--shared", r.dir, clone.dir)
	check(t, clone.tree(clone.dir, "HEAD~1"), old)
}

func TestBare(t *testing.T) {
	r, old := states(t)
	clone := &repo{t, filepath.Join(t.TempDir(), "clone.git")}
	r.git("clone", "-q", "--bare", r.dir, clone.dir)
	check(t, clone.tree(clone.dir, "main~1"), old)
}

func TestSubmodulesAndLinks(t *testing.T) {
	inner, _ := states(t)
	r := newRepo(t)
	r.write("api/a.yaml", "a: 1\n")
	r.write("shared/s.yaml", "s: 1\n")
	for link, target := range map[string]string{"api/link.yaml": "../shared/s.yaml", "common": "shared", "lost": "nowhere", "out": "/etc/passwd"} {
		if err := os.Symlink(target, filepath.Join(r.dir, link)); err != nil {
			t.Skip(err)
		}
	}
	r.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.dir, "inner")
	r.commit("one")
	tree := r.tree(r.dir, "HEAD")
	blobs, err := tree.List("api", "inner", "shared")
	if err != nil || len(blobs) != 2 || blobs[0].Path != "api/a.yaml" || blobs[1].Path != "shared/s.yaml" {
		t.Errorf("List = %v, %v; want the two files that are no links", blobs, err)
	}
	if subs, err := tree.Submodules(); err != nil || len(subs) != 1 || subs[0] != "inner" {
		t.Errorf("Submodules = %v, %v; want inner", subs, err)
	}
	for _, path := range []string{"api/link.yaml", "common/s.yaml", "./api/../shared/s.yaml"} {
		if text, err := tree.Read(path); string(text) != "s: 1\n" {
			t.Errorf("Read(%q) = %q, %v; want the target's content", path, text, err)
		}
	}
	for _, path := range []string{"lost", "out", "absent", "inner/api/a.yaml", "../x", "shared/s.yaml/x"} {
		if text, err := tree.Read(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Read(%q) = %q, %v; want that it does not exist", path, text, err)
		}
	}
	if _, err := tree.Read("api"); err == nil || !strings.Contains(err.Error(), "it is a tree") {
		t.Errorf("reading a folder: %v", err)
	}
	if text, err := tree.Read("api/a.yaml"); string(text) != "a: 1\n" {
		t.Errorf("after failures Read = %q, %v", text, err)
	}
}

func TestLargeFileStorage(t *testing.T) {
	r := newRepo(t)
	r.write("a.yaml", string(lfsPointer)+"oid sha256:00\nsize 3\n")
	r.commit("one")
	if _, err := r.tree(r.dir, "HEAD").Read("a.yaml"); err == nil || !strings.Contains(err.Error(), "git-lfs") {
		t.Errorf("error %v, want one that names git-lfs", err)
	}
}

func TestListUnder(t *testing.T) {
	r, _ := states(t)
	tree := r.tree(r.dir, "HEAD~1")
	for _, tt := range []struct {
		under []string
		want  int
	}{
		{nil, 4}, {[]string{"."}, 4}, {[]string{"api"}, 2}, {[]string{"api/"}, 2}, {[]string{"api/a.yaml", "big"}, 2},
		{[]string{"absent"}, 0}, {[]string{"../other"}, 0}, {[]string{"api", "api/deep"}, 2}, {[]string{"*"}, 0},
	} {
		if blobs, err := tree.List(tt.under...); err != nil || len(blobs) != tt.want {
			t.Errorf("List(%q) = %v, %v; want %d files", tt.under, blobs, err, tt.want)
		}
	}
}

func TestErrors(t *testing.T) {
	r, _ := states(t)
	r.git("branch", "release")
	r.git("remote", "add", "origin", "file:///nowhere")
	empty := newRepo(t)
	for _, tt := range []struct{ dir, rev, want string }{
		{r.dir, "relaese", "unknown revision relaese; did you mean release?"},
		{r.dir, "origin/main", "git fetch origin main:refs/remotes/origin/main"},
		{r.dir, "HEAD~99", "unknown revision HEAD~99"},
		{r.dir, "--help", "is no revision"},
		{r.dir, "", "no revision given"},
		{r.dir, "HEAD:big", "is a blob, not a commit"},
		{r.dir, strings.Repeat("0123456789", 4), "is not in this clone"},
		{empty.dir, "HEAD", "the repository has no commit yet"},
		{t.TempDir(), "HEAD", "is not in a git repository"},
		{r.dir, "./nowhere", "./nowhere: no such file or folder"},
	} {
		_, err := Resolve(context.Background(), tt.dir, tt.dir, tt.rev, environ())
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: error %v, want %q in it", tt.rev, err, tt.want)
		}
	}
}

func TestGitMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Open(context.Background(), t.TempDir(), environ()); err == nil || !strings.Contains(err.Error(), "git is not installed") {
		t.Errorf("error %v, want one that says that git is missing", err)
	}
}

func TestResolve(t *testing.T) {
	r, old := states(t)
	resolve := func(rev string) *Against {
		t.Helper()
		a, err := Resolve(context.Background(), r.dir, r.dir, rev, environ())
		if err != nil {
			t.Fatalf("%s: %v", rev, err)
		}
		t.Cleanup(func() { a.Close() })
		return a
	}
	a := resolve("HEAD~1")
	check(t, a, old)
	if a.Root != r.dir || a.Only != "" {
		t.Errorf("root %s and file %q, want %s and none", a.Root, a.Only, r.dir)
	}
	check(t, resolve("api"), map[string]string{"a.yaml": "a: 3\n", "new.yaml": "n: 1\n", "deep/b b.yaml": ""})
	if a := resolve("api/new.yaml"); a.Only != "new.yaml" {
		t.Errorf("file %q, want new.yaml", a.Only)
	}
	r.git("branch", "api")
	if _, err := Resolve(context.Background(), r.dir, r.dir, "api", environ()); err == nil || !strings.Contains(err.Error(), "both a revision and a path") {
		t.Errorf("error %v, want that api is two things", err)
	}
	check(t, resolve("api^{}"), map[string]string{"api/a.yaml": "a: 2\n", "api/new.yaml": "n: 1\n", "api/deep/b b.yaml": "", "ü\tö.json": "{}", "big": old["big"]})
	if got := resolve("./api"); got.String() != "./api" {
		t.Errorf("./api is %s", got)
	}
}

func TestFolder(t *testing.T) {
	r, _ := states(t)
	r.write("node_modules/x/openapi.yaml", "")
	r.write(".hidden/a.yaml", "")
	f := NewFolder(r.dir)
	blobs, err := f.List("api", "absent")
	if err != nil || len(blobs) != 3 {
		t.Errorf("List = %v, %v; want 3 files", blobs, err)
	}
	if all, err := f.List(); err != nil || len(all) != 5 {
		t.Errorf("List = %v, %v; want 5 files", all, err)
	}
	if _, err := f.Read("absent"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want that it does not exist", err)
	}
}
