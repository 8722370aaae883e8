package policy

import (
	"slices"
	"strings"

	"github.com/commslint/commslint/callgraph"
)

// Covers reports whether all requests with paths that the second condition takes are taken by the first one, too. It is false where that
// cannot be told, as of regular expressions that differ.
func Covers(first, second callgraph.PathMatch) bool {
	fixed := second.Kind == callgraph.ExactPath || second.Kind == callgraph.PrefixPath || second.Kind == callgraph.SegmentsPath
	switch first.Kind {
	case callgraph.AnyPath:
		return true
	case callgraph.PrefixPath:
		return fixed && strings.HasPrefix(second.Text, first.Text)
	case callgraph.SegmentsPath:
		below := fixed && strings.HasPrefix(second.Text, strings.TrimSuffix(first.Text, "/")+"/")
		return below || second.Text == first.Text && (second.Kind == callgraph.ExactPath || second.Kind == callgraph.SegmentsPath)
	}
	return first == second
}

// shadows reports whether routes of the same document that stand before another one take all of its requests with a method.
func shadows(before []Route, route *Route, method string) bool {
	return route.Owner != nil && !slices.ContainsFunc(route.Matches, func(m callgraph.RouteMatch) bool {
		return !slices.ContainsFunc(before, func(r Route) bool {
			return r.Owner == route.Owner && slices.ContainsFunc(r.Matches, func(first callgraph.RouteMatch) bool {
				return !first.Conditional && slices.Contains(first.Methods, method) && first.Sidecar == m.Sidecar &&
					slices.Equal(first.Hosts, m.Hosts) && Covers(first.Path, m.Path)
			})
		})
	})
}
