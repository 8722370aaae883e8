// Package contract compares the contracts that a repository holds with an earlier
// state of them: it finds the documents of both sides, pairs them, and hands each
// pair to the frontend that knows their language.
package contract

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/revision"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/openapi/breaking"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/tree"
)

// Options say what is compared.
type Options struct {
	Dir      string            // absolute: the working directory
	Paths    []string          // files and folders of the new side
	Against  *revision.Against // the old side
	Breaking breaking.Options
}

// A Result is what a comparison found.
type Result struct {
	Findings []finding.Finding
	// Documents are the documents of the new side that were compared, relative to
	// the working directory.
	Documents []string
	// Unchanged counts the documents that are the same on both sides.
	Unchanged int
	// Failed are inputs that could not be analysed; they are among Findings too.
	Failed []finding.Finding
	// Notices are words for the user about what was not looked at.
	Notices []string

	protos *comparedProtos // of CompareProtos; nil if nothing was compiled
}

// Compare compares all OpenAPI documents at or below the paths with the old side.
// The error is about the old side as a whole; a document that cannot be read is a
// finding.
func Compare(opt Options) (*Result, error) {
	find := &finder{dir: opt.Dir}
	find.find(opt.Paths)
	c := &comparison{opt: opt, finder: find, result: &Result{}}
	if err := c.match(); err != nil {
		return nil, err
	}
	for _, p := range c.pairs {
		c.compare(p)
	}
	c.reportGone()
	for _, s := range c.finder.scopes {
		c.reportNothing(s)
	}
	c.result.Failed = append(c.result.Failed, find.failures...)
	c.result.Findings = append(c.result.Findings, c.result.Failed...)
	finding.Sort(c.result.Findings)
	return c.result, nil
}

// Add adds what another comparison found.
func (r *Result) Add(o *Result) {
	r.Findings = append(r.Findings, o.Findings...)
	r.Documents = append(r.Documents, o.Documents...)
	r.Failed = append(r.Failed, o.Failed...)
	r.Notices = append(r.Notices, o.Notices...)
	r.Unchanged += o.Unchanged
	finding.Sort(r.Findings)
}

// A comparison is one run of Compare.
type comparison struct {
	opt    Options
	finder *finder
	result *Result
	pairs  []pair    // old paths of the source, new paths absolute
	gone   []*sketch // old documents without a successor
	seen   []string  // old paths of documents
}

// match pairs the documents of both sides.
func (c *comparison) match() error {
	if only := c.opt.Against.Only; only != "" && len(c.finder.files) == 1 {
		c.pairs = []pair{{old: only, new: c.finder.files[0]}}
		return nil
	}
	old, err := c.oldFiles()
	if err != nil {
		return err
	}
	var fresh []string
	for _, file := range c.finder.files {
		if at, ok := c.oldPath(file); ok && old[at] != nil {
			c.pairs = append(c.pairs, pair{old: at, new: file})
			delete(old, at)
			continue
		}
		fresh = append(fresh, file)
	}
	for _, at := range sortedKeys(old) {
		if s := c.oldSketch(*old[at]); s != nil {
			c.gone = append(c.gone, s)
		}
	}
	c.matchRenamed(fresh)
	return nil
}

// matchRenamed pairs the documents that are gone with those that are new.
func (c *comparison) matchRenamed(fresh []string) {
	if len(c.gone) == 0 {
		return
	}
	var sketches []*sketch
	for _, file := range fresh {
		if text, err := os.ReadFile(file); err == nil {
			sketches = append(sketches, sketchOf(file, text))
		}
	}
	renamed := pairRenamed(c.gone, sketches)
	c.pairs = append(c.pairs, renamed...)
	c.gone = slices.DeleteFunc(c.gone, func(s *sketch) bool {
		return slices.ContainsFunc(renamed, func(p pair) bool { return p.old == s.path })
	})
}

// oldFiles lists the files of the old side, within the scopes, that may be documents.
func (c *comparison) oldFiles() (map[string]*revision.Blob, error) {
	if only := c.opt.Against.Only; only != "" {
		return map[string]*revision.Blob{only: {Path: only}}, nil
	}
	var under []string
	for _, s := range c.finder.scopes {
		if at, ok := c.oldPath(s.path); ok {
			under = append(under, at)
		}
	}
	if len(under) == 0 {
		return nil, fmt.Errorf("the paths are not below %s, which %s is about", c.opt.Against.Root, c.opt.Against)
	}
	blobs, err := c.opt.Against.List(under...)
	if err != nil {
		return nil, err
	}
	if tree, ok := c.opt.Against.Source.(*revision.Tree); ok {
		if subs, err := tree.Submodules(under...); err == nil && len(subs) > 0 {
			c.result.Notices = append(c.result.Notices, "submodules are repositories of their own and are not compared: "+strings.Join(subs, ", "))
		}
	}
	files := map[string]*revision.Blob{}
	for _, b := range blobs {
		if mayBeDocument(b.Path) && !skippedPath(b.Path) {
			files[b.Path] = &b
		}
	}
	return files, nil
}

// oldPath is the path on the old side of a file or folder on disk.
func (c *comparison) oldPath(name string) (string, bool) {
	root, err := filepath.EvalSymlinks(c.opt.Against.Root)
	if err != nil {
		return "", false
	}
	rel, err := filepath.Rel(root, realPath(name))
	if err != nil {
		return "", false
	}
	rel = filepath.ToSlash(rel)
	return rel, rel != ".." && !strings.HasPrefix(rel, "../")
}

