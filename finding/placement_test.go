package finding

import (
	"slices"
	"strings"
	"testing"
)

func TestGoDirectivesTarget(t *testing.T) {
	tests := map[string]struct {
		src    string
		target []int // of each directive, in order; 0 for a file-wide one
	}{
		"trailing":              {"package p\nvar a = 1 //commslint:ignore go/a r\n", []int{2}},
		"alone":                 {"package p\n//commslint:ignore go/a r\nvar a = 1\n", []int{3}},
		"indented":              {"package p\nfunc f() {\n\t//commslint:ignore go/a r\n\tg()\n}\n", []int{4}},
		"stacked":               {"package p\n//commslint:ignore go/a r\n//commslint:ignore go/b r\nvar a = 1\n", []int{4, 4}},
		"inside a doc comment":  {"package p\n\n// F does.\n//\n//commslint:ignore go/a r\n// More.\nfunc F() {}\n", []int{7}},
		"a gap ends the group":  {"package p\n//commslint:ignore go/a r\n\n// F does.\nfunc F() {}\n", []int{3}},
		"above a trailing one":  {"package p\n//commslint:ignore go/a r\nvar a = 1 //commslint:ignore go/b r\n", []int{3, 3}},
		"below a trailing one":  {"package p\nvar a = 1 //commslint:ignore go/b r\n//commslint:ignore go/a r\nvar b = 1\n", []int{2, 4}},
		"block before code":     {"package p\n/*commslint:ignore go/a r*/ var a = 1\n", []int{2}},
		"block of two lines":    {"package p\n/*commslint:ignore go/a r\n*/\nvar a = 1\n", []int{4}},
		"carriage returns":      {"package p\r\n//commslint:ignore go/a r\r\n// more\r\nvar a = 1\r\n", []int{4}},
		"nolint":                {"package p\nvar a = 1 //nolint:commslint // r\n", []int{2}},
		"not in strings":        {"package p\nvar a = \"//commslint:ignore go/a r\"\nvar b = `\n//commslint:ignore go/a r\n`\n", nil},
		"source with an error":  {"package p\nvar a = = \"\n//commslint:ignore go/a r\nvar b\n", []int{4}},
		"last line without end": {"package p\nvar a = 1 //commslint:ignore go/a r", []int{2}},
		"empty":                 {"", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []int
			for _, d := range GoDirectives("p.go", []byte(tt.src)) {
				if d.File != "p.go" || d.Reason != "r" {
					t.Errorf("directive %+v, want file p.go and reason r", d)
				}
				got = append(got, d.Target())
			}
			if !slices.Equal(got, tt.target) {
				t.Errorf("targets %v, want %v", got, tt.target)
			}
		})
	}
}

func TestTextDirectivesTarget(t *testing.T) {
	tests := map[string]struct {
		marker, src string
		target      []int
	}{
		"trailing":         {"#", "a: 1 # commslint:ignore envoy/a r\n", []int{1}},
		"alone":            {"#", "# commslint:ignore envoy/a r\na: 1\n", []int{2}},
		"stacked":          {"#", "# commslint:ignore envoy/a r\n# words\n  # commslint:ignore envoy/b r\na: 1\n", []int{4, 4}},
		"after a gap":      {"#", "# commslint:ignore envoy/a r\n\n# words\na: 1\n", []int{2}},
		"trailing, below":  {"#", "a: 1 # commslint:ignore envoy/a r\n# commslint:ignore envoy/b r\nb: 1\n", []int{1, 3}},
		"not in a scalar":  {"#", "a: x#commslint:ignore envoy/a r\n", nil},
		"after another":    {"#", "a: 1 # why # commslint:ignore envoy/a r\n", []int{1}},
		"carriage returns": {"#", "# commslint:ignore envoy/a r\r\n# words\r\na: 1\r\n", []int{3}},
		"proto":            {"//", "message M {\n  int32 a = 1; // commslint:ignore proto/a r\n}\n", []int{2}},
		"url":              {"//", "// https://example.com\n// commslint:ignore proto/a r\nmessage M {}", []int{3}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []int
			for _, d := range TextDirectives("f", []byte(tt.src), tt.marker) {
				if d.Reason != "r" {
					t.Errorf("reason %q, want r", d.Reason)
				}
				got = append(got, d.Target())
			}
			if !slices.Equal(got, tt.target) {
				t.Errorf("targets %v, want %v", got, tt.target)
			}
		})
	}
}

