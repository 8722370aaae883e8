package policy

import (
	"testing"

	"github.com/commslint/commslint/callgraph"
)

func TestCovers(t *testing.T) {
	prefix := callgraph.PathMatch{Kind: callgraph.PrefixPath, Text: "/v1"}
	segments := callgraph.PathMatch{Kind: callgraph.SegmentsPath, Text: "/v1"}
	exact := callgraph.PathMatch{Kind: callgraph.ExactPath, Text: "/v1"}
	below := callgraph.PathMatch{Kind: callgraph.ExactPath, Text: "/v1/a"}
	regex := callgraph.PathMatch{Kind: callgraph.RegexPath, Text: "/v1/.*"}
	for _, tt := range []struct {
		first, second callgraph.PathMatch
		want          bool
	}{
		{callgraph.PathMatch{}, regex, true}, {regex, regex, true}, {prefix, regex, false}, {regex, below, false},
		{prefix, segments, true}, {prefix, exact, true}, {segments, prefix, false}, {segments, exact, true}, {segments, below, true},
		{exact, exact, true}, {exact, below, false}, {below, exact, false}, {exact, callgraph.PathMatch{}, false},
	} {
		if got := Covers(tt.first, tt.second); got != tt.want {
			t.Errorf("%v covers %v: %v", tt.first, tt.second, got)
		}
	}
}
