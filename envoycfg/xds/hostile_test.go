package xds

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// bomb is a document of two kilobytes whose aliases stand for 10²⁰ values.
func bomb() string {
	var b strings.Builder
	b.WriteString("static_resources:\n  clusters: &a [{name: a, connect_timeout: 1s}]\n")
	for c := 'b'; c <= 'z'; c++ {
		fmt.Fprintf(&b, "%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c, ", c-1), 10), ", "))
	}
	return b.String()
}

// wideBomb has few levels, so that the tree can be read: a thousand times a thousand times a thousand.
func wideBomb() string {
	thousand := func(item string) string { return strings.TrimSuffix(strings.Repeat(item+", ", 1000), ", ") }
	return "static_resources:\n  clusters:\n" +
		"  - {name: a, load_assignment: {cluster_name: a, endpoints: [&l {lb_endpoints: [" + thousand("{}") + "]}]}}\n" +
		"  - &c {name: b, load_assignment: {cluster_name: b, endpoints: [" + thousand("*l") + "]}}\n" +
		strings.Repeat("  - *c\n", 1000)
}

// Every one of these ends soon, takes little memory, and says what is wrong.
func TestHostileFiles(t *testing.T) {
	const envoy = "static_resources: {clusters: [{name: "
	for name, text := range map[string]string{
		"alias bomb":         bomb(),
		"wide alias bomb":    wideBomb(),
		"10,000 levels":      "static_resources: " + strings.Repeat("{a: ", 10_000),
		"10,000 levels, not": "static_resources: " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000),
		"10,000 JSON levels": `{"static_resources": ` + strings.Repeat(`{"a": `, 10_000),
		"not closed":         envoy + strings.Repeat("a", 1000),
		"not UTF-8":          envoy + "\xff}]}",
		"a key twice":        "static_resources: {}\nstatic_resources: [",
		"itself":             "static_resources: &a [*a]",
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			f := Load("f.yaml", []byte(text))
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if took > 20*time.Second || after.TotalAlloc-before.TotalAlloc > 2<<30 {
				t.Errorf("%v, %d MB", took, (after.TotalAlloc-before.TotalAlloc)>>20)
			}
			if len(f.Findings) == 0 {
				t.Errorf("nothing is said: %d resources", len(f.Resources))
			}
		})
	}
}

// A line of 100 MB is read in a few seconds, whatever is in it.
func TestLongLines(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const size = 100_000_000
	repeat := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, text := range map[string]string{
		"text":       "static_resources: " + repeat("a"),
		"words":      "static_resources: " + repeat("a b "),
		"quoted":     `static_resources: "` + repeat("a") + `"`,
		"items":      "static_resources: {clusters: [" + repeat("1, ") + "]}",
		"JSON":       `{"static_resources": {"clusters": [` + repeat(`1,`) + `1]}}`,
		"indicators": "static_resources: " + repeat("- "),
		"colons":     "static_resources: " + repeat("a: "),
		"comment":    "static_resources: {} # " + repeat("a"),
		"braces":     "static_resources: " + repeat("{{"),
		"variables":  "static_resources: " + repeat("${a"),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			b := []byte(text)
			Sniff(b)
			f := Load("f.yaml", b)
			t.Logf("%v, %d findings", time.Since(start), len(f.Findings))
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
			if len(f.Findings) == 0 && name != "comment" {
				t.Error("nothing is said")
			}
			for _, x := range f.Findings {
				if len(x.Message) > 2000 {
					t.Errorf("a message of %d bytes", len(x.Message))
				}
			}
		})
		runtime.GC()
	}
}

// The files of the corpus, as often as it takes to make 4,000 files.
func BenchmarkLoad(b *testing.B) {
	var texts [][]byte
	for _, folder := range []string{"envoy", "envoy-gateway", "envoy-istio", "envoy-kuma"} {
		for _, text := range files(b, folder) {
			texts = append(texts, text)
		}
	}
	size := 0
	for b.Loop() {
		size = 0
		for i := range 4000 {
			text := texts[i%len(texts)]
			size += len(text)
			if Sniff(text) {
				Load("f.yaml", text)
			}
		}
	}
	b.ReportMetric(float64(size)/1e6, "MB/op")
}

// What is none of Envoy's costs a look for some words.
func BenchmarkSniffOthers(b *testing.B) {
	text := bytes.Repeat([]byte("apiVersion: v1\nkind: Service\nspec: {ports: [{port: 80}]}\n---\n"), 16<<10)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if Sniff(text) {
			b.Fatal("taken for Envoy's")
		}
	}
}
