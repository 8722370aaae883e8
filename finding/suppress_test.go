package finding

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const today = "2026-06-15"

// place puts a trailing directive with the given comment on a line of a.go.
func place(t *testing.T, line int, comment string) PlacedDirective {
	t.Helper()
	d, ok := ParseDirective(comment)
	if !ok {
		t.Fatalf("%q is no directive", comment)
	}
	return PlacedDirective{Directive: d, Location: Location{File: "a.go", Line: line, Column: 9, EndLine: line, EndColumn: 40}}
}

func at(file string, line int, rule string) Finding {
	return Finding{Rule: rule, Level: Error, Strength: Proven, Message: "m", Location: Location{File: file, Line: line, Column: 2}}
}

// summary writes findings as "file:line rule", with the justification of
// suppressed ones behind.
func summary(fs []Finding) []string {
	var out []string
	for _, f := range fs {
		s := f.File + ":" + string(rune('0'+f.Line)) + " " + f.Rule
		if f.Suppressed != nil {
			s += " (" + f.Suppressed.Justification + ")"
		}
		out = append(out, s)
	}
	return out
}

func TestApply(t *testing.T) {
	resolve := func(id string) (string, bool) {
		if id == "OLD_A" {
			return "go/a", true
		}
		return id, slices.Contains([]string{"go/a", "go/b", "input/go", "suppress/unused"}, id)
	}
	tests := map[string]struct {
		findings   []Finding
		directives []PlacedDirective
		opts       ApplyOptions
		want       []string
	}{
		"on the line": {
			findings:   []Finding{at("a.go", 3, "go/a"), at("a.go", 4, "go/a"), at("b.go", 3, "go/a")},
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore go/a why")},
			want:       []string{"a.go:3 go/a (why)", "a.go:4 go/a", "b.go:3 go/a"},
		},
		"another rule": {
			findings:   []Finding{at("a.go", 3, "go/b")},
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore go/a why")},
			want:       []string{"a.go:3 go/b", "a.go:3 suppress/unused"},
		},
		"a rule whose name begins alike": {
			findings:   []Finding{at("a.go", 3, "go/a-longer")},
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore go/a why")},
			want:       []string{"a.go:3 go/a-longer", "a.go:3 suppress/unused"},
		},
		"wildcard": {
			findings:   []Finding{at("a.go", 3, "go/a"), at("a.go", 3, "graph/a")},
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore go/* why")},
			want:       []string{"a.go:3 go/a (why)", "a.go:3 graph/a"},
		},
		"alias": {
			findings:   []Finding{at("a.go", 3, "go/a")},
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore OLD_A why")},
			want:       []string{"a.go:3 go/a (why)"},
		},
		"nolint": {
			findings:   []Finding{at("a.go", 3, "go/a"), at("a.go", 3, "graph/a")},
			directives: []PlacedDirective{place(t, 3, "//nolint:commslint // why")},
			want:       []string{"a.go:3 go/a (why)", "a.go:3 graph/a (why)"},
		},
		"file-wide": {
			findings:   []Finding{at("a.go", 3, "go/a"), at("a.go", 0, "go/a"), at("a.go", 3, "go/b"), at("b.go", 1, "go/a")},
			directives: []PlacedDirective{place(t, 9, "//commslint:file-ignore go/a why")},
			want:       []string{"a.go:0 go/a (why)", "a.go:3 go/a (why)", "a.go:3 go/b", "b.go:1 go/a"},
		},
		"the line's reason wins over the file's and both are used": {
			findings: []Finding{at("a.go", 3, "go/a")},
			directives: []PlacedDirective{
				place(t, 1, "//commslint:file-ignore go/a file"), place(t, 3, "//commslint:ignore go/a line")},
			want: []string{"a.go:3 go/a (line)"},
		},
		"part of a list is unused": {
			findings:   []Finding{at("a.go", 3, "go/a")},
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore go/a,go/b why")},
			want:       []string{"a.go:3 go/a (why)", "a.go:3 suppress/unused"},
		},
		"no reason": {
			findings:   []Finding{at("a.go", 3, "go/a")},
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore go/a")},
			want:       []string{"a.go:3 go/a", "a.go:3 suppress/no-reason"},
		},
		"unknown rule": {
			findings:   []Finding{at("a.go", 3, "go/x")},
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore go/x why")},
			want:       []string{"a.go:3 go/x", "a.go:3 suppress/unused"},
		},
		"on its last day": {
			findings:   []Finding{at("a.go", 3, "go/a")},
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore go/a until=2026-06-15 why")},
			want:       []string{"a.go:3 go/a (why)"},
		},
		"expired": {
			findings:   []Finding{at("a.go", 3, "go/a")},
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore go/a until=2026-06-14 why")},
			want:       []string{"a.go:3 go/a"},
		},
		"expired and unused": {
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore go/a until=2026-06-14 why")},
			want:       []string{"a.go:3 suppress/unused"},
		},
		"a rule that did not run": {
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore go/a,go/b why")},
			opts:       ApplyOptions{Ran: func(r string) bool { return r != "go/a" && r != "go/b" }},
			want:       nil,
		},
		"input failures stay": {
			findings:   []Finding{at("a.go", 3, "input/go")},
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore input/* why"), place(t, 3, "//nolint:commslint // why")},
			want:       []string{"a.go:3 input/go", "a.go:3 suppress/unused"},
		},
		"nothing is unused beside an input that failed": {
			findings:   []Finding{at("b.go", 1, "input/go")},
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore go/a why")},
			want:       []string{"b.go:1 input/go"},
		},
		"nor in a directory that failed as a whole": {
			findings:   []Finding{at(".", 0, "input/go")},
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore go/a why")},
			want:       []string{".:0 input/go"},
		},
		"but it is beside one in another directory": {
			findings:   []Finding{at("b/b.go", 1, "input/go")},
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore go/a why")},
			want:       []string{"a.go:3 suppress/unused", "b/b.go:1 input/go"},
		},
		"unused ones can be suppressed by name": {
			directives: []PlacedDirective{
				place(t, 3, "//commslint:ignore go/a used on Windows"), place(t, 3, "//commslint:ignore suppress/unused other systems")},
			want: []string{"a.go:3 suppress/unused (other systems)"},
		},
		"and that can be unused": {
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore suppress/unused other systems")},
			want:       []string{"a.go:3 suppress/unused"},
		},
		"wildcards do not reach suppressions": {
			directives: []PlacedDirective{place(t, 3, "//commslint:ignore go/a why"), place(t, 3, "//nolint:commslint // why")},
			want:       []string{"a.go:3 suppress/unused", "a.go:3 suppress/unused"},
		},
		"a missing reason cannot be suppressed": {
			directives: []PlacedDirective{
				place(t, 3, "//commslint:ignore go/a"), place(t, 3, "//commslint:ignore suppress/* why")},
			want: []string{"a.go:3 suppress/no-reason", "a.go:3 suppress/unused"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.opts.Today, tt.opts.Resolve = today, resolve
			if diff := cmp.Diff(tt.want, summary(Apply(tt.findings, tt.directives, tt.opts))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			slices.Reverse(tt.directives)
			if diff := cmp.Diff(tt.want, summary(Apply(tt.findings, tt.directives, tt.opts))); diff != "" {
				t.Errorf("with the directives reversed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestApplyLeavesItsArgumentsAlone(t *testing.T) {
	findings := make([]Finding, 2, 8)
	findings[0], findings[1] = at("a.go", 3, "go/a"), at("a.go", 2, "go/a")
	findings[0].Related = make([]Related, 1, 8)
	before := slices.Clone(findings)
	Apply(findings, []PlacedDirective{place(t, 3, "//commslint:ignore go/a why"),
		place(t, 3, "//commslint:ignore go/a until=2001-01-01 why")}, ApplyOptions{Today: today})
	if diff := cmp.Diff(before, findings); diff != "" {
		t.Errorf("changed (-before +after):\n%s", diff)
	}
	if r := findings[0].Related[:2][1]; r != (Related{}) {
		t.Errorf("wrote behind the related locations: %+v", r)
	}
}

func TestApplyKeepsAnEarlierSuppression(t *testing.T) {
	f := at("a.go", 3, "go/a")
	f.Suppressed = &Suppression{Kind: "external", Justification: "excluded"}
	got := summary(Apply([]Finding{f}, []PlacedDirective{place(t, 3, "//commslint:ignore go/a why")}, ApplyOptions{}))
	if diff := cmp.Diff([]string{"a.go:3 go/a (excluded)"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestApplySaysWhatIsWrong(t *testing.T) {
	tests := map[string]string{
		"//commslint:ignore go/a why":                  "go/a finds nothing to suppress on line 3: delete the directive",
		"//commslint:file-ignore go/a why":             "go/a finds nothing to suppress in this file: delete the directive",
		"//commslint:ignore go/a until=2001-01-01 why": "go/a finds nothing to suppress on line 3: delete the directive, which expired on 2001-01-01",
		"//nolint:commslint // why":                    "commslint finds nothing to suppress on line 3: delete the directive",
		"//commslint:ignore go/x,go/a why":             "there is no rule go/x (commslint rules lists them); go/a finds nothing to suppress on line 3: take it off the list",
		"//commslint:ignore go/aa why":                 "there is no rule go/aa; did you mean go/a? (commslint rules lists them)",
		"//commslint:ignore input/go why":              "input/go cannot be suppressed by a comment: exclude the file in the configuration",
		"//commslint:ignore go/a":                      "this directive suppresses nothing: it gives no reason: write why after the rule, as in commslint:ignore go/a reason",
	}
	for comment, want := range tests {
		fs := Apply(nil, []PlacedDirective{place(t, 3, comment)}, ApplyOptions{
			Today:   today,
			Resolve: func(id string) (string, bool) { return id, id != "go/x" && id != "go/aa" },
			Nearest: func(id string) (string, bool) { return "go/a", id == "go/aa" },
		})
		if len(fs) != 1 || fs[0].Message != want {
			t.Errorf("%s: %+v, want message %q", comment, fs, want)
		}
	}
}

// What is misspelt silences nothing, but was meant for something: a fix would
// take the reason away with it.
func TestApplyKeepsMisspeltDirectives(t *testing.T) {
	tests := map[string]int{
		"//commslint:ignore go/a why":      1,
		"//commslint:ignore go/x why":      0,
		"//commslint:ignore go/x,go/a why": 0,
	}
	for comment, want := range tests {
		d := place(t, 3, comment)
		d.Removal = Edit{File: d.File, Start: 20, End: 51}
		fs := Apply(nil, []PlacedDirective{d}, ApplyOptions{
			Resolve: func(id string) (string, bool) { return id, id != "go/x" },
		})
		if len(fs) != 1 || len(fs[0].Fixes) != want {
			t.Errorf("%s: %+v, want %d fixes", comment, fs, want)
		}
	}
}

func TestApplyShowsWhatExpired(t *testing.T) {
	d := place(t, 3, "//commslint:ignore go/a until=2001-01-01 why")
	fs := Apply([]Finding{at("a.go", 3, "go/a")}, []PlacedDirective{d}, ApplyOptions{Today: today})
	want := []Related{{Location: d.Location, Message: "the suppression here expired on 2001-01-01"}}
	if diff := cmp.Diff(want, fs[0].Related); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestApplyMendsWhatIsUnused(t *testing.T) {
	src := "package p\n\nvar a = 1 //commslint:ignore go/a why\nvar b = 1 //commslint:ignore go/a,go/b why\n"
	fs := Apply([]Finding{at("a.go", 4, "go/b")}, GoDirectives("a.go", []byte(src)), ApplyOptions{})
	if len(fs) != 3 || len(fs[0].Fixes) != 1 || len(fs[2].Fixes) != 0 {
		t.Fatalf("want one fix for line 3 and, because the directive is of use, none for line 4: %+v", fs)
	}
	e := fs[0].Fixes[0].Edits[0]
	if got := src[:e.Start] + e.New + src[e.End:]; !strings.Contains(got, "var a = 1\nvar b") {
		t.Errorf("fixed source is %q", got)
	}
}
