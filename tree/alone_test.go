package tree

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestAlone keeps a string where it stands in the file.
func TestAlone(t *testing.T) {
	f, err := Parse("a.yaml", []byte("data:\n  a: |\n    x: 1\n    y: 2\n  b: 'x: 1'\n"))
	if err != nil {
		t.Fatal(err)
	}
	data := f.Root.Get("data")
	if got := string(data.Get("a").Alone()); got != "     \n      \n    x: 1\n    y: 2" {
		t.Errorf("%q", got)
	}
	if data.Get("b").Alone() != nil || data.Alone() != nil || data.Get("c").Alone() != nil {
		t.Error("something that is no literal block stands alone")
	}
}

// TestManyEmbedded reads thousands of strings of one file, of which the later ones have the place of the whole string.
func TestManyEmbedded(t *testing.T) {
	var b strings.Builder
	b.WriteString("data:\n")
	const blocks = 1200
	for i := range blocks {
		fmt.Fprintf(&b, "  k%d: |\n    name: %s\n", i, strings.Repeat("n", 200))
	}
	f, err := Parse("a.yaml", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for i, m := range f.Root.Get("data").Members {
		inside, errs := Embedded(m.Value)
		if len(errs) > 0 {
			t.Fatal(errs[0])
		}
		at := inside.Root.Get("name").Location()
		if i == 0 && at.Line != 3 || at.Line != 2*i+3 && at.Line != 2*i+2 {
			t.Fatalf("string %d is at line %d", i, at.Line)
		}
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("%d strings took %v", blocks, took)
	}
}
