package policy

import (
	"strings"

	"github.com/commslint/commslint/callgraph"
)

// A Rewrite is what a route makes of the paths of requests. The zero Rewrite leaves them alone.
type Rewrite struct {
	// Matched says that To takes the place of what the condition on paths matched: of the prefix, or of the whole path.
	Matched bool
	To      string
	// Fixed is a rewrite that does not depend on what matched.
	Fixed callgraph.Rewrite
}

// of is the rewrite for requests that matched a condition.
func (w *Rewrite) of(match callgraph.PathMatch) callgraph.Rewrite {
	if !w.Matched {
		return w.Fixed
	}
	switch match.Kind {
	case callgraph.AnyPath:
		return callgraph.Rewrite{Prefix: "/", To: w.To}
	case callgraph.ExactPath, callgraph.PrefixPath:
		return callgraph.Rewrite{Prefix: match.Text, To: w.To}
	case callgraph.SegmentsPath: // "/a" and "/a/" are one, and what follows keeps its slash
		return callgraph.Rewrite{Prefix: strings.TrimSuffix(match.Text, "/"), To: strings.TrimSuffix(w.To, "/")}
	case callgraph.RegexPath:
		return callgraph.Rewrite{Pattern: match.Text, To: w.To}
	}
	return callgraph.Rewrite{}
}
