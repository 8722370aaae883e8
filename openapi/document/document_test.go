package document

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/tree"
)

// inMemory reads files that a test holds.
func inMemory(files map[string]string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		text, ok := files[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	}
}

func load(t *testing.T, files map[string]string) *Document {
	t.Helper()
	doc, err := Load(inMemory(files), "api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func one(t *testing.T, text string) *Document {
	t.Helper()
	return load(t, map[string]string{"api/openapi.yaml": text})
}

const head30 = "openapi: 3.0.3\ninfo: {title: t, version: \"1\"}\n"

// problems writes what is wrong, one line each, in the order of the places.
func problems(doc *Document) []string {
	var lines []string
	for _, p := range doc.Problems {
		lines = append(lines, fmt.Sprintf("%s:%d:%d: %s: %s", p.File, p.Line, p.Column, p.Rule, p.Message))
	}
	return lines
}

func expectProblems(t *testing.T, doc *Document, want ...string) {
	t.Helper()
	got := problems(doc)
	if len(got) != len(want) {
		t.Errorf("got %d problems; want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
		return
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("got  %s\nwant %s", got[i], want[i])
		}
	}
}

func operation(t *testing.T, doc *Document, method, path string) *Operation {
	t.Helper()
	for _, item := range doc.Paths {
		for _, op := range item.Operations {
			if item.Name == path && op.Method == method {
				return op
			}
		}
	}
	t.Fatalf("no %s %s", method, path)
	return nil
}

func TestEffective(t *testing.T) {
	doc := one(t, head30+`
servers: [{url: https://a.example}]
security: [{key: []}]
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: https://t, scopes: {write: w, read: r}}}}
  parameters:
    Limit: {name: limit, in: query, schema: {type: integer}}
paths:
  /pets/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: q, in: query, schema: {type: string}}
    get:
      parameters:
        - $ref: '#/components/parameters/Limit'
        - {name: q, in: query, required: true, style: deepObject, schema: {type: object}}
      responses: {"200": {description: ok}, 4xx: {description: no}}
    post:
      security: [{oauth: [write]}, {}]
      servers: [{url: https://b.example}]
      responses: {default: {description: ok}}
`)
	expectProblems(t, doc)
	get := operation(t, doc, "GET", "/pets/{id}")
	var parameters []string
	for _, p := range get.Parameters {
		parameters = append(parameters, fmt.Sprintf("%s %s %v %s %v", p.In, p.Name, p.Required, p.Style, p.Explode))
	}
	if got := strings.Join(parameters, "; "); got != "query limit false form true; query q true deepObject false; path id true simple false" {
		t.Errorf("parameters %s", got)
	}
	if s := get.Parameters[0].Schema(); s == nil || s.Types&schema.Integer == 0 || s.Location("").Line != 11 {
		t.Errorf("the schema of limit is %+v", s)
	}
	if at := get.Parameters[0].At; at.Line != 19 {
		t.Errorf("limit is used at %+v; want line 19", at)
	}
	if get.Security != doc.Security || get.Servers[0].URL != "https://a.example" {
		t.Errorf("security %v, servers %v: want those of the document", get.Security, get.Servers)
	}
	if get.Responses[1].Status != "4XX" {
		t.Errorf("status %s; want 4XX", get.Responses[1].Status)
	}
	post := operation(t, doc, "POST", "/pets/{id}")
	uses := post.Security.Requirements[0].Uses
	if len(post.Security.Requirements) != 2 || uses[0].Scheme.Flows[0].Scopes[0] != "read" || uses[0].Scopes[0] != "write" {
		t.Errorf("security %+v", post.Security)
	}
	if post.Servers[0].URL != "https://b.example" {
		t.Errorf("servers %v; want the operation's", post.Servers)
	}
}

func TestFiles(t *testing.T) {
	doc := load(t, map[string]string{
		"api/openapi.yaml": head30 + `
paths:
  /a: {$ref: 'paths/a.yaml'}
  /b:
    get: {$ref: 'paths/b%20c.yaml#/get~1op'}
  /c:
    $ref: '#/paths/~1a'
    summary: beside
`,
		"api/paths/a.yaml": `
parameters: [{$ref: '../shared.json#/parameters/Id'}]
get: {responses: {"200": {$ref: '../shared.json#/responses/ok'}}}
`,
		"api/paths/b c.yaml": "get/op: {responses: {'200': {$ref: '../shared.json#/responses/ok'}}}\n",
		"api/shared.json":    `{"parameters": {"Id": {"name": "id", "in": "query", "schema": {"$ref": "#/schemas/Id"}}}, "responses": {"ok": {"description": "ok"}}, "schemas": {"Id": {"type": "string"}}}`,
	})
	expectProblems(t, doc, "api/openapi.yaml:7:5: openapi/invalid: an operation cannot be a $ref")
	for _, path := range []string{"/a", "/b", "/c"} {
		op := operation(t, doc, "GET", path)
		if len(op.Responses) != 1 || op.Responses[0].Node.File.Name != "api/shared.json" {
			t.Errorf("%s has responses %+v", path, op.Responses)
		}
	}
	if s := operation(t, doc, "GET", "/c").Parameters[0].Schema(); s.Ref == nil || s.Ref.Types != schema.String {
		t.Errorf("schema %+v", s)
	}
	if len(doc.Files) != 4 || doc.Files[0].Name != "api/openapi.yaml" {
		t.Errorf("%d files, the first is %s", len(doc.Files), doc.Files[0].Name)
	}
}

func TestDanglingReferences(t *testing.T) {
	doc := one(t, head30+`
paths:
  /a:
    get:
      parameters: [{$ref: '#/components/parameters/Limt'}]
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Missing'}}}}
    put:
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Missing'}}}}
        "400": {$ref: 'https://example.com/x.yaml#/y'}
        "404": {$ref: 'other.yaml#/y'}
        "410": {$ref: '#/components/responses/Circle'}
components:
  parameters: {Limit: {name: limit, in: query, schema: {type: string}}}
  responses: {Circle: {$ref: '#/components/responses/Circle'}}
  schemas:
    Data: {type: object, example: {$ref: '#/no/reference'}, properties: {example: {$ref: '#/nowhere'}}}
`)
	expectProblems(t, doc,
		"api/openapi.yaml:7:27: openapi/dangling-ref: #/components/parameters/Limt leads nowhere: #/components/parameters has no \"Limt\": did you mean \"Limit\"?",
		"api/openapi.yaml:9:78: openapi/dangling-ref: #/components/schemas/Missing leads nowhere: #/components/schemas has no \"Missing\"",
		"api/openapi.yaml:13:23: openapi/dangling-ref: https://example.com/x.yaml#/y leads nowhere: it leads to the network",
		"api/openapi.yaml:14:23: openapi/dangling-ref: other.yaml#/y leads nowhere: there is no file api/other.yaml",
		"api/openapi.yaml:18:30: openapi/dangling-ref: #/components/responses/Circle leads nowhere: its references lead in a circle, or too far",
		"api/openapi.yaml:20:90: openapi/dangling-ref: #/nowhere leads nowhere: the document has no \"nowhere\"",
	)
	if n := len(doc.Problems[1].Related); n != 1 {
		t.Errorf("%d further places of the same dangling reference; want 1", n)
	}
	if op := operation(t, doc, "PUT", "/a"); len(op.Responses) != 1 {
		t.Errorf("%d responses are left; want 1", len(op.Responses))
	}
}

func TestInvalid(t *testing.T) {
	doc := one(t, head30+`
paths:
  pets:
    get:
      parameters: [{name: a, in: body, schema: {}}, {name: b, in: query, schema: {}}, {name: b, in: query, schema: {}}]
      operationId: x
      requestbody: {}
      security: [{keys: []}]
      responses: {"20": {description: ""}}
  /a/{x}:
    get: {operationId: x, responses: {}}
  /a/{y}: {}
components:
  securitySchemes: {key: {type: http}}
  schemas: []
servers: [{url: "https://{host}"}]
`)
	expectProblems(t, doc,
		"api/openapi.yaml:5:3: openapi/invalid: the path pets does not begin with a slash",
		"api/openapi.yaml:7:34: openapi/invalid: a parameter cannot be in \"body\"",
		"api/openapi.yaml:7:87: openapi/invalid: the query parameter \"b\" stands here a second time",
		"api/openapi.yaml:9:7: openapi/invalid: an operation has no key requestbody: did you mean requestBody?",
		"api/openapi.yaml:10:19: openapi/invalid: no security scheme is called \"keys\": did you mean key?",
		"api/openapi.yaml:11:19: openapi/invalid: \"20\" is no status",
		"api/openapi.yaml:13:5: openapi/invalid: GET /a/{x} does not declare its path parameter {x}",
		"api/openapi.yaml:13:24: openapi/invalid: the operationId x is taken",
		"api/openapi.yaml:14:3: openapi/invalid: the path /a/{y} matches the same requests as /a/{x}",
		"api/openapi.yaml:16:33: openapi/invalid: a security scheme of type http needs a scheme",
		"api/openapi.yaml:17:12: openapi/invalid: expected schemas, which is an object, and found a list",
		"api/openapi.yaml:18:17: openapi/invalid: the variable {host} is not declared",
	)
}

func TestNoDocument(t *testing.T) {
	for text, want := range map[string]string{
		"openapi: 4.0.0\n":             "api/openapi.yaml:1:10: unknown version of OpenAPI: 4.0.0; expected 3.0, 3.1 or 3.2",
		"swagger: '1.2'\n":             "api/openapi.yaml:1:10: unknown version of Swagger: '1.2'; expected",
		"kind: Deployment\n":           "api/openapi.yaml:1:1: this is no OpenAPI document",
		"- a\n":                        "api/openapi.yaml:1:1: this is no OpenAPI document",
		"openapi: 3.0.0\n  x: y\n":     "api/openapi.yaml:2:1: this is no valid YAML",
		"":                             "api/openapi.yaml is empty",
		"openapi: [3]\n":               "api/openapi.yaml:1:10: unknown version of OpenAPI: [3]",
		"openapi: 30.1\n":              "api/openapi.yaml:1:10: unknown version of OpenAPI: 30.1",
		strings.Repeat("[", 100_000):   "api/openapi.yaml:1:1001: values lie in each other deeper",
		"openapi: 3.0.0\npaths: {\"/a": "api/openapi.yaml:2",
	} {
		_, err := Load(inMemory(map[string]string{"api/openapi.yaml": text}), "api/openapi.yaml")
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got error %v; want %s", err, want)
		}
		var at *tree.Error
		if text != "" && !errors.As(err, &at) {
			t.Errorf("%v is no error with a place", err)
		}
	}
	if _, err := Load(inMemory(nil), "none.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v; want that the file does not exist", err)
	}
	doc := one(t, "openapi: 3.0\npaths: {}\n") // a number, for lack of quotes
	if doc.Version != OpenAPI30 {
		t.Errorf("3.0 is %v", doc.Version)
	}
}

