package rules

import (
	"path"
	"slices"
	"strings"
)

// Match returns the rules that pattern names: one for an id or alias, any number
// for a pattern such as "go/*" or "*", none if nothing fits.
func Match(catalogue []Rule, pattern string) []*Rule {
	var matched []*Rule
	for i := range catalogue {
		r := &catalogue[i]
		if r.ID == pattern || slices.Contains(r.Aliases, pattern) || pattern == "*" {
			matched = append(matched, r)
			continue
		}
		if ok, err := path.Match(pattern, r.ID); ok && err == nil {
			matched = append(matched, r)
		}
	}
	return matched
}

// Suggest returns the id of the rule that id was probably meant to be: one whose
// name it is, without the domain, or else one spelt much like it.
func Suggest(catalogue []Rule, id string) (string, bool) {
	ids := make([]string, len(catalogue))
	for i := range catalogue {
		ids[i] = catalogue[i].ID
		if catalogue[i].Name() == id[strings.LastIndex(id, "/")+1:] {
			return ids[i], true
		}
	}
	return Nearest(id, ids)
}

// Nearest returns the candidate that word was probably meant to be, if any is
// near enough: at most a third of its characters away, or begun like it.
func Nearest(word string, candidates []string) (string, bool) {
	best, distance := "", -1
	for _, candidate := range candidates {
		d := editDistance(strings.ToLower(word), candidate)
		if len(word) >= 3 && strings.HasPrefix(candidate, word) {
			d = 1
		}
		if d*3 <= max(len(candidate), 3) && (distance < 0 || d < distance) {
			best, distance = candidate, d
		}
	}
	return best, distance >= 0
}

// editDistance counts the characters to insert, delete, replace or swap with
// their neighbour to make b of a (optimal string alignment).
func editDistance(a, b string) int {
	previous, row := []int(nil), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		beforePrevious := previous
		previous, row = row, make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(previous[j]+1, row[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], beforePrevious[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
