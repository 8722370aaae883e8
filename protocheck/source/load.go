package source

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Options say where imports are searched. The zero value infers everything.
type Options struct {
	// ImportPaths are folders to import from, as protoc's -I: relative to the root of
	// the tree, or absolute.
	ImportPaths []string
	// Parallel is how many files are compiled at once; 0 stands for one per CPU.
	Parallel int
	// Library finds what is imported and is not in the tree; nil finds nothing.
	Library Library
	// CheckOnly leaves positions out of the files, which are only compiled to see
	// whether they can be.
	CheckOnly bool
	// ServicesOnly leaves positions out of the files that declare no service.
	ServicesOnly bool
	// Placeholders compiles files though imports are missing: types that may come from
	// those are replaced by one that is not known, options are left out. The imports are
	// in Snapshot.Missing instead of Problems.
	Placeholders bool
}

// A Snapshot is what was compiled of a tree.
type Snapshot struct {
	// Files are those that were asked for and could be compiled, sorted by path.
	Files []*File
	// Problems say why others could not.
	Problems []Problem
	// Missing are imports that were not found, sorted by path; see Options.Placeholders.
	Missing []*Missing

	tree    *Tree
	loader  *loader
	asked   map[string]bool
	modules []module

	importers map[string][]string // see importedBy; nil until asked
}

// A File is a compiled file.
type File struct {
	protoreflect.FileDescriptor
	// TreePath is its path in the tree. Path, of the descriptor, is what imports call it.
	TreePath string
	// Root is the folder of the tree that it is imported from; "" is the tree's root.
	Root string
	// Edition is the year of its edition, such as "2024"; empty for proto2 and proto3.
	Edition string
	// Ignores is what the configuration of buf leaves out; nil if there is none.
	Ignores *Ignores

	visibility map[protoreflect.FullName]string
	loader     *loader
}

// Load compiles files of a tree, named by their paths, with all that they import.
func Load(ctx context.Context, tree *Tree, files []string, opt Options) *Snapshot {
	l := &loader{
		ctx: ctx, tree: tree, opt: opt,
		index:   newIndex(tree.Files),
		headers: map[string]header{},
		bad:     map[string]bool{},
	}
	l.declared = l.modules()
	l.asked = make(map[string]bool, len(files))
	for _, name := range files {
		if !l.excluded(name) {
			l.asked[name] = true
		}
	}
	s := &Snapshot{tree: tree, loader: l, asked: l.asked, modules: l.declared}
	byRoot := map[string][]string{}
	for name, root := range l.rootsOf(slices.Sorted(maps.Keys(l.asked))) {
		byRoot[root] = append(byRoot[root], name)
	}
	for _, root := range slices.Sorted(maps.Keys(byRoot)) {
		slices.Sort(byRoot[root])
		s.Files = append(s.Files, l.compileRoot(root, byRoot[root])...)
	}
	slices.SortFunc(s.Files, func(a, b *File) int { return strings.Compare(a.TreePath, b.TreePath) })
	s.Problems = l.sortedProblems()
	s.Missing = l.sortedMissing()
	return s
}

// A loader is one run of Load.
type loader struct {
	ctx      context.Context
	tree     *Tree
	opt      Options
	index    index
	declared []module
	asked    map[string]bool
	headers  map[string]header
	bad      map[string]bool   // files with a problem of their own
	names    map[string]string // see called
	problems []Problem
	// blockedBy lists the files that need one that cannot be compiled.
	blockedBy map[string][]string
	// missed are the imports that were not found, by import path.
	missed map[string]*Missing
	// linesOf and lines are the file that byteColumn was asked about last.
	linesOf string
	lines   [][]byte
}

// read reads a file of the tree, or one by its absolute path.
func (l *loader) read(name string) ([]byte, error) {
	switch {
	case isBuiltin(name):
		return readBuiltin(name)
	case filepath.IsAbs(name):
		return os.ReadFile(name)
	}
	return l.tree.Read(name)
}

