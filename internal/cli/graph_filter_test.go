package cli

import (
	"testing"

	"github.com/commslint/commslint/callgraph"
)

// A target is known by its name and by that of its service; a function is not a target.
func TestServedBy(t *testing.T) {
	g := &callgraph.Graph{Nodes: []callgraph.GraphNode{
		{ID: "POST {base}/authorisations", Kind: callgraph.OperationNode, Service: "bank"},
		{ID: "GET {url}", Kind: callgraph.OperationNode},
		{ID: "shop.Pay", Kind: callgraph.FunctionNode, Service: "bank"},
	}}
	for _, tt := range []struct {
		pattern, id string
		want        bool
	}{
		{"bank", "POST {base}/authorisations", true},
		{"authorisations", "POST {base}/authorisations", true},
		{"b*k", "POST {base}/authorisations", true},
		{"bank", "GET {url}", false},
		{"bank", "shop.Pay", false},
		{"shop", "POST {base}/authorisations", false},
	} {
		if got := servedBy(g, nameFilter([]string{tt.pattern}))(tt.id); got != tt.want {
			t.Errorf("--to %s: %s is %v, want %v", tt.pattern, tt.id, got, tt.want)
		}
	}
}
