// Package workspace finds what there is to analyse below the paths that a user
// names: Go modules, Go workspaces, and folders that belong to neither.
package workspace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/source"
)

// A Unit is one run of the go command: over one module, or over the modules of
// one go.work together, which then share the work on their dependencies.
type Unit struct {
	Dir       string   // absolute; where the go command runs
	Work      string   // value for GOWORK; empty to leave it to the go command
	Patterns  []string // Go package patterns, sorted
	TestFiles []string // absolute paths of the test files that the patterns cover, sorted
}

// A Workspace is what Find found.
type Workspace struct {
	Units []Unit
	// Failures are inputs that were asked for and cannot be analysed:
	// folders that cannot be read, Go files outside any module.
	Failures []finding.Finding
	// Files are the Go files that belong to the units, as absolute paths.
	Files []string
	// Documents are the other files that are read, as absolute paths, by what they describe.
	// One that was named itself and describes nothing is taken for an OpenAPI document.
	Documents map[Kind][]string
	// Protos are the .proto files, as absolute paths.
	Protos []string

	dirs  []string        // folders to report on, with all below them
	files map[string]bool // files to report on
	// packages match the import paths to report on.
	packages []*regexp.Regexp
	// open says that the go command may find files that are not among Files.
	open bool
}

// Options say how to look.
type Options struct {
	Dir   string // absolute: the working directory
	Tests bool   // test files alone make a package
	// Env looks up an environment variable, as os.LookupEnv does.
	Env func(string) (string, bool)
}

// Find looks for Go code and other documents below the paths. A path is a folder
// (which stands for everything below it, nested modules included), a Go file, an
// OpenAPI document, or a Go package pattern. Paths that cannot be used are among the workspace's failures.
func Find(paths []string, opt Options) *Workspace {
	f := &finder{
		opt:     opt,
		ws:      &Workspace{files: make(map[string]bool), Documents: make(map[Kind][]string)},
		modules: make(map[string]*module),
		works:   make(map[string][]string),
	}
	for _, p := range paths {
		f.add(p)
	}
	f.ws.Units = f.units()
	slices.Sort(f.ws.Files)
	f.ws.Files = slices.Compact(f.ws.Files)
	for kind, files := range f.ws.Documents {
		slices.Sort(files)
		f.ws.Documents[kind] = slices.Compact(files)
	}
	slices.Sort(f.ws.Protos)
	f.ws.Protos = slices.Compact(f.ws.Protos)
	finding.Sort(f.ws.Failures)
	return f.ws
}

// Wanted reports whether findings in a file, an absolute path, of a package are
// asked for. Go vet also says something of what those packages import.
func (w *Workspace) Wanted(pkg, file string) bool {
	return w.wantedFile(file) || slices.ContainsFunc(w.packages, func(re *regexp.Regexp) bool { return re.MatchString(pkg) })
}

func (w *Workspace) wantedFile(file string) bool {
	if w.files[file] {
		return true
	}
	return slices.ContainsFunc(w.dirs, func(dir string) bool {
		_, ok := below(dir, file)
		return ok && !Foreign(dir, file)
	})
}

// Editable reports whether a file, an absolute path, in which a fix is wanted may
// be changed: it is Go source in one of the units, and not from elsewhere.
func (w *Workspace) Editable(file string) bool {
	if filepath.Ext(file) != ".go" || InModuleCache(file) {
		return false
	}
	if _, listed := slices.BinarySearch(w.Files, file); listed {
		return w.wantedFile(file)
	}
	return w.open && slices.ContainsFunc(w.Units, func(u Unit) bool {
		rel, ok := below(u.Dir, file)
		return ok && !slices.Contains(strings.Split(filepath.ToSlash(rel), "/"), "vendor")
	})
}

// Foreign reports whether a file below root belongs to a JavaScript dependency:
// some of them contain Go packages, which the go command takes for the module's.
func Foreign(root, file string) bool {
	rel, ok := below(root, file)
	return ok && slices.Contains(strings.Split(filepath.ToSlash(rel), "/"), "node_modules")
}

// module is what is known of one Go module; root "" stands for import paths
// that are resolved in the working directory.
type module struct {
	root     string
	patterns []string // absolute folders, with or without /..., or import paths
	tests    []string
}

type finder struct {
	opt     Options
	ws      *Workspace
	modules map[string]*module
	works   map[string][]string // go.work file to the module folders it uses; nil if unreadable
	orphans int                 // Go files outside any module
}

func (f *finder) add(path string) {
	if strings.Contains(path, "...") {
		f.addPattern(path)
		return
	}
	abs := f.abs(path)
	info, err := os.Stat(abs)
	switch {
	case err == nil && info.IsDir():
		f.addTree(abs)
	case err == nil:
		f.addFile(abs)
	case isImportPath(path) && errors.Is(err, fs.ErrNotExist):
		f.addImport(path)
	default:
		f.fail("input/path", abs, reason(err))
	}
}

