package contract

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/commslint/commslint/protocheck/source"
)

// A goLibrary finds what .proto files import in the Go modules that the module around
// them requires: as .proto files, or as the Go code that was generated from them. It
// looks into the module cache of the go command, and downloads nothing.
type goLibrary struct {
	base    string // absolute: what names of importing files are relative to
	cache   string // GOMODCACHE
	others  []string
	modules map[string]*goModules // by the folder of go.mod
	found   map[goImport]*source.External
}

type goImport struct{ folder, imported string }

// newGoLibrary looks with the environment; others are the words for where else imports
// are looked for.
func newGoLibrary(base string, lookup func(string) (string, bool), others ...string) *goLibrary {
	return &goLibrary{
		base: base, cache: goModCache(lookup), others: others,
		modules: map[string]*goModules{}, found: map[goImport]*source.External{},
	}
}

// goModCache is where the go command keeps modules (https://go.dev/ref/mod#module-cache).
func goModCache(lookup func(string) (string, bool)) string {
	if lookup == nil {
		return ""
	}
	if dir, ok := lookup("GOMODCACHE"); ok && dir != "" {
		return dir
	}
	if path, ok := lookup("GOPATH"); ok && path != "" {
		return filepath.Join(filepath.SplitList(path)[0], "pkg", "mod")
	}
	for _, home := range []string{"HOME", "USERPROFILE"} {
		if dir, ok := lookup(home); ok && dir != "" {
			return filepath.Join(dir, "go", "pkg", "mod")
		}
	}
	return ""
}

// Searched says where imports of a file were looked for.
func (l *goLibrary) Searched(from string) string {
	places := slices.Clone(l.others)
	if m := l.modulesOf(from); m != nil {
		place := "in the modules that " + m.name + " requires"
		if m.absent > 0 {
			place += ", as far as they are downloaded (go mod download)"
		}
		places = append(places, place)
	}
	if len(places) < 2 {
		return strings.Join(places, "")
	}
	return strings.Join(places[:len(places)-1], ", ") + " and " + places[len(places)-1]
}

// Find finds an import of a file.
func (l *goLibrary) Find(imported, from string) *source.External {
	m := l.modulesOf(from)
	if m == nil {
		return nil
	}
	key := goImport{m.folder, imported}
	found, known := l.found[key]
	if !known {
		found = m.find(imported)
		l.found[key] = found
	}
	return found
}

// modulesOf are those of the innermost go.mod above a file.
func (l *goLibrary) modulesOf(from string) *goModules {
	dir := filepath.FromSlash(from)
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(l.base, dir)
	}
	for dir = filepath.Dir(dir); ; dir = filepath.Dir(dir) {
		m, known := l.modules[dir]
		if !known {
			m = l.readModules(dir)
			l.modules[dir] = m
		}
		if m != nil {
			return m
		}
		if dir == l.base || filepath.Dir(dir) == dir {
			return nil
		}
	}
}

// goModules are the modules that a go.mod requires.
type goModules struct {
	folder string
	name   string // of the go.mod, for messages
	dirs   []goModule
	absent int // how many are not in the cache

	indexed bool
	files   map[string][]goFile // .proto files and generated code, by the base of the .proto file's name
}

type goModule struct{ path, dir string }

// A goFile is a file of a module.
type goFile struct {
	module string
	rel    string // within the module, slash-separated
	path   string
}

// readModules reads the go.mod of a folder; nil if it has none that can be read, as
// other rules are about that.
func (l *goLibrary) readModules(dir string) *goModules {
	name := filepath.Join(dir, "go.mod")
	text, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	file, err := modfile.Parse(name, text, nil)
	if err != nil { // for a newer go command; this reads no replacements
		if file, err = modfile.ParseLax(name, text, nil); err != nil {
			return nil
		}
	}
	m := &goModules{folder: dir, name: "go.mod"}
	if rel, err := filepath.Rel(l.base, name); err == nil {
		m.name = filepath.ToSlash(rel)
	}
	for _, r := range file.Require {
		found := l.moduleDir(dir, replaced(file, r.Mod))
		if info, err := os.Stat(found); found == "" || err != nil || !info.IsDir() {
			m.absent++
			continue
		}
		m.dirs = append(m.dirs, goModule{r.Mod.Path, found})
	}
	return m
}

// replaced is what a go.mod puts in the place of a module.
func replaced(file *modfile.File, v module.Version) module.Version {
	for _, r := range file.Replace {
		if r.Old.Path == v.Path && (r.Old.Version == "" || r.Old.Version == v.Version) {
			return r.New
		}
	}
	return v
}

func (l *goLibrary) moduleDir(dir string, v module.Version) string {
	if v.Version == "" {
		if filepath.IsAbs(v.Path) {
			return v.Path
		}
		return filepath.Join(dir, filepath.FromSlash(v.Path))
	}
	escaped, err := module.EscapePath(v.Path)
	if err != nil || l.cache == "" {
		return ""
	}
	version, err := module.EscapeVersion(v.Version)
	if err != nil {
		return ""
	}
	return filepath.Join(l.cache, filepath.FromSlash(escaped)+"@"+version)
}

// index lists the files once something is missing: it takes a second where a module
// requires 300 others.
func (m *goModules) index() {
	m.indexed, m.files = true, map[string][]goFile{}
	for _, mod := range m.dirs {
		err := filepath.WalkDir(mod.dir, func(name string, e fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return nil //nolint:nilerr // what cannot be read is not there
			case e.IsDir() && name != mod.dir && (e.Name() == "testdata" || strings.HasPrefix(e.Name(), ".")):
				return filepath.SkipDir
			case e.Type().IsRegular() && (strings.HasSuffix(name, ".proto") || strings.HasSuffix(name, ".pb.go")):
				base := strings.TrimSuffix(strings.TrimSuffix(e.Name(), ".proto"), ".pb.go")
				if rel, err := filepath.Rel(mod.dir, name); err == nil {
					m.files[base] = append(m.files[base], goFile{mod.path, filepath.ToSlash(rel), name})
				}
			}
			return nil
		})
		if err != nil {
			continue
		}
	}
}

// mayBe reports whether a file is imported by a path. A path without folders is that of a
// file in the folder that holds the module's.
func (f *goFile) mayBe(imported string) bool {
	above, ok := strings.CutSuffix("/"+f.rel, "/"+imported)
	if !ok || strings.Contains(imported, "/") {
		return ok
	}
	return slices.Contains([]string{"", "/proto", "/protos", "/protobuf", "/protobufs"}, above)
}

// find looks for the file itself, named as Go would or rooted anywhere in a module, and
// then for what was generated from it.
func (m *goModules) find(imported string) *source.External {
	if !m.indexed {
		m.index()
	}
	files := m.files[strings.TrimSuffix(filepath.Base(filepath.FromSlash(imported)), ".proto")]
	var best *goFile
	for i := range files {
		f := &files[i]
		switch {
		case !strings.HasSuffix(f.rel, ".proto"):
		case f.module+"/"+f.rel == imported:
			return &source.External{Path: f.path}
		case !f.mayBe(imported):
		case best == nil || cmp.Or(cmp.Compare(len(f.rel), len(best.rel)), strings.Compare(f.path, best.path)) < 0:
			best = f
		}
	}
	if best != nil {
		return &source.External{Path: best.path}
	}
	for _, f := range files {
		if !strings.HasSuffix(f.rel, ".pb.go") {
			continue
		}
		if file := generatedFrom(f.path, imported); file != nil {
			return &source.External{Path: f.path, Proto: file}
		}
	}
	return nil
}
