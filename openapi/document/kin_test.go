package document

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// TestAgainstKinOpenAPI compares what is read with what kin-openapi reads, on each document of the
// corpus that it can load.
func TestAgainstKinOpenAPI(t *testing.T) {
	if testing.Short() {
		t.Skip("kin-openapi takes its time")
	}
	root := corpus(t)
	compared, refused := 0, 0
	for _, name := range corpusDocuments(t, root) {
		loader := openapi3.NewLoader()
		loader.IsExternalRefsAllowed = true
		theirs, err := loader.LoadFromFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			refused++
			t.Logf("%s: refused by kin-openapi: %.200v", name, err)
			continue
		}
		doc, err := Load(reader(root), name)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		compared++
		ours, want := outline(doc), kinOutline(theirs)
		for _, line := range ours {
			if _, found := slices.BinarySearch(want, line); !found {
				t.Errorf("%s: only here: %s", name, line)
			}
		}
		for _, line := range want {
			if _, found := slices.BinarySearch(ours, line); !found {
				t.Errorf("%s: only in kin-openapi: %s", name, line)
			}
		}
	}
	if compared < 150 {
		t.Errorf("%d documents compared; want most of them", compared)
	}
	t.Logf("%d compared, %d refused by kin-openapi", compared, refused)
}

// outline lists what a document has, sorted.
func outline(doc *Document) []string {
	var lines []string
	for prefix, items := range map[string][]*PathItem{"": doc.Paths, "webhook ": doc.Webhooks} {
		for _, item := range items {
			for _, op := range item.Operations {
				lines = append(lines, operationOutline(prefix+op.Method+" "+item.Name, op)...)
			}
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

func operationOutline(name string, op *Operation) []string {
	lines := []string{name + " " + op.ID}
	for _, p := range op.Parameters {
		s := p.Schema()
		lines = append(lines, fmt.Sprintf("%s parameter %s %s %v %v %d", name, p.In, p.Name, p.Required, s != nil, len(p.Content)))
	}
	if op.RequestBody != nil {
		for _, m := range op.RequestBody.Content {
			lines = append(lines, fmt.Sprintf("%s body %v %s %v %d", name, op.RequestBody.Required, m.Range, m.SchemaNode() != nil, len(m.Encodings)))
		}
	}
	for _, r := range op.Responses {
		lines = append(lines, fmt.Sprintf("%s response %s", name, r.Status))
		for _, m := range r.Content {
			lines = append(lines, fmt.Sprintf("%s response %s %s %v", name, r.Status, m.Range, m.SchemaNode() != nil))
		}
		for _, h := range r.Headers {
			lines = append(lines, fmt.Sprintf("%s response %s header %s %v", name, r.Status, h.Name, h.Required))
		}
	}
	for _, c := range op.Callbacks {
		for _, item := range c.Items {
			lines = append(lines, fmt.Sprintf("%s callback %s %s", name, c.Name, item.Name))
		}
	}
	return lines
}

func kinOutline(doc *openapi3.T) []string {
	var lines []string
	for prefix, items := range map[string]map[string]*openapi3.PathItem{"": doc.Paths.Map(), "webhook ": doc.Webhooks} {
		for path, item := range items {
			for method, op := range item.Operations() {
				lines = append(lines, kinOperation(prefix+method+" "+path, item, op)...)
			}
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

func kinOperation(name string, item *openapi3.PathItem, op *openapi3.Operation) []string {
	lines := []string{name + " " + op.OperationID}
	parameters := map[parameterKey]*openapi3.Parameter{}
	for _, list := range []openapi3.Parameters{item.Parameters, op.Parameters} {
		for _, p := range list {
			parameters[parameterKey{p.Value.In, p.Value.Name}] = p.Value
		}
	}
	for p := range maps.Values(parameters) {
		lines = append(lines, fmt.Sprintf("%s parameter %s %s %v %v %d", name, p.In, p.Name, p.Required || p.In == "path", p.Schema != nil, len(p.Content)))
	}
	if op.RequestBody != nil {
		for media, m := range op.RequestBody.Value.Content {
			lines = append(lines, fmt.Sprintf("%s body %v %s %v %d", name, op.RequestBody.Value.Required, media, m.Schema != nil, len(m.Encoding)))
		}
	}
	for status, r := range op.Responses.Map() {
		status = strings.Replace(status, "xx", "XX", 1)
		lines = append(lines, fmt.Sprintf("%s response %s", name, status))
		for media, m := range r.Value.Content {
			lines = append(lines, fmt.Sprintf("%s response %s %s %v", name, status, media, m.Schema != nil))
		}
		for header, h := range r.Value.Headers {
			if !strings.EqualFold(header, "Content-Type") {
				lines = append(lines, fmt.Sprintf("%s response %s header %s %v", name, status, header, h.Value.Required))
			}
		}
	}
	for callback, c := range op.Callbacks {
		for expression := range c.Value.Map() {
			lines = append(lines, fmt.Sprintf("%s callback %s %s", name, callback, expression))
		}
	}
	return lines
}
