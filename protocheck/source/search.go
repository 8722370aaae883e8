package source

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
)

// search looks in the folder of the importing files, in those of -I, in the other
// modules, and then for anything in the tree that ends so, the nearest first. What
// comes with protoc is not searched, as the compiler has its own.
func (g *group) search(imported string) (name string, ok bool) {
	if isStandard(imported) {
		return "", false
	}
	if name := join(g.root, imported); g.tree.has(name) {
		return name, true
	}
	for _, dir := range g.opt.ImportPaths {
		name := join(dir, imported)
		if filepath.IsAbs(dir) {
			name = path.Join(dir, imported)
		}
		if g.exists(name) {
			return name, true
		}
	}
	for i := range g.declared {
		if name := join(g.declared[i].root, imported); g.tree.has(name) {
			return name, true
		}
	}
	for _, rest := range append([]string{imported}, withinRepository(imported)...) {
		if name = nearest(g.index.ending(rest), join(g.root, rest)); name != "" {
			return name, true
		}
	}
	return g.belowName(imported)
}

// belowName finds a file that is imported from the folder above the tree, by the name
// of the repository and its path in that.
func (l *loader) belowName(imported string) (name string, ok bool) {
	_, name, ok = strings.Cut(imported, "/")
	return name, ok && strings.Contains(name, "/") && l.tree.has(name)
}

// withinRepository returns what an import path may be called within its repository, if
// it is written as Go writes import paths: host, owner, repository, perhaps a major
// version, and the path.
func withinRepository(imported string) (rest []string) {
	parts := strings.Split(imported, "/")
	if len(parts) < 5 || !strings.Contains(parts[0], ".") {
		return nil
	}
	if len(parts) > 5 && isMajorVersion(parts[3]) {
		rest = append(rest, strings.Join(parts[4:], "/"))
	}
	return append(rest, strings.Join(parts[3:], "/"))
}

// called is the import path by which other files name a file as Go would, or from the
// root of the tree though it lies in a module; "" if none does. The file has to be compiled under that name: under two it would clash with
// itself.
func (l *loader) called(name string) string {
	if l.names == nil {
		l.names = map[string]string{}
		for _, from := range slices.Sorted(maps.Keys(l.asked)) {
			for _, imp := range l.header(from).imports {
				if l.isFromTop(imp.path, from) {
					l.names[imp.path] = imp.path
					continue
				}
				if found, ok := l.belowName(imp.path); ok && len(l.index.ending(imp.path)) == 0 {
					l.names[found] = imp.path
					continue
				}
				for _, rest := range withinRepository(imp.path) {
					if found := nearest(l.index.ending(rest), rest); found != "" && !l.tree.has(imp.path) {
						l.names[found] = imp.path
						break
					}
				}
			}
		}
	}
	return l.names[name]
}

// isFromTop reports whether a file that lies in a module is imported by its path from
// the root of the tree: the configuration of buf is there for a linter, and the files
// are compiled by something else.
func (l *loader) isFromTop(imported, from string) bool {
	if !l.tree.has(imported) {
		return false
	}
	root, declared := l.declaredRoot(imported)
	if !declared || root == "" {
		return false
	}
	own, _ := l.declaredRoot(from)
	return !l.tree.has(join(own, imported)) && len(l.opt.ImportPaths) == 0
}

// isMajorVersion reports whether an element of a path is as Go modules name theirs: v2.
func isMajorVersion(elem string) bool {
	digits, ok := strings.CutPrefix(elem, "v")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// exists looks on disk for what may lie outside the tree.
func (g *group) exists(name string) bool {
	if g.tree.has(name) {
		return true
	}
	if !filepath.IsAbs(name) {
		return false
	}
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

var standardFiles = protocompile.WithStandardImports(protocompile.ResolverFunc(func(string) (protocompile.SearchResult, error) {
	return protocompile.SearchResult{}, fs.ErrNotExist
}))

// isStandard reports whether a file comes with protoc.
func isStandard(imported string) bool {
	_, err := standardFiles.FindFileByPath(imported)
	return err == nil
}
