package manifest

import (
	"path"
	"slices"
	"strings"
)

// An Index finds the documents that are nearest to a file: repositories hold variants of the same documents in folders beside each
// other, and what stands together belongs together.
type Index struct {
	byFile   map[string][]*Object
	byFolder map[string][]*Object
	rings    map[string][][]string // for a folder, the others by how far they are
}

// NewIndex takes the documents to look in.
func NewIndex(objects []*Object) *Index {
	x := &Index{byFile: map[string][]*Object{}, byFolder: map[string][]*Object{}, rings: map[string][][]string{}}
	for _, o := range objects {
		file := o.File()
		x.byFile[file] = append(x.byFile[file], o)
		folder := path.Dir(file)
		x.byFolder[folder] = append(x.byFolder[folder], o)
	}
	return x
}

// Nearest lists, of the documents that fit, those that are nearest to a file: in it, in its folder, or as few folders away as can
// be. A nil index has none.
func (x *Index) Nearest(file string, fits func(*Object) bool) []*Object {
	if x == nil {
		return nil
	}
	if found := filter(x.byFile[file], fits); len(found) > 0 {
		return found
	}
	for _, ring := range x.around(path.Dir(file)) {
		var found []*Object
		for _, folder := range ring {
			found = append(found, filter(x.byFolder[folder], fits)...)
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

func filter(objects []*Object, fits func(*Object) bool) []*Object {
	var found []*Object
	for _, o := range objects {
		if fits(o) {
			found = append(found, o)
		}
	}
	return found
}

// around groups the folders by their distance from one.
func (x *Index) around(folder string) [][]string {
	if rings, ok := x.rings[folder]; ok {
		return rings
	}
	by := map[int][]string{}
	var distances []int
	for other := range x.byFolder {
		d := steps(folder, other)
		if by[d] == nil {
			distances = append(distances, d)
		}
		by[d] = append(by[d], other)
	}
	slices.Sort(distances)
	var rings [][]string
	for _, d := range distances {
		slices.Sort(by[d])
		rings = append(rings, by[d])
	}
	x.rings[folder] = rings
	return rings
}

// steps is how many folders one goes through from one folder to another.
func steps(a, b string) int {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	common := 0
	for common < len(as) && common < len(bs) && as[common] == bs[common] {
		common++
	}
	return len(as) + len(bs) - 2*common
}

// Distance is how many folders lie between two files: 0 for one file, 1 for the same folder.
func Distance(a, b string) int {
	if a == b {
		return 0
	}
	return 1 + steps(path.Dir(a), path.Dir(b))
}
