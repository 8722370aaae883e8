package finding

import "fmt"

const (
	// maxRelated is how many further places a finding names.
	maxRelated = 10
	// maxOfRule is how many findings of one rule a document has before they become one. Ten of a kind are
	// a decision of the whole API, which is made once.
	maxOfRule = 10
)

// Condense makes one finding of those of a rule in a file, where there are more than ten of the same
// level and may says so of the rule. It keeps the order, leaves alone what is suppressed, and is for the very
// end: findings are suppressed one by one.
func Condense(findings []Finding, may func(rule string) bool) []Finding {
	counts := map[kind]int{}
	for i := range findings {
		if k, ok := kindOf(&findings[i]), findings[i].Suppressed == nil && may(findings[i].Rule); ok {
			counts[k]++
		}
	}
	var condensed []Finding
	first := map[kind]int{}
	for _, f := range findings {
		k, ok := kindOf(&f), f.Suppressed == nil && may(f.Rule)
		if !ok || counts[k] <= maxOfRule {
			condensed = append(condensed, f)
			continue
		}
		i, found := first[k]
		if !found {
			first[k] = len(condensed)
			condensed = append(condensed, firstOf(f, counts[k]))
			continue
		}
		if related := &condensed[i].Related; len(*related) < maxRelated {
			*related = append(*related, Related{Location: f.Location, Message: f.Message})
		}
	}
	return condensed
}

// A kind is what findings have in common that become one.
type kind struct {
	rule, file string
	level      Level
}

func kindOf(f *Finding) kind { return kind{f.Rule, f.File, f.Level} }

func firstOf(f Finding, count int) Finding {
	f.Message += fmt.Sprintf(" (the first of %d in this file)", count)
	f.Related = nil
	f.Fixes = nil
	f.Properties = map[string]any{"count": count}
	return f
}