func reason(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "no such file or folder"
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

// isImportPath reports whether an argument that names no file may be a Go
// import path: it is neither rooted nor begins with a dot.
func isImportPath(arg string) bool {
	return arg != "" && !strings.HasPrefix(arg, ".") && !filepath.IsAbs(arg) && !strings.Contains(arg, `\`)
}

func (f *finder) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(f.opt.Dir, path)
}

// addPattern handles arguments with the go command's wildcard. A tree of
// folders is searched like a folder, so that nested modules are found too.
func (f *finder) addPattern(pattern string) {
	prefix, rest, _ := strings.Cut(filepath.ToSlash(pattern), "...")
	dir := f.abs(prefix)
	if !strings.HasSuffix(prefix, "/") && prefix != "" {
		dir = filepath.Dir(dir)
	}
	info, err := os.Stat(dir)
	switch {
	case isImportPath(pattern) && (err != nil || !strings.Contains(prefix, "/") && prefix != ""):
		f.addImport(pattern)
		return
	case err != nil:
		f.fail("input/path", dir, reason(err))
		return
	case !info.IsDir():
		f.fail("input/path", dir, "not a folder")
		return
	case rest == "" && (prefix == "" || strings.HasSuffix(prefix, "/")):
		f.addTree(dir)
		return
	}
	m := f.enclosing(dir)
	if m == nil {
		f.fail("input/go-module", dir, noModule)
		return
	}
	m.patterns = append(m.patterns, f.abs(pattern))
	f.ws.open = true
	f.ws.dirs = append(f.ws.dirs, dir)
	f.collectTests(m, dir)
}

const noModule = "Go files outside any module: there is no go.mod in this folder or above it; run 'go mod init' to make one"

func (f *finder) addImport(path string) {
	m := f.enclosing(f.opt.Dir)
	if m == nil {
		root := f.opt.Dir
		if file := upward(root, "go.work"); file != "" {
			root = filepath.Dir(file)
		}
		m = f.module(root)
	}
	m.patterns = append(m.patterns, path)
	f.collectTests(m, m.root)
	f.ws.packages = append(f.ws.packages, packagePattern(path))
	f.ws.open = true
}

func (f *finder) addFile(abs string) {
	if filepath.Ext(abs) == ".proto" {
		f.ws.files[abs] = true
		f.ws.Protos = append(f.ws.Protos, abs)
		return
	}
	if mayBeDocument(abs) {
		f.ws.files[abs] = true
		if !f.addDocument(abs) {
			f.ws.Documents[OpenAPI] = append(f.ws.Documents[OpenAPI], abs)
		}
		return
	}
	if filepath.Ext(abs) != ".go" {
		f.fail("input/path", abs, "neither a Go file, nor a .proto file, nor a file that may be a document (.yaml, .yml, .json, .conf, .cfg)")
		return
	}
	if isTest(abs) && !f.opt.Tests {
		f.fail("input/path", abs, "this is a test file; add --tests to check test files too")
		return
	}
	dir := filepath.Dir(abs)
	m := f.enclosing(dir)
	if m == nil {
		f.orphan(abs)
		return
	}
	f.ws.files[abs] = true
	f.ws.Files = append(f.ws.Files, abs)
	m.patterns = append(m.patterns, dir)
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if isTest(e.Name()) {
			m.tests = append(m.tests, filepath.Join(dir, e.Name()))
		}
	}
}

// addTree searches a folder and all below it. To find nothing at all there is
// a failure, as a job that looks at nothing must not be green; only a module
// may be empty.
func (f *finder) addTree(dir string) {
	if _, err := os.ReadDir(dir); err != nil {
		f.fail("input/path", dir, reason(err))
		return
	}
	f.ws.dirs = append(f.ws.dirs, dir)
	if found := f.scan(dir, dir, f.enclosing(dir)); !found {
		f.fail("input/path", dir, "nothing to check in this folder or below it: no Go code, no .proto file, and no document of OpenAPI, gRPC, a proxy or a mesh")
	}
}

// scan notes the Go files and OpenAPI documents below dir, which belongs to module m
// (nil for none), and reports whether there is any of them, or a module. base is the folder of m
// where the search entered it.
func (f *finder) scan(base, dir string, m *module) (found bool) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		f.fail("input/path", dir, "this folder cannot be read: "+reason(err))
		return true
	}
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == "go.mod" && !e.IsDir() }) {
		m, base, found = f.module(dir), dir, true
	}
	for _, e := range entries {
		switch path := filepath.Join(dir, e.Name()); {
		case e.IsDir():
		case isGo(e.Name()):
			f.note(base, path, m)
			found = true
		case mayBeDocument(e.Name()) && f.addDocument(path):
			found = true
		case source.IsProto(e.Name()) && !isThirdParty(base, path) && f.isOwnFile(e, path):
			f.ws.Protos = append(f.ws.Protos, path)
			found = true
		}
	}
	for _, e := range entries {
		if e.IsDir() && !ignored(e.Name()) && f.scan(base, filepath.Join(dir, e.Name()), m) {
			found = true
		}
	}
	return found
}

// isOwnFile reports whether an entry of a folder is a file to read there: no pipe or device,
// and no link to what the search finds at its own place. A link to nowhere is one, so that
// it is reported.
func (f *finder) isOwnFile(e fs.DirEntry, path string) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.Type().IsRegular()
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return true
	}
	if info, err := os.Stat(target); err != nil || !info.Mode().IsRegular() {
		return false
	}
	return !slices.ContainsFunc(f.ws.dirs, func(dir string) bool {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			dir = real
		}
		_, inside := below(dir, target)
		return inside
	})
}

func (f *finder) note(base, path string, m *module) {
	switch {
	case m == nil:
		f.orphan(path)
		return
	case isTest(path):
		m.tests = append(m.tests, path)
		if !f.opt.Tests {
			return
		}
	}
	f.ws.Files = append(f.ws.Files, path)
	if p := filepath.Join(base, "..."); !slices.Contains(m.patterns, p) {
		m.patterns = append(m.patterns, p)
	}
}

// orphan records a Go file outside any module. The first one stands for all:
// they have one cause.
func (f *finder) orphan(path string) {
	if f.orphans++; f.orphans == 1 {
		f.fail("input/go-module", path, noModule)
	}
}

func (f *finder) fail(rule, path, message string) {
	f.ws.Failures = append(f.ws.Failures, finding.Finding{
		Rule: rule, Level: finding.Error, Strength: finding.Proven, Message: message,
		Location: finding.Location{File: f.display(path)},
	})
}

func (f *finder) display(path string) string { return Relative(f.opt.Dir, path) }

// Name names a file that is only shown: as Relative does, but a file of the
// module cache by its module, as -trimpath does, so that output does not depend
// on where the cache or the checkout lies.
func Name(dir, path string) string {
	if _, inCache, ok := strings.Cut(filepath.ToSlash(path), "/pkg/mod/"); ok && InModuleCache(path) {
		return inCache
	}
	return Relative(dir, path)
}

// InModuleCache reports whether a file or folder lies in the module cache. There,
// and hardly anywhere else, folders bear a version.
func InModuleCache(path string) bool { return strings.Contains(filepath.ToSlash(path), "@v") }

// Relative gives the path of a file from dir, with forward slashes.
func Relative(dir, path string) string {
	if rel, err := filepath.Rel(dir, path); err == nil {
		path = rel
	}
	return filepath.ToSlash(path)
}

// collectTests notes the test files of a module below dir.
func (f *finder) collectTests(m *module, dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir() && !ignored(e.Name()):
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err != nil {
				f.collectTests(m, path)
			}
		case isTest(e.Name()):
			m.tests = append(m.tests, path)
		}
	}
}

func (f *finder) module(root string) *module {
	m := f.modules[root]
	if m == nil {
		m = &module{root: root}
		f.modules[root] = m
	}
	return m
}

// enclosing returns the module that dir belongs to, nil if there is none.
// With GO111MODULE=off there are no modules, and any folder will do.
func (f *finder) enclosing(dir string) *module {
	if v, _ := f.opt.Env("GO111MODULE"); v == "off" {
		return f.module(dir)
	}
	if file := upward(dir, "go.mod"); file != "" {
		return f.module(filepath.Dir(file))
	}
	return nil
}

// packagePattern matches the packages that an import path stands for, as 'go help
// packages' says: ... is any string, and a/... holds a. Go vet names a package and
// its external tests with a suffix, as in "a_test [a.test]".
func packagePattern(path string) *regexp.Regexp {
	switch path {
	case "all", "std", "cmd", "tool", "work":
		return regexp.MustCompile("")
	}
	expr := regexp.QuoteMeta(path)
	if base, ok := strings.CutSuffix(expr, `/\.\.\.`); ok {
		expr = base + `(/.*)?`
	}
	expr = strings.ReplaceAll(expr, `\.\.\.`, ".*")
	return regexp.MustCompile(`^` + expr + `(_test)?( \[.*\])?$`)
}

func isModule(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil && !info.IsDir()
}

// upward finds the nearest file of that name in dir or above it.
func upward(dir, name string) string {
	for {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// ignored reports whether no Go package that belongs to the user is below a
// folder of that name. All but node_modules is the go command's own rule.
func ignored(name string) bool {
	switch name {
	case "vendor", "testdata", "node_modules":
		return true
	}
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

func isGo(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasPrefix(name, "_") && !strings.HasPrefix(name, ".")
}

func isTest(name string) bool { return strings.HasSuffix(name, "_test.go") }

// below reports whether path lies in dir, and where.
func below(dir, path string) (rel string, ok bool) {
	rel, err := filepath.Rel(dir, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return rel, true
}
