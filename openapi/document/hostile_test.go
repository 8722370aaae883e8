package document

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// bounded loads a document, and all its schemas, and expects that this takes no time to speak of for its size.
func bounded(t *testing.T, name, text string) *Document {
	t.Helper()
	start := time.Now()
	doc, err := Load(inMemory(map[string]string{"api/openapi.yaml": text}), "api/openapi.yaml")
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return nil
	}
	problems := doc.AllProblems()
	took := time.Since(start)
	t.Logf("%s: %.1f MB, %d problems, %v", name, float64(len(text))/1e6, len(problems), took)
	if took > 20*time.Second {
		t.Errorf("%s: took %v", name, took)
	}
	return doc
}

// repeat writes n lines.
func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format+"\n", i)
	}
	return b.String()
}

func TestHostileDocuments(t *testing.T) {
	if testing.Short() {
		t.Skip("reads documents of several megabytes")
	}
	schemas := head30 + "paths: {}\ncomponents:\n  schemas:\n"
	for name, text := range map[string]string{
		"a pointer into itself":           schemas + "    A: {$ref: '#/components/schemas/A/properties/x'}\n    B: {$ref: '#/components/schemas/B'}\n",
		"a chain of pointers":             schemas + repeat(20_000, "    A%[1]d: {$ref: '#/components/schemas/A1%[1]d/properties/x'}"),
		"a long chain of references":      schemas + chain(100_000),
		"dangling references":             schemas + repeat(50_000, "    A%[1]d: {$ref: '#/components/schemas/Missing%[1]d'}"),
		"unknown keys":                    head30 + "paths:\n" + repeat(50_000, "  /a%[1]d: {gett: {}, summry: x}"),
		"unknown schemes":                 head30 + "components: {securitySchemes: {" + strings.Repeat("a", 50) + ": {type: http, scheme: basic}}}\npaths:\n" + repeat(20_000, "  /a%[1]d: {get: {security: [{aaaaaaaaaaaaaaaaa%[1]d: []}], responses: {}}}"),
		"a path of variables":             `{"openapi": "3.0.0", "info": {}, "paths": {"/` + strings.Repeat("{a}/", 200_000) + `": {"get": {"responses": {}}}}}`,
		"a chain through references":      schemas + repeat(50_000, "    A%[1]d: {$ref: '#/components/schemas/B%[1]d/properties/x'}") + repeat(50_000, "    B%[1]d: {$ref: '#/components/schemas/A%[1]d/y'}"),
		"a deep chain through references": schemas + throughChain(50_000),
		"a server of variables":           head30 + "paths: {}\nservers: [{url: \"https://" + repeatInline(50_000, "{a%d}") + "\", variables: {" + repeatInline(50_000, "a%d: {default: x}, ") + "}}]\n",
		"parameters":                      head30 + "paths:\n  /a:\n    get:\n      responses: {}\n      parameters:\n" + repeat(100_000, "      - {name: a%d, in: query, schema: {type: string}}"),
		"identifiers":                     strings.Replace(schemas, "3.0.3", "3.1.0", 1) + "    A: " + strings.Repeat("{$id: a/, items: ", 400) + "{properties: {" + repeatInline(20_000, "p%[1]d: {$id: i%[1]d, $ref: x%[1]d}, ") + "}}" + strings.Repeat("}", 400) + "\n",
		"aliases of aliases":              schemas + "    A0: &a0 {type: string}\n" + aliases(15),
		"path items that refer in a ring": head30 + "paths:\n" + repeat(2_000, "  /a%d: {$ref: '#/paths/~1a1'}"),
	} {
		bounded(t, name, text)
	}
}

func repeatInline(n int, format string) string {
	return strings.ReplaceAll(repeat(n, format), "\n", "")
}

func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "    C%d: {$ref: '#/components/schemas/C%d'}\n", i, i+1)
	}
	return b.String()
}

// throughChain makes references that lead through the next one.
func throughChain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "    C%d: {$ref: '#/components/schemas/C%d/properties/x'}\n", i, i+1)
	}
	return b.String()
}

// aliases makes schemas of which each has the one before ten times: exponential when written out.
func aliases(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "    A%d: &a%d {anyOf: [*a%d, *a%d]}\n", i, i, i-1, i-1)
	}
	return b.String()
}

func FuzzLoad(f *testing.F) {
	f.Add(head30+"paths: {/a: {get: {responses: {default: {$ref: b.yaml}}}}}\n", "description: d\n")
	f.Add("swagger: '2.0'\ninfo: {}\npaths: {/a: {post: {parameters: [{in: body, name: b, schema: {$ref: 'b.yaml#/x'}}, {in: formData, name: f, type: file}]}}}\n", "x: {type: object}\n")
	f.Add(`{"openapi": "3.1.0", "webhooks": {"w": {"$ref": "b.yaml"}}, "components": {"schemas": {"A": {"$id": "x", "$anchor": "y", "$ref": "#y"}}}}`, "post: {callbacks: {c: {e: {$ref: b.yaml}}}}\n")
	f.Add("openapi: 3.2.0\n$self: x\npaths: {/a: {additionalOperations: {X: {}}, query: {responses: {2xx: {content: {a/b: {itemSchema: {}}}}}}}}\n", "")
	f.Fuzz(func(t *testing.T, root, other string) {
		doc, err := Load(inMemory(map[string]string{"api/openapi.yaml": root, "api/b.yaml": other}), "api/openapi.yaml")
		if err != nil {
			return
		}
		for _, p := range doc.AllProblems() {
			if p.File == "" || p.Line == 0 || p.Message == "" {
				t.Fatalf("a problem without place: %+v", p)
			}
		}
	})
}