// header reads what a file imports. A file that cannot be read imports nothing; the
// compiler will say so.
func (l *loader) header(name string) header {
	h, ok := l.headers[name]
	if !ok {
		if text, err := l.read(name); err == nil {
			h = scanHeader(text)
		}
		l.headers[name] = h
	}
	return h
}

// A group is what is compiled together: the files of one import folder, and what
// they need.
type group struct {
	*loader
	root  string
	at    map[string]string // path or absolute path, by import path
	state map[string]visit  // by import path
	stack []string          // of import paths
	// compiled are files of the library that are there in compiled form, and gone the
	// imports of a file that are not found; both by import path.
	compiled map[string]*descriptorpb.FileDescriptorProto
	// origin is the file of the tree of which the imports are looked through.
	origin  string
	gone    map[string][]importStatement
	symbols map[string]nameSet // see declares
}

type visit int

const (
	unseen visit = iota
	entered
	usable
	unusable
)

// compileRoot compiles the files of one import folder.
func (l *loader) compileRoot(root string, names []string) []*File {
	g := &group{
		loader: l, root: root, at: map[string]string{}, state: map[string]visit{},
		compiled: map[string]*descriptorpb.FileDescriptorProto{}, gone: map[string][]importStatement{}, symbols: map[string]nameSet{},
	}
	var wanted []string
	for _, name := range names {
		imported, ok := below(root, name)
		if called := l.called(name); called != "" {
			imported = called
		} else if !ok {
			imported = name
		}
		g.at[imported] = name
		wanted = append(wanted, imported)
	}
	wanted = slices.DeleteFunc(wanted, func(imported string) bool {
		g.origin = g.at[imported]
		return g.visit(imported) != usable
	})
	return g.compile(wanted)
}

// visit looks through the imports of a file before anything is compiled: for imports
// that are missing, and for cycles.
func (g *group) visit(imported string) visit {
	switch g.state[imported] {
	case usable, unusable:
		return g.state[imported]
	case entered:
		return entered
	}
	g.state[imported] = entered
	g.stack = append(g.stack, imported)
	result := usable
	name := g.at[imported]
	for _, imp := range g.header(name).imports {
		if !g.locate(imp.path) {
			switch {
			case isStandard(imp.path):
			case g.opt.Placeholders || isExternal(name):
				g.gone[imported] = append(g.gone[imported], imp)
			default:
				g.missing(name, imp)
				result = unusable
			}
			continue
		}
		switch g.visit(imp.path) {
		case unusable:
			result = unusable
			g.blocked(name, g.at[imp.path])
		case entered:
			g.cycle(imp)
			result = unusable
		}
	}
	g.stack = g.stack[:len(g.stack)-1]
	g.state[imported] = result
	return result
}

// locate finds the file that an import path stands for.
func (g *group) locate(imported string) bool {
	if _, ok := g.at[imported]; ok {
		return true
	}
	name, ok := g.search(imported)
	if !ok && !isStandard(imported) {
		name, ok = g.findExternal(imported)
	}
	if ok {
		g.at[imported] = name
	}
	return ok
}

// compile compiles files whose imports are all there.
func (g *group) compile(wanted []string) []*File {
	if len(wanted) == 0 {
		return nil
	}
	errs := &errorLog{group: g}
	sources := &resolver{group: g, wanted: make(map[string]bool, len(wanted)), partial: map[string]bool{}, edition2024: map[string]*rewritten{}, log: errs}
	for _, imported := range wanted {
		sources.wanted[imported] = true
	}
	for imported := range g.at {
		if g.isPartial(imported) {
			sources.partial[imported] = true
		}
	}
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(sources),
		MaxParallelism: g.opt.Parallel,
		Reporter:       errs,
		SourceInfoMode: protocompile.SourceInfoExtraOptionLocations,
	}
	if g.opt.CheckOnly {
		compiler.SourceInfoMode = protocompile.SourceInfoNone
	}
	compiled, err := compiler.Compile(g.ctx, wanted...)
	if first, second := g.apart(wanted, errs.errors); len(first) > 0 && len(second) > 0 {
		return append(g.compile(first), g.compile(second)...)
	}
	errs.finish(err, wanted, compiled)
	var files []*File
	for _, fd := range compiled {
		if fd == nil {
			continue
		}
		files = append(files, g.file(fd, sources.edition2024[fd.Path()]))
	}
	return files
}

