package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/commslint/commslint/finding"
)

// An element is what a schema says of an XML element: which attributes it has and
// which elements it holds. Attributes that must be there end with an exclamation mark.
type element struct {
	attributes []string
	children   []string
	text       bool
}

// junitElements is what Jenkins' xUnit plugin lets pass (junit-10.xsd), as far as it is used.
var junitElements = map[string]element{
	"testsuites": {attributes: []string{"name", "time", "tests", "failures", "errors"}, children: []string{"testsuite"}},
	"testsuite": {
		attributes: []string{"name!", "tests!", "failures!", "errors!", "group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
		children:   []string{"testsuite", "properties", "testcase", "system-out", "system-err"},
	},
	"testcase": {attributes: []string{"name!", "time", "classname", "group"}, children: []string{"skipped", "error", "failure", "system-out", "system-err"}},
	"skipped":  {attributes: []string{"type", "message"}, text: true},
	"error":    {attributes: []string{"type", "message"}, text: true},
	"failure":  {attributes: []string{"type", "message"}, text: true},
}

// checkstyleElements is what Checkstyle's own schema lets pass (checkstyle-report-1.0.0.xsd).
var checkstyleElements = map[string]element{
	"checkstyle": {attributes: []string{"version"}, children: []string{"file", "exception", "error"}},
	"file":       {attributes: []string{"name!"}, children: []string{"error", "exception"}},
	"error":      {attributes: []string{"column", "line", "message", "severity", "source"}},
}

// checkXML reports the first place where a document is not well-formed or not what
// the elements allow.
func checkXML(document []byte, root string, elements map[string]element) error {
	d := xml.NewDecoder(bytes.NewReader(document))
	open := []string{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if err := checkElement(token, open, root, elements); err != nil {
				return err
			}
			open = append(open, token.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(bytes.TrimSpace(token)) > 0 && (len(open) == 0 || !elements[open[len(open)-1]].text) {
				return fmt.Errorf("text %q in %v", token, open)
			}
		}
	}
}

func checkElement(start xml.StartElement, open []string, root string, elements map[string]element) error {
	name := start.Name.Local
	e, known := elements[name]
	switch {
	case !known:
		return fmt.Errorf("unknown element %s", name)
	case len(open) == 0 && name != root:
		return fmt.Errorf("the root is %s, want %s", name, root)
	case len(open) > 0 && !slices.Contains(elements[open[len(open)-1]].children, name):
		return fmt.Errorf("%s in %v", name, open)
	}
	var has []string
	for _, a := range start.Attr {
		if has = append(has, a.Name.Local); !slices.Contains(e.attributes, a.Name.Local) && !slices.Contains(e.attributes, a.Name.Local+"!") {
			return fmt.Errorf("%s has an attribute %s", name, a.Name.Local)
		}
		if n, err := strconv.Atoi(a.Value); (a.Name.Local == "line" || a.Name.Local == "column") && (err != nil || n < 1) {
			return fmt.Errorf("%s %q is no positive number", a.Name.Local, a.Value)
		}
		if a.Name.Local == "severity" && !slices.Contains([]string{"error", "warning", "info"}, a.Value) {
			return fmt.Errorf("severity %q is unknown", a.Value)
		}
	}
	for _, a := range e.attributes {
		if required, ok := strings.CutSuffix(a, "!"); ok && !slices.Contains(has, required) {
			return fmt.Errorf("%s has no attribute %s", name, required)
		}
	}
	return nil
}

// hostile is text that breaks reports which are put together carelessly.
const hostile = "]]> </failure> \"<&'\x00\x01\x1b[31m\r\n\ufffe\uffff\u202e\xff\xc0 名 🙂"

func hostileInput() *Input {
	in := testInput()
	for i := range in.Findings {
		f := &in.Findings[i]
		f.Message += hostile
		f.File = strings.ReplaceAll(f.File, "envoy.yml", "<&\">\x02.yml")
		for j := range f.Related {
			f.Related[j].Message += hostile
		}
		if f.Suppressed != nil {
			f.Suppressed.Justification += hostile
		}
	}
	return in
}

func TestXMLIsValid(t *testing.T) {
	for format, schema := range map[string]struct {
		root     string
		elements map[string]element
	}{"junit": {"testsuites", junitElements}, "checkstyle": {"checkstyle", checkstyleElements}} {
		for name, in := range map[string]*Input{"everything": testInput(), "nothing": {}, "hostile": hostileInput()} {
			if err := checkXML(write(t, format, in), schema.root, schema.elements); err != nil {
				t.Errorf("%s of %s: %v", format, name, err)
			}
		}
		good := string(write(t, format, testInput()))
		for _, edit := range [][2]string{
			{"<" + schema.root, "<other"}, {` name="`, ` nam="`}, {` name="`, ` n="1" name="`},
			{"</" + schema.root + ">", "stray</" + schema.root + ">"}, {"</" + schema.root + ">", ""}, {` message="`, " message=\"\x01"},
		} {
			if bad := strings.Replace(good, edit[0], edit[1], 1); bad == good || checkXML([]byte(bad), schema.root, schema.elements) == nil {
				t.Errorf("%s with %q instead of %q passes as valid", format, edit[1], edit[0])
			}
		}
	}
}

func TestHostileTextSurvives(t *testing.T) {
	var r checkstyleReport
	if err := xml.Unmarshal(write(t, "checkstyle", hostileInput()), &r); err != nil {
		t.Fatal(err)
	}
	want := "http.Post may wait for ever]]> </failure> \"<&'\ufffd\ufffd\ufffd[31m\r\n\ufffd\ufffd\u202e\ufffd\ufffd 名 🙂"
	found := false
	for _, e := range r.Files[0].Errors {
		found = found || e.Message == want
	}
	if !found {
		t.Errorf("no message is %q: %+v", want, r.Files[0].Errors)
	}
	for _, format := range []string{"json", "sarif", "gitlab", "rdjson"} {
		if report := write(t, format, hostileInput()); !json.Valid(report) {
			t.Errorf("%s is no JSON:\n%s", format, report)
		}
	}
}

func TestJUnitCounts(t *testing.T) {
	in := testInput()
	again := in.Findings[slices.IndexFunc(in.Findings, func(f finding.Finding) bool { return f.Message == "http.Post may wait for ever" })]
	again.Line = 10
	in.Findings = append(in.Findings, again)
	finding.Sort(in.Findings)
	var r junitReport
	if err := xml.Unmarshal(write(t, "junit", in), &r); err != nil {
		t.Fatal(err)
	}
	if r.Tests != 9 || r.Failures != 7 || r.Errors != 1 {
		t.Errorf("%d tests, %d failures, %d errors; want 9, 7, 1", r.Tests, r.Failures, r.Errors)
	}
	names := map[string]bool{}
	for _, s := range r.Suites {
		failures, errs, skipped := 0, 0, 0
		for _, c := range s.Cases {
			if key := c.ClassName + " " + c.Name; names[key] {
				t.Errorf("two tests are called %q", key)
			} else {
				names[key] = true
			}
			failures += count01(c.Failure)
			errs += count01(c.Error)
			skipped += count01(c.Skipped)
		}
		if len(s.Cases) != s.Tests || failures != s.Failures || errs != s.Errors || skipped != s.Skipped {
			t.Errorf("%s says %d, %d, %d, %d and holds %d tests, %d failures, %d errors, %d skipped",
				s.Name, s.Tests, s.Failures, s.Errors, s.Skipped, len(s.Cases), failures, errs, skipped)
		}
	}
	if !names["checkout/charge.go go/no-timeout: http.Post may wait for ever (2)"] {
		t.Errorf("the second of two alike has no number: %v", names)
	}
}

func count01(r *junitReason) int {
	if r == nil {
		return 0
	}
	return 1
}

// GitLab stops reading at the first issue without one of these, and shows one of each
// fingerprint (docs.gitlab.com, "Code Quality report format").
func TestGitLabIssues(t *testing.T) {
	in := testInput()
	in.Findings[1].Fingerprint = in.Findings[0].Fingerprint
	var issues []struct {
		Description string `json:"description"`
		CheckName   string `json:"check_name"`
		Fingerprint string `json:"fingerprint"`
		Severity    string `json:"severity"`
		Location    struct {
			Path  string `json:"path"`
			Lines struct {
				Begin int `json:"begin"`
			} `json:"lines"`
		} `json:"location"`
	}
	report := write(t, "gitlab", in)
	if err := json.Unmarshal(report, &issues); err != nil {
		t.Fatal(err)
	}
	if len(issues) != 7 || bytes.Contains(report, []byte("no time limit")) {
		t.Errorf("%d issues, want the 7 findings that are not suppressed", len(issues))
	}
	seen := map[string]bool{}
	for _, i := range issues {
		if i.Description == "" || i.CheckName == "" || i.Fingerprint == "" || i.Location.Path == "" || i.Location.Lines.Begin < 1 || path.IsAbs(i.Location.Path) {
			t.Errorf("GitLab does not read %+v", i)
		}
		if !slices.Contains([]string{"info", "minor", "major", "critical", "blocker"}, i.Severity) {
			t.Errorf("severity %q is none of GitLab's", i.Severity)
		}
		if seen[i.Fingerprint] {
			t.Errorf("fingerprint %s is there twice", i.Fingerprint)
		}
		seen[i.Fingerprint] = true
	}
}

func TestRDJSONIsValid(t *testing.T) {
	schema := publishedSchema(t, "rdjson.schema.json", "rdjson-schema")
	withoutSource := testInput()
	withoutSource.ReadFile = nil
	for name, in := range map[string]*Input{"everything": testInput(), "nothing": {}, "hostile": hostileInput(), "without source": withoutSource} {
		if err := validate(schema, write(t, "rdjson", in)); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
	}
	good := write(t, "rdjson", testInput())
	for _, edit := range [][2]string{{`"ERROR"`, `"error"`}, {`"line": 7`, `"line": "7"`}, {`"diagnostics": [`, `"diagnostics": [1,`}} {
		bad := bytes.Replace(good, []byte(edit[0]), []byte(edit[1]), 1)
		if bytes.Equal(bad, good) || validate(schema, bad) == nil {
			t.Errorf("%s instead of %s passes as valid", edit[1], edit[0])
		}
	}
}

// A suggestion does what the fix does, in one piece.
func TestRDJSONSuggestions(t *testing.T) {
	in := testInput()
	var fixed *finding.Finding
	for i := range in.Findings {
		if len(in.Findings[i].Fixes) > 0 {
			fixed = &in.Findings[i]
		}
	}
	src := newSources(in).file(fixed.File)
	got := rdSuggestions(src, fixed.File, fixed.Fixes)
	if len(got) != 1 {
		t.Fatalf("%d suggestions, want 1", len(got))
	}
	offset := func(p rdPosition) int { return src.starts[p.Line-1] + p.Column - 1 }
	after := checkout[:offset(got[0].Range.Start)] + got[0].Text + checkout[offset(*got[0].Range.End):]
	want := strings.Replace(checkout, "http.Get(", "client.Get(", 1)
	want = strings.Replace(want, "\n\nfunc", "\n\nvar client = &http.Client{Timeout: 5 * time.Second}\n\nfunc", 1)
	if after != want {
		t.Errorf("the suggestion makes\n%s\nwant\n%s", after, want)
	}
	edits := fixed.Fixes[0].Edits
	for name, edits := range map[string][]finding.Edit{
		"in another file": {edits[0], {File: "other.go", New: "x"}},
		"that overlap":    {edits[0], edits[0]},
		"behind the end":  {{File: fixed.File, Start: len(checkout), End: len(checkout) + 1}},
		"of nothing":      nil,
	} {
		if got := rdSuggestions(src, fixed.File, []finding.Fix{{Edits: edits}}); len(got) != 0 {
			t.Errorf("edits %s are suggested: %+v", name, got)
		}
	}
}
