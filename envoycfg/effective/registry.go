package effective

import (
	"path"
	"strings"

	"github.com/commslint/commslint/envoycfg/xds"
)

// A registry has resources of one kind by their names, of which many files may have the same.
type registry[T interface{ file() *xds.File }] map[string]*namesakes[T]

// namesakes are resources of one name, in the order of the files, by where they stand.
type namesakes[T any] struct {
	all            []T
	byFile         map[*xds.File][]T
	byStem, byPath map[string][]T // of the file: its name up to the first dot, and its folder
}

func (r registry[T]) add(name string, resource T) {
	n := r[name]
	if n == nil {
		n = &namesakes[T]{byFile: map[*xds.File][]T{}, byStem: map[string][]T{}, byPath: map[string][]T{}}
		r[name] = n
	}
	f := resource.file()
	n.all = append(n.all, resource)
	n.byFile[f] = append(n.byFile[f], resource)
	n.byStem[stem(f.Name)] = append(n.byStem[stem(f.Name)], resource)
	n.byPath[path.Dir(f.Name)] = append(n.byPath[path.Dir(f.Name)], resource)
}

// find picks the one of several resources of a name that an Envoy would find that reads from: one of the
// same file; one of a file that the reader's file names as a source or that names it, or that has a
// source in common with it; one whose file shares the folder and the name up to the first dot, as tests of
// control planes have them; or the only one in the folder, unless the reader is a bootstrap that is
// complete in itself. It is the zero value if there is none, or if it cannot be told which one.
func (r registry[T]) find(c *Config, from *xds.File, name string) (none T) {
	n := r[name]
	if n == nil {
		return none
	}
	if own := n.byFile[from]; len(own) > 0 {
		return own[0]
	}
	folder := n.byPath[path.Dir(from.Name)]
	if c.isComplete(from) {
		folder = nil
	}
	for _, near := range [][]T{n.linked(c, from), n.byStem[stem(from.Name)], folder} {
		if len(near) == 1 {
			return near[0]
		}
		if len(near) > 1 {
			return none
		}
	}
	return none
}

// linked are the resources in files that the same Envoy reads.
func (n *namesakes[T]) linked(c *Config, from *xds.File) []T {
	if len(c.sources[from]) == 0 && !c.sourced[path.Base(from.Name)] {
		return nil
	}
	var all []T
	for f, resources := range n.byFile {
		if c.linked(from, f) {
			all = append(all, resources...)
		}
	}
	return all
}

// linked reports whether two files are read by the same Envoy.
func (c *Config) linked(a, b *xds.File) bool {
	if c.sources[a][path.Base(b.Name)] || c.sources[b][path.Base(a.Name)] {
		return true
	}
	for _, boot := range c.Bootstraps {
		if s := c.sources[boot.File]; s[path.Base(a.Name)] && s[path.Base(b.Name)] {
			return true
		}
	}
	return false
}

// isComplete reports whether a file is a bootstrap to which nothing is added.
func (c *Config) isComplete(f *xds.File) bool {
	b := c.bootstraps[f]
	return b != nil && !b.Dynamic
}

// stem is the path of a file without what follows the first dot of its name.
func stem(name string) string {
	dir, base := path.Split(name)
	base, _, _ = strings.Cut(base, ".")
	return dir + base
}
