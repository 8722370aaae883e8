package lint_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/openapi/lint"
	"github.com/commslint/commslint/rules"
	"github.com/commslint/commslint/tree"
)

func load(t *testing.T, text string) *document.Document {
	t.Helper()
	doc, err := document.Load(func(name string) ([]byte, error) {
		if name != "openapi.yaml" {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	}, "openapi.yaml")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return doc
}

func check(t *testing.T, text string) []finding.Finding {
	t.Helper()
	return lint.Check(load(t, text), lint.DefaultOptions())
}

func show(findings []finding.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s:%d:%d: %s [%s]\n", f.File, f.Line, f.Column, f.Message, f.Rule)
	}
	return b.String()
}

// TestExamples runs the examples of the catalogue: the bad one breaks its own rule and no other,
// the good one breaks none.
func TestExamples(t *testing.T) {
	ran := 0
	for _, r := range rules.All() {
		if !lint.Implements(r.ID) {
			continue
		}
		ran++
		if bad := check(t, r.Bad); len(bad) != 1 || bad[0].Rule != r.ID || bad[0].Line == 0 {
			t.Errorf("%s: the bad example gives\n%swant one finding of the rule", r.ID, show(bad))
		}
		if good := check(t, r.Good); len(good) != 0 {
			t.Errorf("%s: the good example gives\n%s", r.ID, show(good))
		}
	}
	if ran != 16 {
		t.Errorf("%d rules have examples; want 16", ran)
	}
}

// TestFixes applies each fix of the bad examples, and expects that its finding is gone then.
func TestFixes(t *testing.T) {
	mended := []string{}
	for _, r := range rules.All() {
		if !lint.Implements(r.ID) {
			continue
		}
		for _, f := range check(t, r.Bad) {
			if len(f.Fixes) == 0 {
				continue
			}
			mended = append(mended, f.Rule)
			fixed := apply(r.Bad, f.Fixes[0].Edits)
			if after := check(t, fixed); len(after) != 0 {
				t.Errorf("%s: after its fix:\n%s%s", r.ID, show(after), fixed)
			}
		}
	}
	if want := []string{"openapi/created-without-location", "openapi/dangling-ref", "openapi/no-retry-after"}; !slices.Equal(mended, want) {
		t.Errorf("fixed %v; want %v", mended, want)
	}
}

func apply(text string, edits []finding.Edit) string {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b finding.Edit) int { return b.Start - a.Start })
	for _, e := range edits {
		text = text[:e.Start] + e.New + text[e.End:]
	}
	return text
}

const head = "openapi: 3.0.3\ninfo: {title: t, version: \"1\"}\nservers: [{url: https://a.example/v1}]\n"

// TestFixesOfFlaws mends what is mechanical in an invalid document, in YAML and in JSON.
func TestFixesOfFlaws(t *testing.T) {
	yaml := head + `paths:
  /a/{x}:
    parameters:
      - name: x
        in: path
        schema: {type: string}
      - {name: traceparent, in: header, required: false, schema: {type: string}}
    get:
      operationid: a
      responses:
        default: {description: d, content: {application/json: {schema: {}}}}
        "503":
          description: later
          headers:
            X-Other: {schema: {type: string}}
`
	json := `{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "servers": [{"url": "https://a.example/v1"}], "paths": {"/a/{x}": {"get": {
"operationid": "a",
"parameters": [{"name": "x", "in": "path", "required": false, "schema": {}}, {"name": "traceparent", "in": "header", "schema": {}}],
"responses": {"default": {"description": "d", "content": {"application/json": {"schema": {}}}}, "503": {"description": "later"}}}}}}`
	for _, text := range []string{yaml, json} {
		findings := check(t, text)
		if len(findings) != 3 {
			t.Errorf("%d findings; want 3\n%s", len(findings), show(findings))
		}
		var edits []finding.Edit
		for _, f := range findings {
			for _, fix := range f.Fixes {
				edits = append(edits, fix.Edits...)
			}
		}
		fixed := apply(text, edits)
		if after := check(t, fixed); len(after) != 0 {
			t.Errorf("after the fixes:\n%s%s", show(after), fixed)
		}
	}
}