func (g *group) file(fd protoreflect.FileDescriptor, r *rewritten) *File {
	name := g.at[fd.Path()]
	f := &File{FileDescriptor: fd, TreePath: name, Root: g.root, Edition: g.header(name).edition, Ignores: g.ignores(name), loader: g.loader}
	if r != nil {
		f.visibility = r.visibilityOf(fd)
	}
	return f
}

// excluded reports whether the configuration of buf takes a file out of the module
// that it lies in.
func (l *loader) excluded(name string) bool {
	out := false
	for i := range l.declared {
		if l.declared[i].owns(name) {
			return false
		}
		_, in := below(l.declared[i].root, name)
		out = out || in
	}
	return out
}

func (l *loader) ignores(name string) *Ignores {
	var ignores *Ignores
	depth := -1
	for i := range l.declared {
		if m := &l.declared[i]; m.ignores != nil && m.owns(name) && len(m.root) > depth {
			ignores, depth = m.ignores, len(m.root)
		}
	}
	return ignores
}

// IgnoresOf finds what the configuration of buf leaves out for a file of the tree,
// which need not be compiled or exist; nil if nothing.
func (s *Snapshot) IgnoresOf(name string) *Ignores { return s.loader.ignores(name) }

// Failed returns the packages of the files that were asked for and could not be
// compiled, by their paths.
func (s *Snapshot) Failed() map[string]string {
	failed := map[string]string{}
	for name := range s.asked {
		if _, ok := slices.BinarySearchFunc(s.Files, name, func(f *File, name string) int { return strings.Compare(f.TreePath, name) }); !ok {
			failed[name] = s.loader.header(name).pkg
		}
	}
	return failed
}

// Excludes reports whether the configuration of buf takes a file out of the module
// that it lies in. Such files are not compiled, unless others import them.
func (s *Snapshot) Excludes(name string) bool { return s.loader.excluded(name) }

// Packages returns the packages of all files of the tree that were not asked for.
func (s *Snapshot) Packages() map[string]bool {
	packages := map[string]bool{}
	for _, name := range s.tree.Files {
		if !IsProto(name) || s.asked[name] {
			continue
		}
		packages[s.loader.header(name).pkg] = true
	}
	return packages
}

// missing reports an import that leads nowhere.
func (g *group) missing(name string, imp importStatement) {
	if g.bad[name+"\x00"+imp.path] {
		return
	}
	g.bad[name+"\x00"+imp.path] = true
	g.problem(Problem{
		Path: name, Line: imp.line, Column: imp.column, EndColumn: imp.endColumn,
		Message: g.notFound(imp.path, name),
	})
}

// cycle reports files that import one another, at the last of them if the first is the
// first by name: the same, wherever the search began.
func (g *group) cycle(imp importStatement) {
	from := slices.Index(g.stack, imp.path)
	if from < 0 {
		return
	}
	chain := slices.Clone(g.stack[from:])
	first := slices.Index(chain, slices.Min(chain))
	chain = slices.Concat(chain[first:], chain[:first])
	last := g.at[chain[len(chain)-1]]
	for _, statement := range g.header(last).imports {
		if statement.path == chain[0] {
			imp = statement
		}
	}
	g.problem(Problem{
		Path: last, Line: imp.line, Column: imp.column, EndColumn: imp.endColumn,
		Message: fmt.Sprintf("files import one another in a cycle: %s -> %s; move what they share into a file of its own", strings.Join(chain, " -> "), chain[0]),
	})
}
