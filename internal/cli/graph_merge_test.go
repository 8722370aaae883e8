package cli

import (
	"slices"
	"testing"
)

func TestGraphLabels(t *testing.T) {
	tests := []struct{ files, want []string }{
		{[]string{"orders.json", "out/payments.json"}, []string{"orders", "payments"}},
		{[]string{"orders/graph.json", "payments/graph.json", "shop.json"}, []string{"orders/graph", "payments/graph", "shop"}},
		{[]string{"graph.json", "old/graph.v1.json"}, []string{"graph", "graph.v1"}},
		{[]string{"graph", "./x/graph.json"}, []string{"graph", "x/graph"}},
		{[]string{"a/graph.json", "./a/graph.json"}, nil},
	}
	for _, test := range tests {
		got, err := graphLabels(test.files)
		if !slices.Equal(got, test.want) || (err != nil) != (test.want == nil) {
			t.Errorf("%v: got %v, %v; want %v", test.files, got, err, test.want)
		}
	}
}
