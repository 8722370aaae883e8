package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/commslint/commslint/finding"
)

func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	return publishedSchema(t, "sarif-2.1.0.schema.json", "sarif-schema")
}

// publishedSchema compiles a schema that a make target fetches and that is not kept here.
func publishedSchema(t *testing.T, name, target string) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", ".cache", name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not here: run make %s", name, target)
	}
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(schema *jsonschema.Schema, sarif []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(sarif))
	if err != nil {
		return err
	}
	return schema.Validate(doc)
}

func TestSARIFIsValid(t *testing.T) {
	schema := sarifSchema(t)
	withBaseline := testInput()
	withBaseline.Baseline = &Baseline{Known: withBaseline.Findings[1:3], Gone: []finding.Finding{gone}}
	withBaseline.Findings = withBaseline.Findings[3:]
	withoutSource := testInput()
	withoutSource.ReadFile = nil
	fromCatalogue := testInput()
	fromCatalogue.Rule = nil
	absolute := testInput()
	absolute.Findings[1].File = "/srv/elsewhere/x.go"
	for name, in := range map[string]*Input{
		"everything":       testInput(),
		"nothing":          {},
		"with baseline":    withBaseline,
		"without source":   withoutSource,
		"from catalogue":   fromCatalogue,
		"outside the root": absolute,
	} {
		if err := validate(schema, write(t, "sarif", in)); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

// A validator that lets these pass would let everything pass.
func TestSARIFValidatorRejects(t *testing.T) {
	schema := sarifSchema(t)
	good := write(t, "sarif", testInput())
	for name, edit := range map[string][2]string{
		"an unknown level":    {`"level": "error"`, `"level": "eror"`},
		"an unknown property": {`"ruleIndex":`, `"ruleIndx":`},
		"a line of zero":      {`"startLine": 6`, `"startLine": 0`},
		"a missing message":   {`"text": "http.Post may wait for ever"`, ``},
	} {
		bad := bytes.Replace(good, []byte(edit[0]), []byte(edit[1]), 1)
		if bytes.Equal(bad, good) {
			t.Fatalf("%s: %q is not in the report, so that it cannot be replaced", name, edit[0])
		}
		if err := validate(schema, bad); err == nil {
			t.Errorf("%s passes as valid", name)
		}
	}
}

// GitHub shows an alert only with these (docs.github.com, "SARIF support for code
// scanning"), and of related locations only those that the message links to.
func TestSARIFHasWhatGitHubShows(t *testing.T) {
	var log sarifLog
	if err := json.Unmarshal(write(t, "sarif", testInput()), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	for _, r := range run.Tool.Driver.Rules {
		if r.ID == "" || r.ShortDescription.Text == "" || r.FullDescription.Text == "" || r.Help.Text == "" {
			t.Errorf("rule without what is shown of it: %+v", r)
		}
	}
	for _, r := range run.Results {
		if got := run.Tool.Driver.Rules[r.RuleIndex].ID; got != r.RuleID {
			t.Errorf("rule index %d of %s leads to %s", r.RuleIndex, r.RuleID, got)
		}
		for _, l := range r.Locations {
			g := l.Physical.Region
			if g.StartLine < 1 || g.StartColumn < 1 || g.EndLine < g.StartLine || g.EndColumn < 1 {
				t.Errorf("%s: region %+v is not one", r.Message.Text, g)
			}
		}
		for _, l := range r.RelatedLocations {
			if !bytes.Contains([]byte(r.Message.Text), []byte(link(l.Message.Text, l.ID))) {
				t.Errorf("%q does not link to related location %d", r.Message.Text, l.ID)
			}
		}
	}
}

func TestSARIFColumnsAreUTF16(t *testing.T) {
	in := testInput()
	var at *finding.Finding
	for i := range in.Findings {
		if in.Findings[i].Message == "http.Get may wait for ever" {
			at = &in.Findings[i]
		}
	}
	got := newSARIFBuilder(in).region(at.Location)
	// Behind a tab: 名 is one unit, ö and ß are one each, the emoji is two.
	want := sarifRegion{StartLine: 6, StartColumn: 32, EndLine: 6, EndColumn: 49}
	if got != want {
		t.Errorf("region %+v, want %+v", got, want)
	}
}

// gone is a finding that only a baseline has.
var gone = finding.Finding{
	Rule: "go/body-leak", Level: finding.Warning, Message: "it stayed open", Fingerprint: "00ff",
	Location: finding.Location{File: "checkout/charge.go"},
}

func TestSARIFBaselineState(t *testing.T) {
	in := testInput()
	in.Findings, in.Baseline = in.Findings[:1], &Baseline{Known: in.Findings[1:2], Gone: []finding.Finding{gone}}
	run := newSARIFBuilder(in).run()
	var states []string
	for _, r := range run.Results {
		states = append(states, r.BaselineState)
	}
	if want := []string{"new", "unchanged", "absent"}; !slices.Equal(states, want) {
		t.Errorf("states %v, want %v", states, want)
	}
	absent := run.Results[2]
	if absent.PartialFingerprints[fingerprintKey] != "00ff" || absent.PartialFingerprints[lineHashKey] != "" {
		t.Errorf("fingerprints %v of one that is gone, want ours alone", absent.PartialFingerprints)
	}
	if run.Tool.Driver.Rules[absent.RuleIndex].ID != gone.Rule {
		t.Errorf("the rule of one that is gone is not described")
	}
	for _, r := range newSARIFBuilder(testInput()).run().Results {
		if r.BaselineState != "" {
			t.Errorf("state %q without a baseline", r.BaselineState)
		}
	}
}

func TestSARIFReportsInputsThatFailed(t *testing.T) {
	in := testInput()
	if got := newSARIFBuilder(in).run().Invocations[0]; got.ExecutionSuccessful || len(got.Notifications) != 1 {
		t.Errorf("invocation %+v, want a failure with one notification", got)
	}
	in.Findings = in.Findings[:1]
	if got := newSARIFBuilder(in).run().Invocations[0]; !got.ExecutionSuccessful || len(got.Notifications) != 0 {
		t.Errorf("invocation %+v, want success", got)
	}
}

func TestArtifactURIs(t *testing.T) {
	tests := map[string]sarifArtifact{
		"a/b.go":         {URI: "a/b.go", URIBaseID: srcRoot},
		"a b/ö#?.go":     {URI: "a%20b/%C3%B6%23%3F.go", URIBaseID: srcRoot},
		"c:d.go":         {URI: "./c:d.go", URIBaseID: srcRoot},
		"/srv/100%/a.go": {URI: "file:///srv/100%25/a.go"},
	}
	for file, want := range tests {
		if got := artifact(file); got != want {
			t.Errorf("artifact(%q) = %+v, want %+v", file, got, want)
		}
	}
}
