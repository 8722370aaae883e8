package subschema_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/openapi/subschema"
)

// contract is the reading that breaking changes of contracts are judged by.
var contract = subschema.Options{Formats: true, Tolerant: true}

func load(t testing.TB, path string) *document.Document {
	t.Helper()
	d, err := document.Load(func(name string) ([]byte, error) {
		return os.ReadFile(filepath.Join(filepath.Dir(path), name))
	}, filepath.Base(path))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A message is a schema of a document with the place where it is used.
type message struct {
	place     string
	direction subschema.Direction
	schema    *schema.Schema
}

// messages lists the bodies and parameters of all operations.
func messages(d *document.Document) []message {
	var list []message
	add := func(place string, dir subschema.Direction, s *schema.Schema) {
		if s != nil {
			list = append(list, message{place, dir, s})
		}
	}
	for _, item := range d.Paths {
		for _, op := range item.Operations {
			place := item.Name + " " + op.Method
			for _, p := range op.Parameters {
				add(place+" parameter "+p.In+" "+p.Name, subschema.Request, p.Schema())
			}
			if op.RequestBody != nil {
				for _, m := range op.RequestBody.Content {
					add(place+" request "+m.Range, subschema.Request, m.Schema())
				}
			}
			for _, r := range op.Responses {
				for _, m := range r.Content {
					add(place+" response "+r.Status+" "+m.Range, subschema.Response, m.Schema())
				}
			}
		}
	}
	return list
}

// compare asks about every message that both documents have.
func compare(c *subschema.Checker, old, now []message, each func(place string, answer subschema.Answer)) {
	byPlace := map[string]message{}
	for _, m := range now {
		byPlace[m.place] = m
	}
	for _, before := range old {
		after, ok := byPlace[before.place]
		if !ok {
			continue
		}
		a, b := before.schema, after.schema
		if before.direction == subschema.Response {
			a, b = b, a
		}
		each(before.place, c.Includes(a, b, before.direction))
	}
}

// TestCases: what is equal or compatible must be silent. What breaks by a schema must be found;
// cases that break by something else are not asked about.
func TestCases(t *testing.T) {
	root := corpus(t, "cases")
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		t.Run(entry.Name(), func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(root, entry.Name(), "case.json"))
			if err != nil {
				t.Fatal(err)
			}
			var c struct{ Expect string }
			if err := json.Unmarshal(text, &c); err != nil {
				t.Fatal(err)
			}
			base, revision := caseFiles(t, filepath.Join(root, entry.Name()))
			checker := subschema.New(contract)
			found := 0
			compare(checker, messages(load(t, base)), messages(load(t, revision)), func(place string, answer subschema.Answer) {
				if answer.Verdict == subschema.Included {
					return
				}
				found++
				for _, cause := range answer.Causes {
					t.Logf("%s: %v: %s %v", place, answer.Verdict, cause.Message, cause.Witness)
				}
				if c.Expect == "ok" {
					t.Errorf("%s: %v %s", place, answer.Verdict, answer.Reason)
				}
			})
			if checker.Unconfirmed > 0 {
				t.Errorf("%d witnesses were not confirmed", checker.Unconfirmed)
			}
			if c.Expect == "breaking" && found == 0 && isSchemaCase(entry.Name()) {
				t.Errorf("nothing was found")
			}
		})
	}
}

func caseFiles(t *testing.T, dir string) (base, revision string) {
	t.Helper()
	for _, name := range [...]string{"base", "revision"} {
		matches, err := filepath.Glob(filepath.Join(dir, name+".*"))
		if err != nil || len(matches) != 1 {
			t.Fatalf("%s in %s: %v %v", name, dir, matches, err)
		}
		base, revision = revision, matches[0]
	}
	return base, revision
}

func isSchemaCase(name string) bool {
	return strings.Contains(name, "-brk-req-") ||
		strings.Contains(name, "-brk-resp-") && !strings.Contains(name, "header") && !strings.Contains(name, "body-dropped")
}

// TestPublished compares published documents with themselves, which must be silent, and with a
// later revision, where each finding must be confirmed.
func TestPublished(t *testing.T) {
	if testing.Short() {
		t.Skip("large documents")
	}
	root := corpus(t, "specs")
	for _, pair := range [...][2]string{
		{"stripe-base.json", "stripe-rev.json"}, {"stripe-base.yaml", "stripe-rev.yaml"},
		{"github-2022-06.json", "github-rev.json"}, {"cloudflare-2023-05.yaml", "cloudflare-base.yaml"},
		{"twilio-base.yaml", "twilio-rev.yaml"}, {"adyen-mgmt-base.yaml", "adyen-mgmt-rev.yaml"},
		{"k8s-core-base.json", "k8s-core-rev.json"},
	} {
		t.Run(pair[0], func(t *testing.T) {
			old, now := filepath.Join(root, pair[0]), filepath.Join(root, pair[1])
			begin := time.Now()
			a, b := messages(load(t, old)), messages(load(t, now))
			loaded := time.Since(begin)
			begin = time.Now()
			checker := subschema.New(contract)
			causes := map[*subschema.Cause]int{}
			verdicts := map[subschema.Verdict]int{}
			compare(checker, a, b, func(place string, answer subschema.Answer) {
				verdicts[answer.Verdict]++
				for _, cause := range answer.Causes {
					causes[cause]++
				}
				if answer.Verdict == subschema.Unknown {
					t.Logf("%s: %s", place, answer.Reason)
				}
			})
			t.Logf("%d messages; loaded in %v, compared in %v: %v, %d causes", len(a), loaded, time.Since(begin), verdicts, len(causes))
			if checker.Unconfirmed > 0 {
				t.Errorf("%d witnesses were not confirmed", checker.Unconfirmed)
			}
			for cause, n := range causes {
				t.Logf("%4d × %v %s: %s; before or after %v; %v", n, cause.B.Location(cause.Keyword), cause.Keyword, cause.Message, place(cause.A), cause.Witness)
			}
			again := messages(load(t, old))
			compare(subschema.New(contract), a, again, func(place string, answer subschema.Answer) {
				if answer.Verdict != subschema.Included {
					t.Errorf("%s: not equal to itself: %v %s", place, answer.Verdict, answer.Reason)
				}
			})
		})
	}
}

func place(s *schema.Schema) finding.Location {
	if s == nil {
		return finding.Location{}
	}
	return s.Location("")
}
