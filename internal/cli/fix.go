package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/commslint/commslint/finding"
)

// fix applies the first fix of every finding that has one, or prints what it
// would change. It reports whether it changed any file. Fixes that cannot be
// made are named on standard error; an error means that files could not be
// written, and that none was changed.
func (c *checkRun) fix(findings []finding.Finding) (changed bool, err error) {
	files := c.planFixes(findings)
	if c.flags.diff {
		for _, f := range files {
			if _, err := c.env.Stdout.Write(diff.Diff("a/"+f.name, f.old, "b/"+f.name, f.fixed)); err != nil {
				return false, fmt.Errorf("cannot write the diff: %w", err)
			}
		}
		return false, nil
	}
	if err := replaceAll(files); err != nil {
		return false, fmt.Errorf("--fix changed nothing: %w", err)
	}
	return len(files) > 0, nil
}

// A fixedFile is a file with its fixes made.
type fixedFile struct {
	path       string // absolute, without symbolic links
	name       string // as findings name it
	mode       fs.FileMode
	old, fixed []byte
}

// planFixes makes the fixes in memory. The edits of a fix belong together: if
// one of its files cannot be fixed, the fix is left out of all of them.
func (c *checkRun) planFixes(findings []finding.Finding) []fixedFile {
	edits := newEditSet()
	for _, f := range findings {
		if f.Suppressed != nil || len(f.Fixes) == 0 {
			continue
		}
		fix, err := c.resolve(f.Fixes[0])
		if err != nil {
			c.cannotFix(&f, err)
			continue
		}
		edits.add(fix)
	}
	for {
		files, failed, err := edits.make()
		if err == nil {
			return files
		}
		fmt.Fprintf(c.env.Stderr, "commslint: %s is not fixed: %v\n", failed, err)
		edits = edits.without(failed)
	}
}

func (c *checkRun) cannotFix(f *finding.Finding, err error) {
	fmt.Fprintf(c.env.Stderr, "commslint: %s:%d: %s is not fixed: %v\n", f.File, f.Line, f.Rule, err)
}

// resolve finds the files that a fix is about, which may have several names by
// symbolic links. It fails if one of them must not be changed.
func (c *checkRun) resolve(fix finding.Fix) ([]fileEdit, error) {
	var edits []fileEdit
	for _, e := range fix.Edits {
		path := c.env.path(filepath.FromSlash(e.File))
		if !c.workspace.Editable(path) && !(c.inspected != nil && c.inspected.files[e.File] && c.workspace.Wanted("", path)) {
			return nil, fmt.Errorf("%s is not a file that was asked for", e.File)
		}
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			return nil, err
		}
		edits = append(edits, fileEdit{path: real, name: e.File, Start: e.Start, End: e.End, New: e.New})
	}
	return edits, nil
}

// A fileEdit replaces the bytes [Start, End) of a file by New.
type fileEdit struct {
	path       string // absolute, without symbolic links
	name       string // as findings name it
	Start, End int
	New        string
}

// same reports whether two edits do the same.
func (e fileEdit) same(o fileEdit) bool {
	return e.path == o.path && e.Start == o.Start && e.End == o.End && e.New == o.New
}

// overlaps reports whether two edits touch the same bytes, or insert at the same
// place, where their order would matter.
func (e fileEdit) overlaps(o fileEdit) bool {
	return e.path == o.path && (e.Start == o.Start || e.Start < o.End && o.Start < e.End)
}

// An editSet is a set of fixes whose edits do not overlap.
type editSet struct {
	fixes  [][]fileEdit
	byPath map[string][]fileEdit
}

func newEditSet() *editSet { return &editSet{byPath: make(map[string][]fileEdit)} }

// add takes all edits of a fix, or none if one of them overlaps an edit that was
// taken before; that fix then waits for the next run. Two fixes may share an
// edit, such as an added import.
func (s *editSet) add(fix []fileEdit) bool {
	var fresh []fileEdit
	for _, e := range fix {
		taken := s.byPath[e.path]
		if slices.ContainsFunc(taken, e.same) {
			continue
		}
		if slices.ContainsFunc(taken, e.overlaps) {
			return false
		}
		fresh = append(fresh, e)
	}
	for _, e := range fresh {
		s.byPath[e.path] = append(s.byPath[e.path], e)
	}
	s.fixes = append(s.fixes, fix)
	return true
}

// without returns the set without the fixes that touch a file.
func (s *editSet) without(name string) *editSet {
	rest := newEditSet()
	for _, fix := range s.fixes {
		if !slices.ContainsFunc(fix, func(e fileEdit) bool { return s.nameOf(e.path) == name }) {
			rest.add(fix)
		}
	}
	return rest
}

// nameOf is the one name by which a file is called: the first in the alphabet,
// so that it does not depend on the order of the findings.
func (s *editSet) nameOf(path string) string {
	first := slices.MinFunc(s.byPath[path], func(a, b fileEdit) int { return cmp.Compare(a.name, b.name) })
	return first.name
}

// make makes the edits of all files. It names the first file of which that
// fails.
func (s *editSet) make() (files []fixedFile, failed string, err error) {
	for path := range s.byPath {
		files = append(files, fixedFile{path: path, name: s.nameOf(path)})
	}
	slices.SortFunc(files, func(a, b fixedFile) int { return cmp.Compare(a.name, b.name) })
	for i := range files {
		f := &files[i]
		if err := f.read(); err != nil {
			return nil, f.name, err
		}
		if f.fixed, err = applyEdits(f.name, f.old, s.byPath[f.path]); err != nil {
			return nil, f.name, err
		}
	}
	return files, "", nil
}

func (f *fixedFile) read() error {
	info, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	if f.mode = info.Mode().Perm(); f.mode&0o200 == 0 {
		return errors.New("the file is read-only")
	}
	f.old, err = os.ReadFile(f.path)
	return err
}
