package manifest_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/envoycfg/manifest"
)

// TestHostile reads texts that are made to cost time or memory.
func TestHostile(t *testing.T) {
	const head = "apiVersion: projectcontour.io/v1\nkind: HTTPProxy\nmetadata: {name: a}\n"
	bomb := head + "a: &a [1, 2]\n"
	for i := 'b'; i <= 'z'; i++ {
		bomb += fmt.Sprintf("%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", i, i, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1)
	}
	for name, tt := range map[string]struct {
		text   string
		failed bool
	}{
		"aliases of aliases":    {bomb, true},
		"10 000 levels":         {head + "spec: " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "\n", true},
		"30 MB in one line":     {head + "spec: {a: \"" + strings.Repeat("kind: Service apiVersion: ", 30<<20/26) + "\"}\n", false},
		"a million documents":   {strings.Repeat("---\na: 1\n", 1_000_000) + "---\n" + head, false},
		"a million braces":      {head + "a: \"" + strings.Repeat("{{ ", 1_000_000) + "\"\n", false},
		"no end of a string":    {head + "spec: \"" + strings.Repeat("a", 1<<20), true},
		"no text of characters": {head + "a: \xff\xfe\n", true},
	} {
		start := time.Now()
		known := manifest.Sniff([]byte(tt.text))
		f := manifest.Read("a.yaml", []byte(tt.text))
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: %v", name, took)
		}
		if !known || len(f.Errors) > 0 != tt.failed {
			t.Errorf("%s: known %v, errors %v", name, known, f.Errors)
		}
	}
}

// BenchmarkRead reads 4000 files of 10 KB, of which one in ten is of a known kind.
func BenchmarkRead(b *testing.B) {
	other := bytes.Repeat([]byte("apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n  namespace: b\ndata:\n  key: dmFsdWU=\n---\n"), 110)
	known := bytes.Repeat([]byte("apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  namespace: b\nspec:\n  ports:\n  - port: 80\n---\n"), 110)
	b.SetBytes(4000 * int64(len(other)))
	for b.Loop() {
		for i := range 4000 {
			text := other
			if i%10 == 0 {
				text = known
			}
			if manifest.Sniff(text) {
				manifest.Read("a.yaml", text)
			}
		}
	}
}
