package breaking_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/breaking"
	"github.com/commslint/commslint/tree"
)

// equalRewrites change how a document is written and nothing that it says.
var equalRewrites = []struct {
	name string
	do   func(r *rewriter)
}{
	{"reordered", (*rewriter).reorder},
	{"wrapped in allOf", (*rewriter).wrap},
	{"extracted into components", (*rewriter).extract},
	{"inlined", (*rewriter).inline},
	{"components renamed", func(r *rewriter) {
		for _, section := range []string{"schemas", "parameters", "responses", "requestBodies", "headers", "definitions"} {
			r.rename(section)
		}
	}},
	{"of OpenAPI 3.1", (*rewriter).upgrade},
	{"changed in all ways", func(r *rewriter) {
		r.inline()
		r.upgrade()
		r.extract()
		r.wrap()
		r.rename("schemas")
		r.reorder()
	}},
}

// rewritten are the documents that are rewritten: one state of each pair.
var rewritten = []string{
	"adyen-mgmt-rev.yaml", "cloudflare-base.yaml", "github-rev.json", "k8s-core-rev.json", "stripe-rev.yaml", "twilio-rev.yaml",
}

func newRewriter(t testing.TB, name string, text []byte, seed uint64, share float64) *rewriter {
	t.Helper()
	file, err := tree.Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	doc, ok := file.Root.Value().(map[string]any)
	if !ok {
		t.Fatalf("%s is no object", name)
	}
	return &rewriter{rand: rand.New(rand.NewPCG(seed, 1)), doc: doc, share: share}
}

func TestEqualRewrites(t *testing.T) {
	if testing.Short() {
		t.Skip("rewrites 40 MB of documents")
	}
	for _, name := range rewritten {
		file := filepath.Join(corpus(t), "specs", name)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, rewrite := range equalRewrites {
			r := newRewriter(t, name, text, uint64(i), 0.2)
			rewrite.do(r)
			if r.count == 0 && rewrite.name != "of OpenAPI 3.1" {
				t.Logf("%s: nothing to be %s", name, rewrite.name)
			}
			other := parse(t, "rewritten.json", r.write())
			original := load(t, file)
			if findings := breaking.Compare(original, other, options()); len(findings) > 0 {
				t.Errorf("%s %s: %d findings\n%s", name, rewrite.name, len(findings), show(findings))
			}
			if findings := breaking.Compare(other, original, options()); len(findings) > 0 {
				t.Errorf("%s %s, the other way round: %d findings\n%s", name, rewrite.name, len(findings), show(findings))
			}
		}
	}
}

// narrow makes one random schema of requests, or of responses, accept less. It
// reports where; false if nothing could be narrowed.
func narrow(r *rewriter, responses bool) (what string, ok bool) {
	found := spots(r.doc, responses)
	if len(found) == 0 {
		return "", false
	}
	for range 200 {
		s := found[r.rand.IntN(len(found))]
		n := narrowings[r.rand.IntN(len(narrowings))]
		if n.make(s.schema) {
			return n.name + " at " + s.String(), true
		}
	}
	return "", false
}

// TestNarrowings makes random requests and responses accept less, of which the former
// breaks when it is made and the latter when it is taken back.
func TestNarrowings(t *testing.T) {
	if testing.Short() {
		t.Skip("rewrites 40 MB of documents")
	}
	made := 0
	for _, name := range rewritten {
		file := filepath.Join(corpus(t), "specs", name)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		original := load(t, file)
		for seed := range uint64(6) {
			r := newRewriter(t, name, text, seed, 1)
			responses := seed%2 == 1
			what, ok := narrow(r, responses)
			if !ok {
				continue
			}
			made++
			narrowed := parse(t, "narrowed.json", r.write())
			old, new := original, narrowed
			if responses {
				old, new = narrowed, original
			}
			findings := breaking.Compare(old, new, options())
			if len(atLevel(findings, finding.Error)) == 0 {
				t.Errorf("%s, %s: not found\n%s", name, what, show(findings))
			}
		}
	}
	if made < 20 {
		t.Errorf("only %d narrowings were made", made)
	}
}

// small is a document in which every kind of schema occurs.
const small = `
openapi: 3.0.3
info: {title: Small, version: "1"}
paths:
  /things/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    put:
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: "#/components/schemas/Thing"}}
      responses:
        "200":
          description: the thing
          content:
            application/json: {schema: {$ref: "#/components/schemas/Thing"}}
components:
  schemas:
    Thing:
      type: object
      required: [name]
      properties:
        name: {type: string, minLength: 1, maxLength: 100}
        note: {type: string, nullable: true}
        count: {type: integer, minimum: 0, exclusiveMinimum: true}
        kind: {type: string, enum: [a, b, c]}
        parts: {type: array, items: {$ref: "#/components/schemas/Thing"}}
        labels: {type: object, additionalProperties: {type: string}}
        shape:
          oneOf:
            - {$ref: "#/components/schemas/Circle"}
            - {$ref: "#/components/schemas/Square"}
        created: {type: string, format: date-time, readOnly: true}
    Circle:
      allOf:
        - type: object
          required: [radius]
          properties: {radius: {type: number}, kind: {type: string, enum: [circle]}}
        - {required: [kind]}
    Square:
      type: object
      required: [kind, side]
      properties: {side: {type: number}, kind: {type: string, enum: [square]}}
`

// FuzzEqualRewrites rewrites a small document in random ways, again and again.
func FuzzEqualRewrites(f *testing.F) {
	f.Add(uint64(1), uint8(30), []byte{0, 1, 2, 3, 4, 5, 6})
	f.Add(uint64(2), uint8(90), []byte{3, 2, 1, 3, 2, 1})
	f.Fuzz(func(t *testing.T, seed uint64, percent uint8, steps []byte) {
		if len(steps) > 8 {
			return // each step may double the document
		}
		r := newRewriter(t, "small.yaml", []byte(small), seed, float64(percent%101)/100)
		for _, step := range steps {
			equalRewrites[int(step)%len(equalRewrites)].do(r)
			if text := r.write(); len(text) > 1<<17 {
				return
			}
		}
		text := r.write()
		original, other := parse(t, "small.yaml", []byte(small)), parse(t, "other.json", text)
		if findings := breaking.Compare(original, other, options()); len(findings) > 0 {
			t.Errorf("%s\n%s", text, show(findings))
		}
		if findings := breaking.Compare(other, original, options()); len(findings) > 0 {
			t.Errorf("the other way round: %s\n%s", text, show(findings))
		}
	})
}

// FuzzNarrowings narrows a rewritten document, which must be found.
func FuzzNarrowings(f *testing.F) {
	f.Add(uint64(1), false)
	f.Add(uint64(2), true)
	f.Fuzz(func(t *testing.T, seed uint64, responses bool) {
		r := newRewriter(t, "small.yaml", []byte(small), seed, 0.3)
		what, ok := narrow(r, responses)
		if !ok {
			return
		}
		equalRewrites[len(equalRewrites)-1].do(r)
		text := r.write()
		old, new := parse(t, "small.yaml", []byte(small)), parse(t, "narrowed.json", text)
		if responses {
			old, new = new, old
		}
		if findings := breaking.Compare(old, new, options()); len(atLevel(findings, finding.Error)) == 0 {
			t.Errorf("%s is not found in\n%s\n%s", what, text, show(findings))
		}
	})
}