// realPath follows the symbolic links of the folder that a file is in, which need
// not exist.
func realPath(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	if parent := filepath.Dir(name); parent != name {
		return filepath.Join(realPath(parent), filepath.Base(name))
	}
	return name
}

// oldSketch reads an old file; nil if it is no document, or the same file is still
// there and is none.
func (c *comparison) oldSketch(b revision.Blob) *sketch {
	tree, isTree := c.opt.Against.Source.(*revision.Tree)
	if isTree {
		now, err := os.ReadFile(filepath.Join(c.opt.Against.Root, filepath.FromSlash(b.Path)))
		if err == nil && tree.Holds(b, now) {
			return nil
		}
	}
	text, err := c.opt.Against.Read(b.Path)
	if err != nil || !document.Sniff(text) {
		return nil
	}
	return sketchOf(b.Path, text)
}

func sketchOf(name string, text []byte) *sketch {
	file, err := tree.Parse(name, text)
	if err != nil {
		return newSketch(name, "", nil, text)
	}
	title := ""
	if n := file.Root.Get("info").Get("title"); n != nil {
		title = n.Text
	}
	var paths []string
	if n := file.Root.Get("paths"); n != nil {
		for _, m := range n.Members {
			paths = append(paths, m.Key)
		}
	}
	return newSketch(name, title, paths, text)
}

// compare loads both states of a document.
func (c *comparison) compare(p pair) {
	name := workspace.Relative(c.opt.Dir, p.new)
	older, err := document.Load(c.opt.Against.Read, p.old)
	if err != nil {
		c.fail(name, fmt.Sprintf("the old side, %s, cannot be read: %v", c.oldName(p.old), err), err)
		return
	}
	newer, err := document.Load(c.readNew, name)
	if err != nil {
		c.fail(name, err.Error(), err)
		return
	}
	c.result.Documents = append(c.result.Documents, name)
	c.reportDangling(newer)
	opt := c.opt.Breaking
	opt.OldName = c.oldName
	c.result.Findings = append(c.result.Findings, breaking.Compare(older, newer, opt)...)
}

// reportDangling says what could not be compared: what references stand for that
// lead nowhere. Changes are not to blame for all of them, so they are warnings here.
func (c *comparison) reportDangling(d *document.Document) {
	for _, p := range d.Problems {
		if p.Rule != document.RuleDanglingRef {
			continue
		}
		c.result.Findings = append(c.result.Findings, finding.Finding{
			Rule: p.Rule, Level: finding.Error, Strength: finding.Proven, AtMost: finding.Warning,
			Message: p.Message + "; what it stands for is not compared", Location: p.Location, Related: p.Related,
		})
	}
}

func (c *comparison) readNew(name string) ([]byte, error) {
	name = filepath.FromSlash(name)
	if !filepath.IsAbs(name) {
		name = filepath.Join(c.opt.Dir, name)
	}
	return os.ReadFile(name)
}

// oldName is how findings call a file of the old side: as git does, or by its path
// on disk.
func (c *comparison) oldName(file string) string {
	if _, ok := c.opt.Against.Source.(*revision.Tree); ok {
		return c.opt.Against.String() + ":" + file
	}
	if c.opt.Against.Only != "" {
		return path.Join(path.Dir(filepath.ToSlash(c.opt.Against.String())), file)
	}
	return path.Join(filepath.ToSlash(c.opt.Against.String()), file)
}

// fail reports a document that cannot be read, at the place that the error tells.
func (c *comparison) fail(file, message string, err error) {
	f := inputFailure("input/openapi", file, message)
	if bad, ok := errors.AsType[*tree.Error](err); ok && bad.Location.File == file {
		f.Location, f.Message = bad.Location, bad.Message
	}
	c.result.Failed = append(c.result.Failed, f)
}

// reportGone reports documents that are there no more.
func (c *comparison) reportGone() {
	for _, s := range c.gone {
		file := workspace.Relative(c.opt.Dir, filepath.Join(c.opt.Against.Root, filepath.FromSlash(s.path)))
		f := finding.Finding{
			Rule: breaking.DocumentRemoved, Level: finding.Error, Strength: finding.Proven,
			Message:  fmt.Sprintf("the API description %s is gone, and no document is like it", quoteTitle(s)),
			Location: finding.Location{File: file},
			Related: []finding.Related{{
				Location: finding.Location{File: c.oldName(s.path), Line: 1, Column: 1},
				Message:  fmt.Sprintf("it described %d paths", len(s.paths)),
			}},
			Properties: map[string]any{"verdict": "broken"},
		}
		c.result.Findings = append(c.result.Findings, f)
	}
}

func quoteTitle(s *sketch) string {
	if s.title == "" {
		return s.path
	}
	return fmt.Sprintf("%q", s.title)
}

// reportNothing reports a path that exists on neither side: a job that compares
// nothing must not be green.
func (c *comparison) reportNothing(s scope) {
	if s.folder {
		return
	}
	if _, err := os.Stat(s.path); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	at, _ := c.oldPath(s.path)
	if blobs, err := c.opt.Against.List(at); err == nil && len(blobs) > 0 {
		return
	}
	c.finder.fail("input/path", s.path, "no such file or folder, neither now nor in "+c.opt.Against.String())
}

func sortedKeys(m map[string]*revision.Blob) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
