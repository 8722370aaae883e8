package contract

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/revision"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/protocheck/breaking"
	"github.com/commslint/commslint/protocheck/lint"
	"github.com/commslint/commslint/protocheck/source"
)

// InputProto is the rule of .proto files that cannot be compiled.
const InputProto = "input/proto"

// ProtoOptions say which .proto files are compared, and how.
type ProtoOptions struct {
	Dir         string            // absolute: the working directory
	Paths       []string          // files and folders of the new side
	Against     *revision.Against // the old side
	ImportPaths []string          // folders to import from, as the user named them
	Breaking    breaking.Options
	Lint        lint.Options
	Parallel    int // files that are compiled at once; 0 for one per CPU
	// Env looks up an environment variable, as os.LookupEnv does; it tells where buf and
	// the go command keep modules. Nil looks nowhere.
	Env func(string) (string, bool)
}

// CompareProtos compares the .proto files at or below the paths with the old side.
// Only those that differ are compiled, and what they import.
func CompareProtos(ctx context.Context, opt ProtoOptions) (*Result, error) {
	c := &protoComparison{opt: opt, result: &Result{}}
	if err := c.findScopes(); err != nil {
		return nil, err
	}
	if err := c.findTrees(); err != nil || len(c.scopes) == 0 {
		return c.result, err
	}
	before, after, err := c.differing()
	if err != nil {
		return nil, err
	}
	if len(before)+len(after) == 0 {
		return c.result, nil
	}
	library := newLibrary(c.base, opt, c.new.Files)
	newer := source.Load(ctx, c.new, after, source.Options{ImportPaths: c.importPaths(c.new), Library: library, Parallel: opt.Parallel})
	runtime.GC()                                       // what was needed to compile the one side makes room for the other
	before = slices.DeleteFunc(before, newer.Excludes) // what the user does not want looked at any more
	older := source.Load(ctx, c.old, before, source.Options{ImportPaths: c.importPaths(c.old), Library: library, Parallel: opt.Parallel})
	c.compare(older, newer)
	c.reportProblems(older, newer)
	finding.Sort(c.result.Findings)
	c.result.protos = &comparedProtos{c, before, after, older, newer}
	return c.result, nil
}

// comparedProtos are the .proto files that CompareProtos has compiled, and which of
// both sides differ.
type comparedProtos struct {
	*protoComparison
	before, after []string
	older, newer  *source.Snapshot
}

// A protoComparison is one run of CompareProtos.
type protoComparison struct {
	opt      ProtoOptions
	base     string   // absolute folder that the roots of both trees stand for
	scopes   []string // paths of the trees that the user asked about
	old, new *source.Tree
	ids      map[string]string // of old blobs, by path
	renamed  string            // the new path of the one old file; empty if there are many
	result   *Result
}

// findScopes turns the paths of the user into paths of the trees.
func (c *protoComparison) findScopes() error {
	base, err := filepath.EvalSymlinks(c.opt.Against.Root)
	if err != nil {
		return err
	}
	c.base = base
	for _, p := range c.opt.Paths {
		p = strings.TrimSuffix(p, "...")
		if !filepath.IsAbs(p) {
			p = filepath.Join(c.opt.Dir, p)
		}
		info, err := os.Stat(p)
		if err == nil && !info.IsDir() && !source.IsProto(p) {
			continue // it is for another frontend
		}
		rel, err := filepath.Rel(base, realPath(p))
		rel = filepath.ToSlash(rel)
		if err != nil || rel == ".." || strings.HasPrefix(rel, "../") {
			return fmt.Errorf("%s is not below %s, which %s is about", p, c.opt.Against.Root, c.opt.Against)
		}
		c.scopes = append(c.scopes, rel)
	}
	return nil
}

// inScope reports whether the user asked about a file. Folders of dependencies and of
// test data are looked at only if they are named.
func (c *protoComparison) inScope(name string) bool {
	for _, scope := range c.scopes {
		rel := name
		if scope != "." {
			cut, ok := strings.CutPrefix(name, scope)
			if !ok || cut != "" && cut[0] != '/' {
				continue
			}
			rel = strings.TrimPrefix(cut, "/")
		}
		if rel == "" || !skippedPath(rel) && !slices.Contains(strings.Split(rel, "/"), "third_party") {
			return true
		}
	}
	return false
}

