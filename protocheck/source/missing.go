package source

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// A Missing is an import that is not found.
type Missing struct {
	// Import is the import path.
	Import string
	// At are the statements that import it, sorted.
	At []Problem
	// Types and Options are the names that are used and may come from it, sorted.
	Types, Options []string
	// Message says what is missing, and where it was looked for.
	Message string
}

// noteMissing notes an import of a file that is not found.
func (l *loader) noteMissing(imp importStatement, name string) {
	if l.missed == nil {
		l.missed = map[string]*Missing{}
	}
	m := l.missed[imp.path]
	if m == nil {
		m = &Missing{Import: imp.path, Message: l.notFound(imp.path, name)}
		l.missed[imp.path] = m
	}
	if !slices.ContainsFunc(m.At, func(p Problem) bool { return p.Path == name }) {
		m.At = append(m.At, Problem{Path: name, Line: imp.line, Column: imp.column, EndColumn: imp.endColumn})
	}
}

// lost notes a name that is not known: of the imports with which it has its folder in
// common, if there are any, or of all that the file misses.
func (f *filler) lost(name string, option bool) {
	if isExternal(f.at[f.importer]) {
		return
	}
	gone := f.gone[f.importer]
	name = strings.TrimPrefix(name, ".")
	likely := slices.ContainsFunc(gone, func(imp importStatement) bool { return fits(imp.path, name) })
	for _, imp := range gone {
		if likely && !fits(imp.path, name) {
			continue
		}
		m := f.missed[imp.path]
		list := &m.Types
		if option {
			list = &m.Options
		}
		if at, known := slices.BinarySearch(*list, name); !known {
			*list = slices.Insert(*list, at, name)
		}
	}
}

// fits reports whether a name begins with the package that the folder of an import
// path suggests.
func fits(imported, name string) bool {
	dir := path.Dir(imported)
	return dir != "." && strings.HasPrefix(name, strings.ReplaceAll(dir, "/", ".")+".")
}

// notFound says that an import is not there.
func (l *loader) notFound(imported, from string) string {
	message := fmt.Sprintf("the import %q is not found", imported)
	if l.opt.Library != nil {
		if where := l.opt.Library.Searched(from); where != "" {
			message += " (looked for " + where + ")"
		}
	}
	return message + "; put the folder that holds it on --proto-path (-I)"
}

func (l *loader) sortedMissing() []*Missing {
	missing := slices.SortedFunc(maps.Values(l.missed), func(a, b *Missing) int { return strings.Compare(a.Import, b.Import) })
	for _, m := range missing {
		slices.SortFunc(m.At, func(a, b Problem) int {
			return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
		})
	}
	return missing
}