func TestSwagger(t *testing.T) {
	doc := one(t, `
swagger: "2.0"
info: {title: t, version: 1}
host: api.example
basePath: /v1
schemes: [https, http]
consumes: [application/json]
produces: [application/json, application/xml]
securityDefinitions:
  basic: {type: basic}
  oauth: {type: oauth2, flow: accessCode, authorizationUrl: https://a, tokenUrl: https://t, scopes: {r: read}}
parameters:
  Page: {name: page, in: query, type: integer, maximum: 100}
paths:
  /pets/{id}:
    post:
      security: [{basic: []}]
      parameters:
        - {name: id, in: path, required: true, type: string}
        - $ref: '#/parameters/Page'
        - {name: ids, in: query, type: array, items: {type: string}, collectionFormat: multi}
        - {name: body, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
      responses:
        200: {description: ok, schema: {$ref: '#/definitions/Pet'}, headers: {X-Rate: {type: integer}}}
    put:
      consumes: [multipart/form-data]
      parameters:
        - {name: id, in: path, required: true, type: string}
        - {name: name, in: formData, type: string, required: true}
        - {name: photo, in: formData, type: file}
      responses: {204: {description: ok}}
definitions:
  Pet: {type: object, properties: {name: {type: string}}}
`)
	expectProblems(t, doc)
	if got := doc.Servers[0].URL; got != "https://api.example/v1" || len(doc.Servers) != 2 {
		t.Errorf("servers %v", doc.Servers)
	}
	post := operation(t, doc, "POST", "/pets/{id}")
	if len(post.Parameters) != 3 || len(post.RequestBody.Content) != 1 || !post.RequestBody.Required {
		t.Fatalf("%d parameters, body %+v", len(post.Parameters), post.RequestBody)
	}
	if s := post.Parameters[1].Schema(); s.Maximum == nil || s.Maximum.RatString() != "100" || s.Location("maximum").Line != 13 {
		t.Errorf("page is %+v", s)
	}
	if p := post.Parameters[2]; p.Style != "form" || !p.Explode {
		t.Errorf("ids are written as %+v", p.Serialization)
	}
	if s := post.RequestBody.Content[0].Schema(); s.Ref == nil || s.Ref.Name != "Pet" {
		t.Errorf("body %+v", s)
	}
	ok := post.Responses[0]
	if len(ok.Content) != 2 || ok.Content[1].Range != "application/xml" || ok.Headers[0].Schema().Types&schema.Integer == 0 {
		t.Errorf("response %+v", ok)
	}
	if s := post.Security.Requirements[0].Uses[0].Scheme; s.Type != "http" || s.Scheme != "basic" {
		t.Errorf("security scheme %+v", s)
	}
	form := operation(t, doc, "PUT", "/pets/{id}").RequestBody
	s := form.Content[0].Schema()
	if form.Content[0].Range != "multipart/form-data" || len(s.Required) != 1 || s.Property("photo").Format != "binary" || !form.Required {
		t.Errorf("form %+v of %+v", form.Content[0], s)
	}
	if got := doc.SecuritySchemes[1].Flows[0].Kind; got != "authorizationCode" {
		t.Errorf("flow %s", got)
	}
}

