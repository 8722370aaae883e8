package contract

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func sketchOfText(path, title string, paths ...string) *sketch {
	text := "openapi: 3.1.0\ninfo: {title: " + title + ", version: '1'}\npaths:\n"
	for _, p := range paths {
		text += "  " + p + ": {get: {}}\n"
	}
	return sketchOf(path, []byte(text))
}

func TestRenamedDocumentsArePaired(t *testing.T) {
	gone := []*sketch{
		sketchOfText("orders.yaml", "Orders", "/orders", "/orders/{id}", "/carts"),
		sketchOfText("users.yaml", "Users", "/users", "/users/{id}"),
		sketchOfText("old.yaml", "Old", "/a", "/b"),
	}
	fresh := []*sketch{
		sketchOfText("v2/users.yaml", "Users", "/users", "/users/{id}", "/groups"),
		sketchOfText("v2/shop.yaml", "Shop", "/orders", "/orders/{id}", "/carts", "/prices"),
		sketchOfText("v2/payments.yaml", "Payments", "/charges"),
	}
	want := []pair{{"orders.yaml", "v2/shop.yaml"}, {"users.yaml", "v2/users.yaml"}}
	less := func(a, b pair) bool { return a.old < b.old }
	if diff := cmp.Diff(want, pairRenamed(gone, fresh), cmp.AllowUnexported(pair{}), cmpopts.SortSlices(less)); diff != "" {
		t.Errorf("pairs (-want +got):\n%s", diff)
	}
}

// The most alike are paired, each document once, whatever the order.
func TestPairingIsOneToOne(t *testing.T) {
	a, b := sketchOfText("a.yaml", "A", "/x", "/y"), sketchOfText("b.yaml", "A", "/x", "/y", "/z")
	c := sketchOfText("c.yaml", "A", "/x", "/y")
	for _, gone := range [][]*sketch{{a, b}, {b, a}} {
		if got := pairRenamed(gone, []*sketch{c}); len(got) != 1 || got[0] != (pair{"a.yaml", "c.yaml"}) {
			t.Errorf("pairs %v, want a.yaml with c.yaml alone", got)
		}
	}
}

func TestLikeness(t *testing.T) {
	a := sketchOfText("a.yaml", "A", "/x")
	for name, tt := range map[string]struct {
		o         *sketch
		low, high float64
	}{
		"itself":                      {a, 1, 1},
		"another API":                 {sketchOfText("b.yaml", "B", "/q"), 0, 0.4},
		"what is no document":         {sketchOf("c.yaml", []byte("[1")), 0, 0.2},
		"nothing":                     {sketchOf("c.yaml", nil), 0, 0.1},
		"the same text without paths": {newSketch("d.yaml", "A", nil, []byte(strings.Repeat("x\n", 3))), 0, 0.4},
	} {
		if got := a.likeness(tt.o); got < tt.low || got > tt.high || got != tt.o.likeness(a) {
			t.Errorf("%s: %.2f, want %.2f to %.2f and the same both ways", name, got, tt.low, tt.high)
		}
	}
	if got := sketchOf("e", nil).likeness(sketchOf("f", nil)); got != 1 {
		t.Errorf("two empty documents: %.2f, want 1", got)
	}
}
