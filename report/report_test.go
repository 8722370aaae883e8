package report

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

var update = flag.Bool("update", false, "rewrite the golden files of this package")

// checkout is a source with what makes columns hard: tabs, characters of two
// columns, of two bytes and of two UTF-16 units.
const checkout = `package checkout

import "net/http"

func charge(url string) error {
	名 := "größe 🙂"; resp, err := http.Get(url + 名)
	for i := 0; i < 3; i++ {
		resp, err = http.Post(url,
			"text/plain", nil)
	}
	return err
}
`

const envoy = "route:\n  timeout: 0s # commslint:ignore envoy/timeout-disabled streams of events\n"

var sourceFiles = map[string]string{
	"checkout/charge.go":   checkout,
	"deploy/a b/envoy.yml": envoy,
}

func readSource(path string) ([]byte, error) {
	if s, ok := sourceFiles[path]; ok {
		return []byte(s), nil
	}
	return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}

// testRules stand in for the catalogue, so that its wording may change without
// the formats' tests.
var testRules = []rules.Rule{
	{
		ID: "go/no-timeout", Level: finding.Error, Summary: "an outbound call that may wait for ever",
		Rationale:   "A call without a bound holds its goroutine for as long as the peer likes.",
		Remediation: "Set `http.Client.Timeout`, or give the request a context with a deadline. One of them is enough.",
		Bad:         "http.Get(url)\n", Good: "client.Do(req)\n", Language: "go",
		References: []rules.Reference{{Title: "net/http", URL: "https://pkg.go.dev/net/http#Client"}},
		Precision:  "high", Tags: []string{"reliability", "timeouts"},
	},
	{
		ID: "go/nested-retry", Aliases: []string{"go/retry-in-retry"}, Level: finding.Warning,
		Summary: "a retry around something that itself retries", Precision: "medium",
	},
	{ID: "envoy/timeout-disabled", Level: finding.Off, Summary: "a route without a bound"},
}

func testRule(id string) (*rules.Rule, bool) {
	for i := range testRules {
		if testRules[i].ID == id {
			return &testRules[i], true
		}
	}
	return nil, false
}

func testFindings() []finding.Finding {
	in := func(file string, line, column, endLine, endColumn int) finding.Location {
		return finding.Location{File: file, Line: line, Column: column, EndLine: endLine, EndColumn: endColumn}
	}
	get := strings.Index(strings.Split(checkout, "\n")[5], "http.Get") + 1
	pool := strings.Index(checkout, "\n\nfunc")
	fs := []finding.Finding{
		{
			Rule: "go/no-timeout", Level: finding.Error, Strength: finding.Proven,
			Message:  "http.Get may wait for ever",
			Location: in("checkout/charge.go", 6, get, 6, get+len("http.Get(url + 名)")),
			Related: []finding.Related{
				{Location: in("checkout/charge.go", 3, 8, 3, 18), Message: "the default client [http.DefaultClient] has no timeout"},
				{Location: in("gen/elsewhere.go", 40, 2, 0, 0), Message: "the request is sent here"},
			},
			Fixes: []finding.Fix{{
				Message: "use a client with a timeout",
				Edits: []finding.Edit{
					{File: "checkout/charge.go", Start: strings.Index(checkout, "http.Get"), End: strings.Index(checkout, "(url + "), New: "client.Get"},
					{File: "checkout/charge.go", Start: pool, End: pool, New: "\n\nvar client = &http.Client{Timeout: 5 * time.Second}"},
				},
			}},
			Properties: map[string]any{"library": "net/http", "bound": nil},
		},
		{
			Rule: "go/nested-retry", Level: finding.Warning, Strength: finding.Likely,
			Message:  "3 attempts here times 3 inside: up to 9 requests, 100% of them useless, see a::b, c\nand so on",
			Location: in("checkout/charge.go", 8, 15, 9, 22),
			Related:  []finding.Related{{Location: in("checkout/charge.go", 7, 2, 7, 5), Message: "the outer retry"}},
		},
		{
			Rule: "go/no-timeout", Level: finding.Error, Strength: finding.Proven,
			Message: "http.Post may wait for ever", Location: in("checkout/charge.go", 8, 15, 0, 0),
		},
		{
			Rule: "envoy/timeout-disabled", Level: finding.Warning, Strength: finding.Proven,
			Message: "the route has no time limit", Location: in("deploy/a b/envoy.yml", 2, 3, 2, 14),
			Suppressed: &finding.Suppression{Kind: "inSource", Justification: "streams of events", Location: in("deploy/a b/envoy.yml", 2, 15, 2, 72)},
		},
		{
			Rule: "input/yaml", Level: finding.Error, Strength: finding.Proven,
			Message: "expected a mapping, found a list: write key: value", Location: in("deploy/broken.yml", 3, 1, 0, 0),
		},
		{
			Rule: "envoy/no-health-check", Level: finding.Note, Strength: finding.Possible,
			Message: "cluster payments has no health check", Location: in("deploy/a b/envoy.yml", 0, 0, 0, 0),
		},
		{
			Rule: "graph/retry-cycle", Level: finding.Error, Strength: finding.Proven,
			Message: "orders and payments retry each other",
		},
		{
			Rule: "graph/retry-cycle", Level: finding.Error, Strength: finding.Proven,
			Message: "a and b retry each other.",
			Related: []finding.Related{{Location: in("checkout/charge.go", 7, 2, 7, 5), Message: "a retries"}, {Location: in("checkout/charge.go", 8, 2, 0, 0)}},
		},
	}
	finding.Fingerprints(fs, func(file string) []string { return strings.Split(sourceFiles[file], "\n") })
	return fs
}