func TestDirectiveLocationCountsBytes(t *testing.T) {
	src := []byte("package p\nf(é)  //commslint:ignore go/a r\n")
	want := Location{File: "f", Line: 2, Column: 8, EndLine: 2, EndColumn: 33}
	for name, d := range map[string][]PlacedDirective{
		"go":   GoDirectives("f", src),
		"text": TextDirectives("f", src, "//"),
	} {
		if len(d) != 1 || d[0].Location != want {
			t.Errorf("%s: %+v, want one at %+v", name, d, want)
		}
	}
}

func TestRemoval(t *testing.T) {
	tests := map[string][2]string{
		"trailing":         {"package p\nvar a = 1 \t//commslint:ignore go/a r\nvar b = 1\n", "package p\nvar a = 1\nvar b = 1\n"},
		"alone":            {"package p\n\t//commslint:ignore go/a r\nvar b = 1\n", "package p\nvar b = 1\n"},
		"alone with CR":    {"package p\r\n//commslint:ignore go/a r\r\nvar b = 1\r\n", "package p\r\nvar b = 1\r\n"},
		"trailing with CR": {"package p\r\nvar b = 1 //commslint:ignore go/a r\r\n", "package p\r\nvar b = 1\r\n"},
		"at the end":       {"package p\n//commslint:ignore go/a r", "package p\n"},
	}
	for name, tt := range tests {
		src, want := tt[0], tt[1]
		for frontend, ds := range map[string][]PlacedDirective{
			"go":   GoDirectives("f", []byte(src)),
			"text": TextDirectives("f", []byte(src), "//"),
		} {
			if len(ds) != 1 {
				t.Fatalf("%s, %s: %d directives, want 1", name, frontend, len(ds))
			}
			e := ds[0].Removal
			if got := src[:e.Start] + e.New + src[e.End:]; got != want {
				t.Errorf("%s, %s: %q without the directive is %q, want %q", name, frontend, src, got, want)
			}
		}
	}
}

func TestGoDirectivesAgreeWithTextDirectives(t *testing.T) {
	src := strings.Repeat("//commslint:ignore go/a r\n// words\n\nx() //commslint:ignore go/b r\n", 3)
	g, x := GoDirectives("f", []byte(src)), TextDirectives("f", []byte(src), "//")
	if len(g) != 6 || len(x) != 6 {
		t.Fatalf("%d and %d directives, want 6", len(g), len(x))
	}
	for i := range g {
		if g[i].Location != x[i].Location || g[i].Target() != x[i].Target() || g[i].Removal != x[i].Removal {
			t.Errorf("directive %d: %+v read as Go, %+v read as text", i, g[i], x[i])
		}
	}
}

func FuzzGoDirectives(f *testing.F) {
	f.Add("package p\n/*commslint:ignore go/a r\n*/ //commslint:ignore go/b r\r\n\"")
	f.Add("//commslint:ignore go/a r\r")
	f.Fuzz(func(t *testing.T, src string) {
		for _, d := range GoDirectives("f", []byte(src)) {
			e := d.Removal
			if e.Start < 0 || e.Start > e.End || e.End > len(src) {
				t.Errorf("removal %+v outside of %d bytes", e, len(src))
			}
			if d.Line < 1 || d.EndLine < d.Line || d.Target() < d.Line {
				t.Errorf("misplaced: %+v", d)
			}
		}
	})
}
