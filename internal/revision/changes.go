package revision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// Changes says which lines of a working tree are not as they were in a revision.
type Changes struct {
	root  string // absolute, without symbolic links
	files map[string][]lineRange
}

// A lineRange is lines of the new side, both ends included.
type lineRange struct{ first, last int }

// everyLine is the range of a file that is new, or whose lines cannot be compared.
var everyLine = lineRange{0, int(^uint(0) >> 1)}

// Changes compares the working tree, its untracked files included, with a revision.
// What follows from a rename alone is no change. A revision that ends with three dots
// stands for the last commit that it and HEAD have in common, as in git diff. Files that
// git ignores are as they were.
func (r *Repository) Changes(ctx context.Context, rev string) (*Changes, error) {
	if r.bare {
		return nil, errors.New("the repository is bare, so that it has no working tree; run in a clone")
	}
	commit, err := r.comparedCommit(ctx, rev)
	if err != nil {
		return nil, err
	}
	c := &Changes{root: r.root, files: map[string][]lineRange{}}
	// What users and repositories may have set changes nothing about the form of the answer.
	diff, err := r.run(ctx, "-C", r.root, "-c", "core.quotePath=true", "-c", "diff.relative=false",
		"diff", "-O"+os.DevNull, "--no-color", "--no-ext-diff", "--no-textconv", "--find-renames", "--unified=0", "--inter-hunk-context=0",
		"--submodule=short", "--src-prefix=a/", "--dst-prefix=b/", commit, "--")
	if err != nil {
		return nil, r.notCompared(ctx, rev, err)
	}
	if err := c.read(diff); err != nil {
		return nil, fmt.Errorf("git diff %s: %w", rev, err)
	}
	untracked, err := r.run(ctx, "-C", r.root, "ls-files", "--others", "--exclude-standard", "-z")
	if err != nil {
		return nil, err
	}
	for name := range strings.SplitSeq(string(untracked), "\x00") {
		c.files[name] = []lineRange{everyLine} // a name that ends with a slash is another repository
	}
	return c, nil
}

// comparedCommit finds the commit or tree that a user means.
func (r *Repository) comparedCommit(ctx context.Context, rev string) (string, error) {
	base, fromFork := strings.CutSuffix(rev, "...")
	if !fromFork {
		return r.resolve(ctx, rev)
	}
	if _, err := r.resolve(ctx, base); err != nil {
		return "", err
	}
	out, err := r.run(ctx, "merge-base", base, "HEAD")
	if err != nil {
		return "", fmt.Errorf("%s and HEAD have no commit in common in this clone%s", base, r.deepen())
	}
	return strings.TrimSpace(string(out)), nil
}

// notCompared explains why git cannot compare with a revision that it knows.
func (r *Repository) notCompared(ctx context.Context, rev string, err error) error {
	if ctx.Err() == nil && r.partial(ctx) {
		return fmt.Errorf("revision %s is not all in this partial clone: %w; run git fetch --refetch, or clone without --filter", rev, err)
	}
	return err
}

// Touches reports whether any of the lines from first to last of a file is new or stands
// where lines were taken out; first 0 asks whether anything in the file changed. The
// path is absolute. A file outside the working tree counts as changed, as nothing is
// known of it, and so do all files of a submodule that changed.
func (c *Changes) Touches(file string, first, last int) bool {
	if dir, err := filepath.EvalSymlinks(filepath.Dir(file)); err == nil {
		file = filepath.Join(dir, filepath.Base(file))
	}
	rel, err := filepath.Rel(c.root, file)
	if err != nil {
		return true
	}
	name, ok := inside(filepath.ToSlash(rel))
	if !ok {
		return true
	}
	for _, r := range c.files[name] {
		if first <= 0 || r.first <= max(last, first) && first <= r.last {
			return true
		}
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		// A submodule is named like a file, another repository with a slash. That one of
		// them changed is known, but not which of its lines did.
		if c.files[dir] != nil || c.files[dir+"/"] != nil {
			return true
		}
	}
	return false
}