func testInput() *Input {
	in := &Input{Findings: testFindings(), FilesAnalysed: 2, Version: "v1.2.3", ReadFile: readSource, Rule: testRule}
	finding.Sort(in.Findings)
	return in
}

func write(t *testing.T, format string, in *Input) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(format, &b, in); err != nil {
		t.Fatalf("Write(%q): %v", format, err)
	}
	return b.Bytes()
}

// golden compares got with a file in testdata, or rewrites that under -update.
// Pages of rules are left out: package rules says what they look like.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	for i := range testRules {
		var page bytes.Buffer
		if err := encode(&page, testRules[i].Markdown()); err != nil {
			t.Fatal(err)
		}
		placeholder := fmt.Sprintf("%q", "the page of "+testRules[i].ID)
		got = bytes.ReplaceAll(got, bytes.TrimSpace(page.Bytes()), []byte(placeholder))
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: run go test ./report -update", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got), rewritten by go test ./report -update:\n%s", path, diff)
	}
}

func TestFormats(t *testing.T) {
	for _, format := range Formats() {
		t.Run(format, func(t *testing.T) {
			golden(t, "all."+format, write(t, format, testInput()))
			golden(t, "none."+format, write(t, format, &Input{FilesAnalysed: 2, Version: "devel", Rule: testRule}))
		})
	}
}

func TestTextInColor(t *testing.T) {
	in := testInput()
	in.Color = true
	golden(t, "color.text", write(t, "text", in))
}

func TestUnknownFormat(t *testing.T) {
	err := Write("xml", &bytes.Buffer{}, testInput())
	want := `unknown format "xml": expected one of text, json, sarif, github, gitlab, junit, checkstyle, rdjson`
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestFormatsAreDeterministic(t *testing.T) {
	for _, format := range Formats() {
		want := write(t, format, testInput())
		for seed := range int64(20) {
			in := testInput()
			rand.New(rand.NewSource(seed)).Shuffle(len(in.Findings), func(i, j int) {
				in.Findings[i], in.Findings[j] = in.Findings[j], in.Findings[i]
			})
			finding.Sort(in.Findings)
			if diff := cmp.Diff(string(want), string(write(t, format, in))); diff != "" {
				t.Fatalf("%s differs for findings in another order (-first +then):\n%s", format, diff)
			}
		}
	}
}

func TestWriteReturnsTheWritersError(t *testing.T) {
	for _, format := range Formats() {
		if err := Write(format, failingWriter{}, testInput()); err == nil {
			t.Errorf("%s: no error from a writer that fails", format)
		}
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, fmt.Errorf("disk full") }

func TestFormatsWithoutSource(t *testing.T) {
	for _, format := range Formats() {
		in := testInput()
		in.ReadFile = nil
		if !bytes.Contains(write(t, format, in), []byte("http.Get may wait for ever")) {
			t.Errorf("%s leaves findings out when sources cannot be read", format)
		}
	}
}

func TestWriteLeavesItsInputAlone(t *testing.T) {
	in := testInput()
	for _, format := range Formats() {
		write(t, format, in)
	}
	if diff := cmp.Diff(testInput().Findings, in.Findings); diff != "" {
		t.Errorf("changed (-before +after):\n%s", diff)
	}
}

func TestSummarize(t *testing.T) {
	want := Summary{
		Findings: 7, Levels: Levels{Error: 5, Warning: 1, Note: 1}, Suppressed: 1,
		Rules:         map[string]int{"go/no-timeout": 2, "go/nested-retry": 1, "input/yaml": 1, "envoy/no-health-check": 1, "graph/retry-cycle": 2},
		FilesAffected: 3, FilesAnalysed: 2, InputsFailed: 1,
	}
	if diff := cmp.Diff(want, Summarize(testInput())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSummaryLine(t *testing.T) {
	tests := map[string]Summary{
		"no findings":                                           {},
		"no findings (2 suppressed)":                            {Suppressed: 2},
		"no findings (2 suppressed, 1 in the baseline)":         {Suppressed: 2, Baseline: &BaselineSummary{Known: 1}},
		"1 error in 1 file":                                     {Levels: Levels{Error: 1}, FilesAffected: 1},
		"3 errors, 2 warnings in 4 files (1 suppressed)":        {Levels: Levels{Error: 3, Warning: 2}, FilesAffected: 4, Suppressed: 1},
		"1 note in 1 file; 1 input could not be analysed":       {Levels: Levels{Note: 1}, FilesAffected: 1, InputsFailed: 1},
		"2 warnings in 2 files; 2 inputs could not be analysed": {Levels: Levels{Warning: 2}, FilesAffected: 2, InputsFailed: 2},
	}
	for want, s := range tests {
		if got := summaryLine(s); got != want {
			t.Errorf("summaryLine(%+v) = %q, want %q", s, got, want)
		}
	}
}
