package cli

import (
	"fmt"

	"github.com/commslint/commslint/rules"
)

// didYouMean returns "; did you mean X?" for the candidate nearest to what was
// typed, or nothing if none is near.
func didYouMean(typed string, candidates []string) string {
	return hint(rules.Nearest(typed, candidates))
}

func hint(near string, ok bool) string {
	if !ok {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", near)
}
