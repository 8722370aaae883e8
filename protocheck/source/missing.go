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

// lost notes a name that is not known: of the imports whose folders it has most in
// common with, or of all that the file misses if it has nothing in common with any.
func (f *filler) lost(name string, option bool) {
	if isExternal(f.at[f.importer]) {
		return
	}
	gone := f.gone[f.importer]
	name = strings.TrimPrefix(name, ".")
	most := 0
	for _, imp := range gone {
		most = max(most, inCommon(imp.path, name))
	}
	for _, imp := range gone {
		if inCommon(imp.path, name) < most {
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

// inCommon counts the words at the beginning of a name that are those of the folder of
// an import path, as packages are mostly called after folders.
func inCommon(imported, name string) int {
	dir := strings.NewReplacer("/", ".", "-", "_").Replace(path.Dir(imported))
	folders, words := strings.Split(dir, "."), strings.Split(name, ".")
	n := 0
	for n < len(folders) && n < len(words)-1 && folders[n] == words[n] {
		n++
	}
	return n
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