func TestNewerVersions(t *testing.T) {
	doc := one(t, `
openapi: 3.2.0
$self: https://example.com/api/openapi.yaml
info: {title: t, version: "1"}
paths:
  /search:
    query:
      requestBody: {content: {application/json: {schema: {$ref: 'https://example.com/api/openapi.yaml#/components/schemas/Q'}}}}
      responses: {"200": {content: {application/jsonl: {itemSchema: {type: object}}}}}
    additionalOperations:
      LINK: {responses: {"204": {summary: linked}}}
webhooks:
  created: {$ref: '#/components/pathItems/Created'}
components:
  pathItems:
    Created: {post: {responses: {"200": {description: ok}}}}
  schemas:
    Q:
      $id: https://example.com/schemas/q
      properties: {a: {$ref: '#anchored'}, b: {$ref: '#/$defs/B'}, c: {$ref: 'r'}}
      $defs: {A: {$anchor: anchored, type: string}, B: {type: integer}}
    R: {$id: https://example.com/schemas/r, type: boolean}
`)
	expectProblems(t, doc)
	query := operation(t, doc, "QUERY", "/search")
	q := query.RequestBody.Content[0].Schema().Ref
	for name, want := range map[string]schema.Types{"a": schema.String, "b": schema.Integer, "c": schema.Boolean} {
		if s := q.Property(name); s.Ref == nil || s.Ref.Types&want == 0 {
			t.Errorf("%s is %+v; want a reference to type %v", name, s, want)
		}
	}
	if query.Responses[0].Content[0].ItemSchema() == nil || query.Responses[0].Content[0].Schema() != nil {
		t.Error("no item schema")
	}
	operation(t, doc, "LINK", "/search")
	if len(doc.Webhooks) != 1 || len(doc.Webhooks[0].Operations) != 1 {
		t.Errorf("webhooks %+v", doc.Webhooks)
	}
}