// TestPrecision has what is near a defect and right.
func TestPrecision(t *testing.T) {
	const problem = `default: {description: d, content: {application/problem+json: {schema: {type: object}}}}`
	trace := "      parameters: [{name: traceparent, in: header, schema: {type: string}}]\n"
	for name, paths := range map[string]string{
		"search by POST":                "  /orders/search:\n    post:\n" + trace + "      responses: {" + problem + "}\n",
		"a custom method that cancels":  "  /orders/{id}:cancel:\n    post:\n" + strings.Replace(trace, "[", "[{name: id, in: path, required: true, schema: {}}, ", 1) + "      responses: {" + problem + "}\n",
		"update of one thing":           "  /orders/{id}:\n    post:\n" + strings.Replace(trace, "[", "[{name: id, in: path, required: true, schema: {}}, ", 1) + "      responses: {" + problem + "}\n",
		"a request id in the body":      "  /orders:\n    post:\n" + trace + "      requestBody: {content: {application/json: {schema: {type: object, properties: {request_id: {type: string}}}}}}\n      responses: {" + problem + "}\n",
		"declared idempotent":           "  /orders:\n    post:\n      x-idempotent: true\n" + trace + "      responses: {" + problem + "}\n",
		"rate limit headers":            "  /orders/{id}:\n    get:\n" + strings.Replace(trace, "[", "[{name: id, in: path, required: true, schema: {}}, ", 1) + "      responses: {" + problem + ", \"429\": {description: r, headers: {X-RateLimit-Reset: {schema: {type: integer}}}}}\n",
		"a list that nobody grows":      "  /currencies:\n    get:\n" + trace + "      responses: {" + problem + ", \"200\": {description: c, content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: string}}}}}}}}\n",
		"a bounded list":                "  /slots:\n    get:\n" + trace + "      responses: {" + problem + ", \"200\": {description: c, content: {application/json: {schema: {type: array, maxItems: 7, items: {type: object, properties: {id: {type: string}}}}}}}}\n    post:\n      x-idempotent: true\n      responses: {" + problem + "}\n",
		"created, with an id":           "  /orders:\n    post:\n      x-idempotent: true\n" + trace + "      responses: {" + problem + ", \"201\": {description: c, content: {application/json: {schema: {type: object, properties: {order: {type: object, properties: {id: {type: string}}}}}}}}}\n",
		"created, of unknown form":      "  /orders:\n    post:\n      x-idempotent: true\n" + trace + "      responses: {" + problem + ", \"201\": {description: c, content: {application/json: {schema: {}}}}}\n",
		"names of work and of versions": "  /delete-requests/{id}:\n    get:\n" + strings.Replace(trace, "[", "[{name: id, in: path, required: true, schema: {}}, ", 1) + "      responses: {" + problem + "}\n",
		"HEAD has no body":              "  /orders:\n    head:\n" + trace + "      responses: {\"404\": {description: none}}\n",
	} {
		if findings := check(t, head+"paths:\n"+paths); len(findings) != 0 {
			t.Errorf("%s:\n%s", name, show(findings))
		}
	}
	for _, url := range []string{"http://localhost:8080/v1", "http://127.0.0.1/v1", "http://orders:8080/v1", "http://orders.shop.svc.cluster.local/v1", "http://{host}/v1", "/v1", "//a.example/v1"} {
		text := strings.Replace(head, "https://a.example/v1", "\""+url+"\"", 1) + "paths: {}\n"
		for _, f := range check(t, text) {
			if f.Rule == "openapi/plaintext-server" {
				t.Errorf("%s: %s", url, f.Message)
			}
		}
	}
}

// TestOnce expects one finding for a component, however often it is used.
func TestOnce(t *testing.T) {
	findings := check(t, head+`paths:
  /a: {get: {parameters: [{name: traceparent, in: header, schema: {}}], responses: {default: {$ref: '#/components/responses/E'}, "429": {$ref: '#/components/responses/Busy'}}}}
  /b: {get: {responses: {default: {$ref: '#/components/responses/E'}, "429": {$ref: '#/components/responses/Busy'}}}}
components:
  responses:
    E: {description: e, content: {application/json: {schema: {}}}}
    Busy: {description: busy}
`)
	if len(findings) != 1 || findings[0].Line != 10 {
		t.Errorf("want one finding, at line 10\n%s", show(findings))
	}
}

// corpus is the folder of published documents, which lies beside the repository.
func corpus(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		shared := filepath.Join(dir, "shared", "corpus", "openapi")
		if info, err := os.Stat(shared); err == nil && info.IsDir() {
			return shared
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("no shared/corpus/openapi above this folder")
		}
		dir = parent
	}
}

// TestPublishedDocuments expects what was read and found to be right in large documents, and little else.
func TestPublishedDocuments(t *testing.T) {
	root := corpus(t)
	specs, err := filepath.Glob(filepath.Join(root, "specs", "*"))
	if err != nil || len(specs) == 0 {
		t.Fatal("no documents", err)
	}
	for _, path := range specs {
		name := filepath.Base(path)
		doc, err := document.Load(func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(root, "specs", name)) }, name)
		if err != nil {
			t.Error(err)
			continue
		}
		findings := lint.Check(doc, lint.DefaultOptions())
		for i := range findings {
			r, _ := rules.Lookup(findings[i].Rule)
			findings[i].Level = r.Level
			if f := &findings[i]; f.Rule == "openapi/dangling-ref" || f.Rule == "openapi/invalid" && f.AtMost == "" {
				t.Errorf("an error in a published document:\n%s", show(findings[i:i+1]))
			}
			checkEdits(t, doc, &findings[i])
		}
		if condensed := finding.Condense(findings, lint.OfWholeDocument); len(condensed) > 60 {
			t.Errorf("%s: %d findings\n%s", name, len(condensed), show(condensed))
		} else {
			t.Logf("%s: %d findings, %d when condensed", name, len(findings), len(condensed))
		}
	}
}

// checkEdits expects that the file can still be read when a finding is mended.
func checkEdits(t *testing.T, doc *document.Document, f *finding.Finding) {
	t.Helper()
	if len(f.Fixes) == 0 {
		return
	}
	fixed := apply(string(doc.Root.File.Text), f.Fixes[0].Edits)
	if _, err := tree.Parse(f.File, []byte(fixed)); err != nil {
		t.Errorf("%s, mended: %v", f.Rule, err)
	}
}
