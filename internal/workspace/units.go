package workspace

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// units groups the modules that hold Go code by the go.work that covers them.
func (f *finder) units() []Unit {
	groups := make(map[string]*Unit)
	for _, m := range f.modules {
		if len(m.patterns) == 0 {
			continue
		}
		dir, work := f.workspaceOf(m.root)
		u := groups[dir+"\x00"+work]
		if u == nil {
			u = &Unit{Dir: dir, Work: work}
			groups[dir+"\x00"+work] = u
		}
		for _, p := range m.patterns {
			u.Patterns = append(u.Patterns, relativePattern(dir, p))
		}
		u.TestFiles = append(u.TestFiles, m.tests...)
	}
	var units []Unit
	for _, u := range groups {
		slices.Sort(u.Patterns)
		u.Patterns = slices.Compact(u.Patterns)
		slices.Sort(u.TestFiles)
		u.TestFiles = slices.Compact(u.TestFiles)
		units = append(units, *u)
	}
	slices.SortFunc(units, func(a, b Unit) int {
		return cmp.Or(cmp.Compare(a.Dir, b.Dir), cmp.Compare(a.Work, b.Work))
	})
	return units
}

func relativePattern(dir, pattern string) string {
	if !filepath.IsAbs(pattern) {
		return pattern
	}
	rel := Relative(dir, pattern)
	if rel == "." || strings.HasPrefix(rel, "../") || filepath.IsAbs(rel) {
		return rel
	}
	return "./" + rel
}

// workspaceOf says where the go command should run for a module, or for import
// paths in a folder that is none, and with which GOWORK. A go.work that does not use the module must not apply to it:
// the go command would refuse to look at it.
func (f *finder) workspaceOf(root string) (dir, work string) {
	file, set := f.opt.Env("GOWORK")
	switch {
	case file == "off":
		return root, "off"
	case !set || file == "":
		file = upward(root, "go.work")
	}
	if file == "" {
		return root, ""
	}
	uses, ok := f.uses(file)
	if !ok || slices.Contains(uses, root) || root == filepath.Dir(file) && !isModule(root) {
		return filepath.Dir(file), file
	}
	return root, "off"
}

// uses lists the module folders of a go.work. ok is false if the file is
// unusable; the go command then says why.
func (f *finder) uses(file string) (dirs []string, ok bool) {
	if dirs, seen := f.works[file]; seen {
		return dirs, dirs != nil
	}
	f.works[file] = nil
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, false
	}
	work, err := modfile.ParseWork(file, data, nil)
	if err != nil {
		return nil, false
	}
	dirs = []string{}
	for _, use := range work.Use {
		dir := filepath.FromSlash(use.Path)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(filepath.Dir(file), dir)
		}
		dirs = append(dirs, filepath.Clean(dir))
	}
	f.works[file] = dirs
	return dirs, true
}