func TestCallbackCycle(t *testing.T) {
	doc := one(t, head30+`
paths:
  /a:
    post:
      responses: {"200": {description: ok}}
      callbacks:
        done:
          '{$request.body#/url}': {$ref: '#/paths/~1a'}
`)
	expectProblems(t, doc)
	op := operation(t, doc, "POST", "/a")
	inner := op.Callbacks[0].Items[0].Operations[0]
	if again := inner.Callbacks[0].Items[0].Operations[0]; again != inner {
		t.Error("the callback does not lead back to itself")
	}
}

func TestSniff(t *testing.T) {
	for text, want := range map[string]bool{
		"openapi: 3.0.0\n":                             true,
		"# c\ninfo: {}\n\"swagger\": '2.0'\n":          true,
		"\xef\xbb\xbf---\nopenapi: \"3.1.0\"\r\n":      true,
		`{"info": {"openapi": "3.0.0"}}`:               false,
		`{"info": {}, "openapi" : "3.0.0"}`:            true,
		`{"a": "\"openapi\": 3", "swagger":"2.0"}`:     true,
		"  openapi: 3.0.0\n":                           false,
		"openapi:\n  generator: x\n":                   false,
		"kind: x\nspec:\n  openapi: 3.0.0\n":           false,
		"":                                             false,
		"openapi: go-swagger\n":                        false,
		"spec: |\n  swagger: 2\nsomething: openapi\n":  false,
		"{openapi: 3.0.0}":                             false,
		strings.Repeat("{\"a\":", 10000) + "\"openapi": false,
	} {
		if got := Sniff([]byte(text)); got != want {
			t.Errorf("%.60q: %v", text, got)
		}
	}
}

