package cli

import (
	"fmt"
	"slices"
	"strings"
)

// didYouMean returns "; did you mean X?" for the candidate nearest to what was
// typed, or nothing if none is near.
func didYouMean(typed string, candidates []string) string {
	best, bestDistance := "", max(2, len(typed)/3)+1
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		d := distance(strings.ToLower(typed), strings.ToLower(c))
		if strings.HasSuffix(c, "/"+typed) {
			d = 0 // a rule id without its domain
		}
		if d < bestDistance {
			best, bestDistance = c, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
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
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
