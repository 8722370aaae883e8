package source

import (
	"path"
	"slices"
	"strings"
)

// An index finds files by the last element of their path.
type index map[string][]string

func newIndex(files []string) index {
	byBase := index{}
	for _, name := range files {
		if IsProto(name) {
			byBase[path.Base(name)] = append(byBase[path.Base(name)], name)
		}
	}
	return byBase
}

// ending returns the files whose path is, or ends in, an import path.
func (x index) ending(imported string) []string {
	var found []string
	for _, name := range x[path.Base(imported)] {
		if name == imported || strings.HasSuffix(name, "/"+imported) {
			found = append(found, name)
		}
	}
	return found
}

// rootsOf finds the folder from which each file is imported: what -I and the
// configuration of buf say, or else what agrees with its imports and its package.
func (l *loader) rootsOf(files []string) map[string]string {
	roots := make(map[string]string, len(files))
	var unknown []string
	for _, name := range files {
		switch root, sure := l.rootOf(name); {
		case sure:
			roots[name] = root
		default:
			unknown = append(unknown, name)
		}
	}
	known := sortedValues(roots)
	for _, name := range unknown {
		roots[name] = deepestAbove(known, name)
		if roots[name] == "" && !slices.Contains(known, "") && l.isAlone(name) {
			// A file that imports nothing and lies anywhere is compiled where it lies, as
			// services of one repository keep copies of each other's files.
			if roots[name] = path.Dir(name); roots[name] == "." {
				roots[name] = ""
			}
		}
	}
	return roots
}

// isAlone reports whether a file imports nothing but what comes with protoc.
func (l *loader) isAlone(name string) bool {
	return !slices.ContainsFunc(l.header(name).imports, func(imp importStatement) bool { return !isStandard(imp.path) })
}

func (l *loader) rootOf(name string) (root string, sure bool) {
	if root, ok := l.declaredRoot(name); ok {
		return root, true
	}
	h := l.header(name)
	if root, ok := l.rootByImports(name, h.imports); ok {
		return root, true
	}
	if dir := strings.ReplaceAll(h.pkg, ".", "/"); dir != "" {
		if folder := path.Dir(name); folder == dir || strings.HasSuffix(folder, "/"+dir) {
			return strings.TrimSuffix(strings.TrimSuffix(folder, dir), "/"), true
		}
	}
	return "", false
}

// declaredRoot is the folder that -I or the configuration of buf gives: the
// innermost that holds the file.
func (l *loader) declaredRoot(name string) (root string, ok bool) {
	for _, dir := range l.opt.ImportPaths {
		dir = join(dir)
		if _, in := below(dir, name); in && (!ok || len(dir) > len(root)) {
			root, ok = dir, true
		}
	}
	if ok {
		return root, true
	}
	for i := range l.declared {
		if m := &l.declared[i]; m.owns(name) && (!ok || len(m.root) > len(root)) {
			root, ok = m.root, true
		}
	}
	return root, ok
}

// rootByImports is the folder above the file that most of its imports are found
// from; the innermost if there are several.
func (l *loader) rootByImports(name string, imports []importStatement) (root string, ok bool) {
	votes := map[string]int{}
	for _, imp := range imports {
		for _, found := range l.index.ending(imp.path) {
			dir := strings.TrimSuffix(strings.TrimSuffix(found, imp.path), "/")
			if _, above := below(dir, name); above {
				votes[dir]++
			}
		}
	}
	best := 0
	for dir, n := range votes {
		if n > best || n == best && len(dir) > len(root) {
			root, best = dir, n
		}
	}
	return root, best > 0
}

func sortedValues(m map[string]string) []string {
	var values []string
	for _, v := range m {
		values = append(values, v)
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// deepestAbove returns the innermost of some folders that holds a file; the root of
// the tree if none does.
func deepestAbove(folders []string, name string) string {
	deepest := ""
	for _, dir := range folders {
		if _, ok := below(dir, name); ok && len(dir) > len(deepest) {
			deepest = dir
		}
	}
	return deepest
}

// nearest picks the file that has most folders in common with another.
func nearest(candidates []string, name string) string {
	best, most := "", -1
	for _, c := range candidates {
		if n := commonFolders(c, name); n > most {
			best, most = c, n
		}
	}
	return best
}

func commonFolders(a, b string) int {
	as, bs := strings.Split(path.Dir(a), "/"), strings.Split(path.Dir(b), "/")
	n := 0
	for n < len(as) && n < len(bs) && as[n] == bs[n] {
		n++
	}
	return n
}