func TestHostile(t *testing.T) {
	var big strings.Builder
	big.WriteString(head30 + "paths:\n")
	for i := range 3000 {
		fmt.Fprintf(&big, "  /p%d: {$ref: '#/components/pathItems/X'}\n", i)
	}
	big.WriteString("components:\n  pathItems:\n    X:\n      parameters:\n")
	for i := range 3000 {
		fmt.Fprintf(&big, "        - {name: p%d, in: query, schema: {type: string}}\n", i)
	}
	big.WriteString("      get:\n        responses:\n")
	for i := range 3000 {
		fmt.Fprintf(&big, "          %d: {description: d}\n", 100+i)
	}
	doc := one(t, big.String())
	found := false
	for _, p := range doc.Problems {
		found = found || strings.Contains(p.Message, "objects when its references are written out")
	}
	if !found {
		t.Errorf("9 million responses were made; want a bound")
	}

	one(t, head30+"paths:\n  /a: {$ref: '#/paths/~1b'}\n  /b: {$ref: '#/paths/~1a'}\n  /c: {$ref: '#/paths/~1a/get'}\n")
	one(t, head30+"paths: {$ref: '#/paths'}\ncomponents: {schemas: {A: {$ref: '#/components/schemas/A/properties/x'}, B: {allOf: [{$ref: '#/components/schemas/B'}]}}}\n")
}

// TestNames has names that look like extensions.
func TestNames(t *testing.T) {
	doc := one(t, head30+`
x-ids: [1]
components:
  x-note: text
  securitySchemes: {x-key: {type: apiKey, in: header, name: X-Key}, x-note: text}
  schemas: {x-thing: {type: string}}
paths:
  x-note: {get: {}}
  /a:
    x-note: {}
    get:
      security: [{x-key: []}]
      responses:
        x-note: {description: none}
        "200": {description: ok, headers: {x-request-id: {schema: {$ref: '#/components/schemas/x-thing'}}}}
`)
	expectProblems(t, doc)
	op := operation(t, doc, "GET", "/a")
	if len(doc.Paths) != 1 || len(op.Responses) != 1 || len(op.Responses[0].Headers) != 1 || op.Security.Requirements[0].Uses[0].Scheme == nil {
		t.Errorf("read %+v", op)
	}
	if len(doc.ComponentSchemas()) != 1 || len(doc.SecuritySchemes) != 1 {
		t.Errorf("schemas %v, security schemes %v", doc.ComponentSchemas(), doc.SecuritySchemes)
	}
}