// findTrees lists the files of both sides.
func (c *protoComparison) findTrees() error {
	if len(c.scopes) == 0 {
		return nil
	}
	blobs, err := c.opt.Against.List()
	if err != nil {
		return err
	}
	c.old, c.ids = &source.Tree{Reader: c.opt.Against}, map[string]string{}
	for _, b := range blobs {
		if source.Relevant(b.Path) {
			c.old.Files = append(c.old.Files, b.Path)
			c.ids[b.Path] = b.ID
		}
	}
	folder := revision.NewFolder(c.base)
	c.new = &source.Tree{Reader: folder}
	if c.new.Files, err = protoFiles(c.base); err != nil {
		return err
	}
	c.renameOnly()
	return nil
}

// protoFiles lists the .proto files below a folder, and the configuration that goes
// with them.
func protoFiles(base string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(base, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil && e != nil && e.IsDir():
			return filepath.SkipDir // the walk for other frontends reports it
		case err != nil:
			return nil
		case e.IsDir() && name != base && (strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules"):
			return filepath.SkipDir
		case e.Type().IsRegular() && source.Relevant(e.Name()):
			rel, err := filepath.Rel(base, name)
			if err != nil {
				return err
			}
			files = append(files, filepath.ToSlash(rel))
		}
		return nil
	})
	slices.Sort(files)
	return files, err
}

// renameOnly makes a single old file the one that it is compared with.
func (c *protoComparison) renameOnly() {
	only := c.opt.Against.Only
	if only == "" {
		return
	}
	if len(c.scopes) == 1 && source.IsProto(c.scopes[0]) && source.IsProto(only) && c.scopes[0] != only {
		c.renamed = c.scopes[0]
		c.old.Reader = renamedFile{c.old.Reader, c.renamed, only}
		c.old.Files = slices.DeleteFunc(c.old.Files, func(name string) bool { return name == only || name == c.renamed })
		c.old.Files = append(c.old.Files, c.renamed)
		slices.Sort(c.old.Files)
		c.ids = map[string]string{c.renamed: ""}
		return
	}
	c.scopes = slices.DeleteFunc(c.scopes, func(scope string) bool { return scope != only && !source.IsProto(only) })
	for name := range c.ids {
		if name != only {
			delete(c.ids, name)
		}
	}
}

// A renamedFile is a source of which one file is known by another name.
type renamedFile struct {
	source.Reader
	name, was string
}

func (r renamedFile) Read(name string) ([]byte, error) {
	if name == r.name {
		name = r.was
	}
	return r.Reader.Read(name)
}

// differing lists the files that are not the same on both sides, wherever they are:
// what is gone from one may have moved to another.
func (c *protoComparison) differing() (before, after []string, err error) {
	tree, _ := c.opt.Against.Source.(*revision.Tree)
	inNew := map[string]bool{}
	only := c.opt.Against.Only != ""
	for _, name := range c.new.Files {
		if !source.IsProto(name) || only && !c.inScope(name) {
			continue
		}
		inNew[name] = true
		id, inOld := c.ids[name]
		if inOld {
			same, err := c.same(tree, name, id)
			if err != nil {
				return nil, nil, err
			}
			if same {
				if c.inScope(name) {
					c.result.Unchanged++
				}
				continue
			}
			before = append(before, name)
		}
		after = append(after, name)
		if inOld && c.inScope(name) {
			c.result.Documents = append(c.result.Documents, c.newName(name))
		}
	}
	for name := range c.ids {
		if source.IsProto(name) && !inNew[name] {
			before = append(before, name)
		}
	}
	slices.Sort(before)
	touched := slices.ContainsFunc(slices.Concat(before, after), c.inScope)
	if !touched {
		return nil, nil, nil
	}
	return before, after, nil
}

// same compares a file of both sides, by its hash if the old side has that.
func (c *protoComparison) same(tree *revision.Tree, name, id string) (bool, error) {
	now, err := c.new.Read(name)
	if err != nil {
		return false, nil //nolint:nilerr // loading it reports why
	}
	if tree != nil {
		return tree.Holds(revision.Blob{Path: name, ID: id}, now), nil
	}
	was, err := c.old.Read(name)
	return err == nil && bytes.Equal(was, now), nil
}

