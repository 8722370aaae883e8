package contract

import (
	"bytes"
	"cmp"
	"hash/fnv"
	"slices"
)

// A sketch is what a document looks like, to tell a renamed one from another.
type sketch struct {
	path  string
	title string
	paths []string // templates of its paths, sorted
	lines map[uint64]int
	total int // lines
}

// newSketch takes the title and the paths from the tree of a document.
func newSketch(path, title string, paths []string, text []byte) *sketch {
	s := &sketch{path: path, title: title, paths: slices.Sorted(slices.Values(paths)), lines: map[uint64]int{}}
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		h := fnv.New64a()
		h.Write(line)
		s.lines[h.Sum64()]++
		s.total++
	}
	return s
}

// likeness is how much two documents have in common, from 0 to 1. What an API is
// called and which paths it has say more than how it is written; JSON may stand
// on a single line.
func (s *sketch) likeness(o *sketch) float64 {
	var score, weights float64
	add := func(weight, value float64) { score, weights = score+weight*value, weights+weight }
	if s.title != "" || o.title != "" {
		add(1, truth(s.title == o.title))
	}
	if len(s.paths)+len(o.paths) > 0 {
		add(3, overlap(s.paths, o.paths))
	}
	add(2, s.commonLines(o))
	return score / weights
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// overlap is the share of the members of two sorted lists that both have.
func overlap(a, b []string) float64 {
	both := 0
	for _, x := range a {
		if _, ok := slices.BinarySearch(b, x); ok {
			both++
		}
	}
	return float64(both) / float64(len(a)+len(b)-both)
}

func (s *sketch) commonLines(o *sketch) float64 {
	both := 0
	for line, n := range s.lines {
		both += min(n, o.lines[line])
	}
	if s.total+o.total == 0 {
		return 1
	}
	return 2 * float64(both) / float64(s.total+o.total)
}

// leastLikeness is what makes two documents one that was renamed; as for git's
// renames it is a half.
const leastLikeness = 0.5

// A pair is two states of a document.
type pair struct{ old, new string }

// pairRenamed pairs documents that are gone with new ones by their likeness, the
// most alike first.
func pairRenamed(gone, fresh []*sketch) []pair {
	type candidate struct {
		old, new *sketch
		likeness float64
	}
	var candidates []candidate
	for _, o := range gone {
		for _, n := range fresh {
			if l := o.likeness(n); l >= leastLikeness {
				candidates = append(candidates, candidate{o, n, l})
			}
		}
	}
	slices.SortFunc(candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.likeness, a.likeness), cmp.Compare(a.old.path, b.old.path), cmp.Compare(a.new.path, b.new.path))
	})
	taken := map[*sketch]bool{}
	var pairs []pair
	for _, c := range candidates {
		if !taken[c.old] && !taken[c.new] {
			taken[c.old], taken[c.new] = true, true
			pairs = append(pairs, pair{c.old.path, c.new.path})
		}
	}
	return pairs
}
