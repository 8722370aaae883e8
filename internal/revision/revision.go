// Package revision reads earlier states of files: those of a git revision, taken
// straight from the object store, or those of a folder or a file on disk. No
// working tree, index or reference is touched, and nothing is fetched.
package revision

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A Source is one state of a set of files. Paths are slash-separated and
// relative to the source's root.
type Source interface {
	// String names the source as the user did.
	String() string
	// List returns the regular files at or below the given paths, or all of them
	// if there are none, sorted by path. A path that the source does not hold
	// adds nothing.
	List(under ...string) ([]Blob, error)
	// Read returns the content of a file; symbolic links within the source are
	// followed. The error wraps fs.ErrNotExist if there is no such file.
	Read(path string) ([]byte, error)
	// Close frees what the source holds.
	Close() error
}

// A Blob is a file of a source.
type Blob struct {
	Path string
	// ID is what git calls the content; two blobs of one ID are equal. It is
	// empty where the source is no revision.
	ID string
}

// An Against is an old side to compare with.
type Against struct {
	Source
	// Root is the absolute folder on disk that the source's root stands for.
	Root string
	// Only is the one file that the old side consists of, relative to the
	// source's root; empty unless the user named a file.
	Only string
}

// Resolve finds what a user means by rev: a folder or file on disk, or a
// revision of the repository that dir lies in. newRoot is the absolute folder
// that a folder is compared with. A name that is both is an error, as is one that
// is neither.
func Resolve(ctx context.Context, dir, newRoot, rev string, environ []string) (*Against, error) {
	if rev == "" {
		return nil, errors.New("no revision given; expected a branch, a tag, a commit, or a path such as ./old")
	}
	name := filepath.FromSlash(rev)
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	info, statErr := os.Stat(name)
	tree, err := treeOf(ctx, newRoot, rev, environ)
	switch {
	case statErr == nil && (err != nil || isPath(rev)):
		if tree != nil {
			tree.Close()
		}
		return onDisk(name, newRoot, rev, info), nil
	case statErr == nil:
		tree.Close()
		return nil, fmt.Errorf("%s is both a revision and a path; write ./%s for the path or %s^{} for the revision", rev, rev, rev)
	case err != nil && !errors.Is(statErr, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: %w", rev, statErr)
	case err != nil:
		return nil, err
	}
	return &Against{Source: tree, Root: tree.repo.root}, nil
}

// isPath reports whether an argument can only be meant as a path.
func isPath(arg string) bool {
	return filepath.IsAbs(arg) || arg == "." || arg == ".." || strings.HasPrefix(arg, "./") || strings.HasPrefix(arg, "../")
}

func treeOf(ctx context.Context, dir, rev string, environ []string) (*Tree, error) {
	if isPath(rev) {
		return nil, fmt.Errorf("%s: no such file or folder", rev)
	}
	repo, err := Open(ctx, dir, environ)
	if err != nil {
		return nil, err
	}
	return repo.Tree(ctx, rev)
}

func onDisk(name, newRoot, rev string, info fs.FileInfo) *Against {
	if info.IsDir() {
		return &Against{Source: &Folder{name: rev, root: name}, Root: newRoot}
	}
	folder := &Folder{name: rev, root: filepath.Dir(name)}
	return &Against{Source: folder, Root: newRoot, Only: filepath.Base(name)}
}

// A Folder is a source on disk.
type Folder struct {
	name string
	root string
}

// NewFolder returns the source of the files in a folder.
func NewFolder(root string) *Folder { return &Folder{name: root, root: root} }

func (f *Folder) String() string { return f.name }

// Close does nothing.
func (f *Folder) Close() error { return nil }

// List walks the folder; folders whose names begin with a dot and those of
// JavaScript dependencies are left out, as are symbolic links.
func (f *Folder) List(under ...string) ([]Blob, error) {
	if len(under) == 0 {
		under = []string{"."}
	}
	var blobs []Blob
	for _, u := range under {
		start := filepath.Join(f.root, filepath.FromSlash(u))
		if _, err := os.Lstat(start); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		err := filepath.WalkDir(start, func(name string, e fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return fmt.Errorf("the old side cannot be read: %w", err)
			case e.IsDir() && name != start && (strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules"):
				return filepath.SkipDir
			case e.Type().IsRegular():
				rel, err := filepath.Rel(f.root, name)
				if err != nil {
					return err
				}
				blobs = append(blobs, Blob{Path: filepath.ToSlash(rel)})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return sortBlobs(blobs), nil
}

// Read reads a file; path may leave the folder, as references between documents do.
func (f *Folder) Read(path string) ([]byte, error) {
	return os.ReadFile(filepath.Join(f.root, filepath.FromSlash(path)))
}

func sortBlobs(blobs []Blob) []Blob {
	slices.SortFunc(blobs, func(a, b Blob) int { return cmp.Compare(a.Path, b.Path) })
	return slices.Compact(blobs)
}

// inside cleans a path and reports whether it stays below the root.
func inside(p string) (string, bool) {
	p = path.Clean(p)
	return p, p != ".." && !strings.HasPrefix(p, "../") && !path.IsAbs(p)
}
