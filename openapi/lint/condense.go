package lint

import (
	"fmt"

	"github.com/commslint/commslint/finding"
)

const (
	// maxRelated is how many further places a finding names.
	maxRelated = 10
	// maxOfRule is how many findings of one rule a document has before they become one. Ten of a kind are
	// a decision of the whole API, which is made once.
	maxOfRule = 10
)

// Condense makes one finding of those of a rule in a file, where there are more than ten of the same
// level. It keeps the order, leaves alone what is suppressed and the rules of other packages, and is for the very
// end: findings are suppressed one by one.
func Condense(findings []finding.Finding) []finding.Finding {
	counts := map[kind]int{}
	for i := range findings {
		if k, ok := kindOf(&findings[i]); ok {
			counts[k]++
		}
	}
	var condensed []finding.Finding
	first := map[kind]int{}
	for _, f := range findings {
		k, ok := kindOf(&f)
		if !ok || counts[k] <= maxOfRule {
			condensed = append(condensed, f)
			continue
		}
		i, found := first[k]
		if !found {
			first[k] = len(condensed)
			condensed = append(condensed, summary(f, counts[k]))
			continue
		}
		if related := &condensed[i].Related; len(*related) < maxRelated {
			*related = append(*related, finding.Related{Location: f.Location, Message: f.Message})
		}
	}
	return condensed
}

// A kind is what findings have in common that become one.
type kind struct {
	rule, file string
	level      finding.Level
}

// kindOf is the kind of a finding that may become one with others.
func kindOf(f *finding.Finding) (kind, bool) {
	ok := f.Suppressed == nil && Implements(f.Rule) && f.Rule != danglingRef && f.Rule != invalid
	return kind{f.Rule, f.File, f.Level}, ok
}

func summary(f finding.Finding, count int) finding.Finding {
	f.Message += fmt.Sprintf(" (the first of %d in this file)", count)
	f.Related = nil
	f.Fixes = nil
	f.Properties = map[string]any{"count": count}
	return f
}
