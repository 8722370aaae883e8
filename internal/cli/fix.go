package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/commslint/commslint/finding"
)

// fix applies the first fix of every finding that has one, or prints what it
// would change. It reports whether it changed any file.
func (c *checkRun) fix(findings []finding.Finding) (changed bool, err error) {
	edits := newEditSet()
	for _, f := range findings {
		if f.Suppressed == nil && len(f.Fixes) > 0 {
			edits.add(f.Fixes[0].Edits)
		}
	}
	for _, file := range edits.files() {
		path := c.env.path(file)
		old, err := os.ReadFile(path)
		if err != nil {
			return changed, fmt.Errorf("--fix: %w", err)
		}
		fixed, err := edits.apply(file, old)
		if err != nil {
			return changed, fmt.Errorf("--fix: %s: %w", file, err)
		}
		if c.flags.diff {
			c.env.Stdout.Write(diff.Diff("a/"+file, old, "b/"+file, fixed))
			continue
		}
		if err := rewrite(path, fixed); err != nil {
			return changed, fmt.Errorf("--fix: %w", err)
		}
		changed = true
	}
	return changed, nil
}

// rewrite replaces the content of a file and keeps its mode.
func rewrite(path string, content []byte) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return writeFile(path, info.Mode().Perm(), func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// An editSet is a set of edits that do not overlap, per file.
type editSet struct {
	byFile map[string][]finding.Edit
}

func newEditSet() *editSet { return &editSet{byFile: make(map[string][]finding.Edit)} }

// add takes all edits of a fix, or none if one of them overlaps an edit that was
// taken before; that fix then waits for the next run. Two fixes may share an
// edit, such as an added import.
func (s *editSet) add(edits []finding.Edit) bool {
	var fresh []finding.Edit
	for _, e := range edits {
		taken := s.byFile[e.File]
		if slices.Contains(taken, e) {
			continue
		}
		if slices.ContainsFunc(taken, func(t finding.Edit) bool { return overlap(t, e) }) {
			return false
		}
		fresh = append(fresh, e)
	}
	for _, e := range fresh {
		s.byFile[e.File] = append(s.byFile[e.File], e)
	}
	return true
}

// overlap reports whether two edits touch the same bytes, or insert at the same
// place, where their order would matter.
func overlap(a, b finding.Edit) bool {
	if a.Start == b.Start {
		return true
	}
	return a.Start < b.End && b.Start < a.End
}

func (s *editSet) files() []string {
	var files []string
	for f := range s.byFile {
		files = append(files, f)
	}
	slices.Sort(files)
	return files
}

// apply makes the edits of a file. Go source that was formatted stays so.
func (s *editSet) apply(file string, src []byte) ([]byte, error) {
	edits := slices.SortedFunc(slices.Values(s.byFile[file]), func(a, b finding.Edit) int {
		return cmp.Compare(a.Start, b.Start)
	})
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > len(src) {
			return nil, fmt.Errorf("the file changed while it was checked; run again")
		}
		out.Write(src[at:e.Start])
		out.WriteString(e.New)
		at = e.End
	}
	out.Write(src[at:])
	if !strings.HasSuffix(file, ".go") {
		return out.Bytes(), nil
	}
	if was, err := format.Source(src); err != nil || !bytes.Equal(was, src) {
		return out.Bytes(), nil
	}
	formatted, err := format.Source(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("a suggested fix does not parse: %w", err)
	}
	return formatted, nil
}
