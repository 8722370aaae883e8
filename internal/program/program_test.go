package program

import (
	"testing"

	"github.com/commslint/commslint/callgraph"
)

func TestSendsNothing(t *testing.T) {
	value := sendsNothing([]callgraph.Package{{Path: "example.com/shop"}, {Path: "gopkg.in/yaml.v3"}})
	for id, want := range map[string]bool{
		"example.com/shop.Run":                  true,
		"example.com/shop.Run$1":                true,
		"(*example.com/shop.Set[T]).Add":        true,
		"(*example.com/shop/pay.Client).Charge": false,
		"(*gopkg.in/yaml.v3.Node).Decode":       true,
		"(gopkg.in/yaml.Node).Decode":           false,
	} {
		if _, got := value(id); got != want {
			t.Errorf("%s: known to send nothing: %v, want %v", id, got, want)
		}
	}
}