// importPaths turns the folders of -I into paths of a tree. For one that lies outside
// of the trees, or beside an old folder, it is the folder on disk.
func (c *protoComparison) importPaths(tree *source.Tree) []string {
	var dirs []string
	_, isRevision := c.opt.Against.Source.(*revision.Tree)
	for _, p := range c.opt.ImportPaths {
		if !filepath.IsAbs(p) {
			p = filepath.Join(c.opt.Dir, p)
		}
		abs := realPath(p)
		rel, err := filepath.Rel(c.base, abs)
		inside := err == nil && rel != ".." && !strings.HasPrefix(filepath.ToSlash(rel), "../")
		if inside {
			dirs = append(dirs, filepath.ToSlash(rel))
		}
		if !inside || tree == c.old && !isRevision {
			dirs = append(dirs, filepath.ToSlash(abs))
		}
	}
	return append(dirs, cachedModules(c.base, c.new.Files, c.opt.Env)...)
}

// compare reports what differs in the files that the user asked about.
func (c *protoComparison) compare(older, newer *source.Snapshot) {
	opt := c.opt.Breaking
	opt.OldName, opt.NewName = c.oldName, c.newName
	wanted := map[string]bool{}
	for _, name := range slices.Concat(c.old.Files, c.new.Files) {
		if c.inScope(name) {
			wanted[c.newName(name)] = true
		}
	}
	for _, f := range breaking.Compare(older, newer, opt) {
		if wanted[f.File] {
			c.result.Findings = append(c.result.Findings, f)
		}
	}
}

// newName is how findings call a file of the new side.
func (c *protoComparison) newName(name string) string {
	if filepath.IsAbs(name) {
		return workspace.Relative(c.opt.Dir, name)
	}
	return workspace.Relative(c.opt.Dir, filepath.Join(c.opt.Against.Root, filepath.FromSlash(name)))
}

// oldName is how findings call a file of the old side: as git does, or by its path.
func (c *protoComparison) oldName(name string) string {
	if name == c.renamed && name != "" {
		name = c.opt.Against.Only
	}
	against := filepath.ToSlash(c.opt.Against.String())
	switch _, isTree := c.opt.Against.Source.(*revision.Tree); {
	case isTree:
		return against + ":" + name
	case c.opt.Against.Only != "":
		return path.Join(path.Dir(against), name)
	}
	return path.Join(against, name)
}

// reportProblems reports what could not be compiled and concerns files that the user
// asked about. What is wrong on both sides is said of the new one.
func (c *protoComparison) reportProblems(older, newer *source.Snapshot) {
	known := map[string]bool{}
	for _, p := range newer.Problems {
		known[p.Path+"\x00"+p.Message] = true
		if c.concerns(p) {
			c.fail(ProtoFailure(p, c.newName))
		}
	}
	for _, p := range older.Problems {
		if known[p.Path+"\x00"+p.Message] || !c.concerns(p) {
			continue
		}
		f := ProtoFailure(p, c.newName)
		old := f.Location
		old.File = c.oldName(p.Path)
		f.Location = finding.Location{File: f.File}
		f.Message = fmt.Sprintf("its state in %s cannot be compared: %s", c.opt.Against, f.Message)
		f.Related = append([]finding.Related{{Location: old, Message: "here"}}, f.Related...)
		c.fail(f)
	}
}

func (c *protoComparison) concerns(p source.Problem) bool {
	return c.inScope(p.Path) || slices.ContainsFunc(p.Blocked, c.inScope)
}

func (c *protoComparison) fail(f finding.Finding) {
	c.result.Failed = append(c.result.Failed, f)
	c.result.Findings = append(c.result.Findings, f)
}

// maxBlocked is how many of the files a finding lists that one problem keeps from
// being compiled.
const maxBlocked = 10

// ProtoFailure is the finding of a file that cannot be compiled.
func ProtoFailure(p source.Problem, name func(string) string) finding.Finding {
	f := inputFailure(InputProto, name(p.Path), p.Message)
	f.Line, f.Column = p.Line, p.Column
	if p.EndColumn > 0 {
		f.EndLine, f.EndColumn = p.Line, p.EndColumn
	}
	for i, blocked := range p.Blocked {
		if i == maxBlocked {
			f.Message += fmt.Sprintf(" (%d files need it)", len(p.Blocked))
			break
		}
		f.Related = append(f.Related, finding.Related{Location: finding.Location{File: name(blocked)}, Message: "not analysed, as it needs the file"})
	}
	return f
}
