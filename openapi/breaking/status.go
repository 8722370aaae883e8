package breaking

import "strings"

// coversStatus reports whether a key of responses covers another: "4XX" covers
// "404", and "default" covers all.
func coversStatus(key, other string) bool {
	key, other = strings.ToUpper(key), strings.ToUpper(other)
	switch {
	case key == other || key == "DEFAULT":
		return true
	case len(key) == 3 && key[1:] == "XX" && len(other) == 3:
		return key[0] == other[0]
	}
	return false
}

// isSuccess reports whether a key of responses is about success: 2xx, or 3xx,
// which tells where to go on.
func isSuccess(key string) bool { return len(key) == 3 && (key[0] == '2' || key[0] == '3') }

// closestStatus returns the key among keys that says most about the answers of
// another: itself, its range, or default; false if none covers it.
func closestStatus(keys []string, other string) (string, bool) {
	best, rank := "", 0
	for _, key := range keys {
		if !coversStatus(key, other) {
			continue
		}
		r := 2
		switch {
		case strings.EqualFold(key, other):
			r = 3
		case strings.EqualFold(key, "default"):
			r = 1
		}
		if r > rank {
			best, rank = key, r
		}
	}
	return best, rank > 0
}
