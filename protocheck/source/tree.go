// Package source loads .proto files: it finds out from which folders they import one
// another, reads and compiles those that are asked for with all that they need, and
// reports what cannot be compiled without giving up on the rest.
package source

import (
	"path"
	"slices"
	"strings"
)

// A Reader gives the content of a file by its path.
type Reader interface {
	// Read fails with an error that wraps fs.ErrNotExist if there is no such file.
	Read(path string) ([]byte, error)
}

// A Tree is one state of a set of files: a folder, or a revision. Paths are
// slash-separated and relative to the root of the tree.
type Tree struct {
	Reader
	// Files are all files, sorted; others than .proto files and the configuration of
	// buf are not looked at.
	Files []string
}

// Relevant reports whether a tree needs a file of that path.
func Relevant(name string) bool {
	if IsProto(name) {
		return true
	}
	base := path.Base(name)
	return base == "buf.yaml" || base == "buf.work.yaml"
}

// IsProto reports whether a path is that of a .proto file. Files whose names begin with a
// dot are none: they are what editors (.#a.proto, a link to nowhere) and copies from macOS
// (._a.proto, of another format) leave beside one.
func IsProto(name string) bool {
	return strings.HasSuffix(name, ".proto") && !strings.HasPrefix(path.Base(name), ".")
}

// has reports whether the tree holds a file.
func (t *Tree) has(name string) bool {
	_, ok := slices.BinarySearch(t.Files, name)
	return ok
}

// below cuts the folder from a path; "" and "." are the root of the tree.
func below(folder, name string) (rel string, ok bool) {
	if folder == "" || folder == "." {
		return name, !strings.HasPrefix(name, "../")
	}
	rel, ok = strings.CutPrefix(name, folder)
	if !ok || !strings.HasPrefix(rel, "/") {
		return "", false
	}
	return rel[1:], true
}
