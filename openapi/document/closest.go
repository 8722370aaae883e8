package document

import (
	"strings"

	"github.com/commslint/commslint/tree"
)

// maxClosest bounds how many names are looked at to find the one that was meant.
const maxClosest = 2000

// A speller finds what was meant by a name that is wrong.
type speller struct {
	left int // names that may still be looked at
}

// maxSpelling bounds the names that are looked at for one document.
const maxSpelling = 200_000

// key is the key of an object that is most like a name; "" if none is near it.
func (s *speller) key(name string, n *tree.Node) string {
	if s.left <= 0 {
		return ""
	}
	var keys []string
	for i := range min(len(n.Members), maxClosest) {
		keys = append(keys, n.Members[i].Key)
	}
	return s.name(name, keys)
}

// name is the one that takes the fewest edits, at most a third of its letters; "" if two take as few. Names
// that differ by digits alone mean different things.
func (s *speller) name(name string, names []string) string {
	if s.left <= 0 {
		return ""
	}
	s.left -= len(names)
	best, distance := "", len(name)/3+1
	for _, other := range names {
		if len(other) > 2*len(name)+2 || len(other) > 100 || len(name) > 100 {
			continue
		}
		switch d := edits(strings.ToLower(name), strings.ToLower(other)); {
		case d > distance || withoutDigits(name) == withoutDigits(other) && name != other && hasDigits(name+other):
		case d < distance:
			best, distance = other, d
		case best != "":
			best = ""
		}
	}
	return best
}

func withoutDigits(name string) string {
	return strings.Map(func(c rune) rune {
		if '0' <= c && c <= '9' {
			return -1
		}
		return c
	}, name)
}

func hasDigits(name string) bool { return strings.ContainsAny(name, "0123456789") }

// edits is the Levenshtein distance of two texts, in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