// read takes the ranges out of what git diff prints, of which nothing but the headers is
// looked at.
func (c *Changes) read(diff []byte) error {
	name := ""
	for len(diff) > 0 {
		var line []byte
		line, diff = cutLine(diff)
		switch {
		case bytes.HasPrefix(line, []byte("diff --git ")):
			name = ""
		case bytes.HasPrefix(line, []byte("+++ ")):
			var err error
			if name, err = headerName(string(line[len("+++ "):])); err != nil {
				return err
			}
		case bytes.HasPrefix(line, []byte("@@ ")):
			h, err := parseHunk(string(line))
			if err != nil {
				return err
			}
			if name != "" {
				c.files[name] = append(c.files[name], h.changed())
			}
			diff = skipLines(diff, h.oldCount+h.newCount)
		case bytes.HasPrefix(line, []byte("Binary files ")):
			if name, ok := binaryName(string(line)); ok {
				c.files[name] = append(c.files[name], everyLine)
			}
		}
	}
	return nil
}

// skipLines leaves out the lines of a hunk, between which git says where one has no end.
func skipLines(diff []byte, n int) []byte {
	for n > 0 && len(diff) > 0 {
		var line []byte
		if line, diff = cutLine(diff); !bytes.HasPrefix(line, []byte(`\`)) {
			n--
		}
	}
	return diff
}

func cutLine(text []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(text, []byte("\n"))
	return line, rest
}

// headerName reads the name behind +++, which git quotes as C does if it must. It is
// empty for a file that was deleted.
func headerName(s string) (string, error) {
	if s == "/dev/null" {
		return "", nil
	}
	if strings.HasPrefix(s, `"`) {
		unquoted, err := strconv.Unquote(strings.TrimSuffix(s, "\t"))
		if err != nil {
			return "", fmt.Errorf("cannot read the name %s", s)
		}
		s = unquoted
	}
	// A tab marks the end of a name that holds blanks.
	name, ok := strings.CutPrefix(strings.TrimSuffix(s, "\t"), "b/")
	if !ok {
		return "", fmt.Errorf("cannot read the name %s", s)
	}
	return path.Clean(name), nil
}

// binaryName reads "Binary files a/x and b/x differ".
func binaryName(line string) (string, bool) {
	line = strings.TrimSuffix(line, " differ")
	for _, sep := range []string{` and "b/`, " and b/"} {
		if i := strings.LastIndex(line, sep); i >= 0 {
			name, err := headerName(line[i+len(" and "):])
			return name, err == nil && name != ""
		}
	}
	return "", false
}

// A hunk is what stands between two @@: -oldFirst,oldCount +newFirst,newCount.
type hunk struct{ oldCount, newFirst, newCount int }

func parseHunk(line string) (hunk, error) {
	var h hunk
	fields := strings.Fields(line)
	if len(fields) < 3 {
		return h, fmt.Errorf("cannot read the header %s", line)
	}
	_, oldCount, err := parseSpan(fields[1], "-")
	if err != nil {
		return h, fmt.Errorf("cannot read the header %s", line)
	}
	newFirst, newCount, err := parseSpan(fields[2], "+")
	if err != nil {
		return h, fmt.Errorf("cannot read the header %s", line)
	}
	return hunk{oldCount, newFirst, newCount}, nil
}

// parseSpan reads -12,3, or -12 for one line.
func parseSpan(s, sign string) (first, count int, err error) {
	s, ok := strings.CutPrefix(s, sign)
	if !ok {
		return 0, 0, errors.New("no sign")
	}
	start, n, hasCount := strings.Cut(s, ",")
	if first, err = strconv.Atoi(start); err != nil {
		return 0, 0, err
	}
	if count = 1; hasCount {
		count, err = strconv.Atoi(n)
	}
	return first, count, err
}

// changed is the lines of the new side that a hunk is about: those between which it takes
// lines out, if it adds none.
func (h hunk) changed() lineRange {
	if h.newCount == 0 {
		return lineRange{h.newFirst, h.newFirst + 1}
	}
	return lineRange{h.newFirst, h.newFirst + h.newCount - 1}
}
