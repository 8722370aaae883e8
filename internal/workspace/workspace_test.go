package workspace

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func noEnv(string) (string, bool) { return "", false }

// find looks below paths in a new folder with empty modules and packages.
func find(t *testing.T, paths []string, files ...string) (*Workspace, string) {
	t.Helper()
	dir := t.TempDir()
	for _, file := range files {
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		content := "package p\n"
		if filepath.Base(file) == "go.mod" {
			content = "module example.com/m\n"
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Find(paths, Options{Dir: dir, Env: noEnv}), dir
}

func TestEditable(t *testing.T) {
	files := []string{"go.mod", "a/a.go", "a/a.html", "a/a_test.go", "b/b.go", "vendor/example.com/v/v.go", "node_modules/n/n.go"}
	for _, test := range []struct {
		paths []string
		file  string
		want  bool
	}{
		{[]string{"."}, "a/a.go", true},
		{[]string{"."}, "a/a.html", false},
		{[]string{"."}, "a/a_test.go", false},
		{[]string{"."}, "vendor/example.com/v/v.go", false},
		{[]string{"."}, "node_modules/n/n.go", false},
		{[]string{"."}, "../elsewhere.go", false},
		{[]string{"b"}, "a/a.go", false},
		{[]string{"a/a.go"}, "a/a.go", true},
		{[]string{"example.com/m/a"}, "a/a.go", true},
		{[]string{"example.com/m/a"}, "vendor/example.com/v/v.go", false},
		{[]string{"example.com/m/a"}, "../elsewhere.go", false},
	} {
		ws, dir := find(t, test.paths, files...)
		if got := ws.Editable(filepath.Join(dir, filepath.FromSlash(test.file))); got != test.want {
			t.Errorf("check %v: %s: %v", test.paths, test.file, got)
		}
	}
}

// A name is for people; a relative path leads to the file.
func TestName(t *testing.T) {
	for _, test := range []struct{ path, name, relative string }{
		{"/src/shop/a/a.go", "a/a.go", "a/a.go"},
		{"/src/other/a.go", "../other/a.go", "../other/a.go"},
		{"/go/pkg/mod/example.com/a@v1.0.0/a.go", "example.com/a@v1.0.0/a.go", "../../go/pkg/mod/example.com/a@v1.0.0/a.go"},
	} {
		dir := filepath.FromSlash("/src/shop")
		path := filepath.FromSlash(test.path)
		if got := Name(dir, path); got != test.name {
			t.Errorf("%s is named %s, want %s", test.path, got, test.name)
		}
		if got := Relative(dir, path); got != test.relative {
			t.Errorf("%s is found at %s, want %s", test.path, got, test.relative)
		}
	}
}

func TestPackagePattern(t *testing.T) {
	for _, test := range []struct {
		pattern, pkg string
		want         bool
	}{
		{"example.com/a", "example.com/a", true},
		{"example.com/a", "example.com/a [example.com/a.test]", true},
		{"example.com/a", "example.com/a_test [example.com/a.test]", true},
		{"example.com/a", "example.com/a/b", false},
		{"example.com/a", "example.com/ab", false},
		{"example.com/a/...", "example.com/a", true},
		{"example.com/a/...", "example.com/a/b/c", true},
		{"example.com/a/...", "example.com/ab", false},
		{"example.com/a...", "example.com/ab", true},
		{"example.com/.../c", "example.com/a/b/c", true},
		{"all", "example.com/a", true},
	} {
		if got := packagePattern(test.pattern).MatchString(test.pkg); got != test.want {
			t.Errorf("%s matches %s: %v", test.pattern, test.pkg, got)
		}
	}
}

// Links are read once, where they lead; pipes never, as nobody may write to them.
func TestProtosOfLinks(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "shop")
	for _, name := range []string{"shop/a.proto", "elsewhere.proto", "shop/._a.proto", "shop/third_party/b.proto"} {
		path := filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"twice.proto": "a.proto", "out.proto": "../elsewhere.proto", "lost.proto": "nowhere", ".#a.proto": "me@host", "null.proto": os.DevNull,
		"copy.proto": "third_party/b.proto",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Skip(err)
		}
	}
	root := filepath.Join(top, "link") // a folder may be named by a link too
	if err := os.Symlink("shop", root); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, root} {
		ws := Find([]string{path}, Options{Dir: top, Env: noEnv})
		var got []string
		for _, p := range ws.Protos {
			got = append(got, filepath.Base(p))
		}
		if want := []string{"a.proto", "lost.proto", "out.proto"}; !slices.Equal(got, want) {
			t.Errorf("below %s: %v, want %v", filepath.Base(path), got, want)
		}
	}
}
