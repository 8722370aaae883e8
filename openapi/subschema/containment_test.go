package subschema_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/commslint/commslint/openapi/schema"
	"github.com/commslint/commslint/openapi/schema/schematest"
	"github.com/commslint/commslint/openapi/subschema"
)

// corpus finds the folder of test data that is kept outside of the repository.
func corpus(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		candidate := filepath.Join(dir, "shared", "corpus", "openapi", name)
		if _, err := os.Stat(candidate); err == nil {
			return candidate
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skipf("no shared/corpus/openapi/%s beside the repository", name)
		}
		dir = parent
	}
}

type containmentCase struct {
	ID               json.Number
	Schema1, Schema2 json.RawMessage
	Tests            struct {
		S1SubsetEqOfs2, S2SubsetEqOfs1 *bool
	}
}

// TestContainment asks for every pair of the suite with known containment. No answer may be
// wrong, and nine in ten must be given.
func TestContainment(t *testing.T) {
	root := filepath.Join(corpus(t, "containment"), "tests", "draft2020-12")
	asked, decided, mistaken := 0, 0, 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var cases []containmentCase
		if err := json.Unmarshal(text, &cases); err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		// Only the optional tests read format as an assertion.
		formats := strings.Contains(name, filepath.Join("optional", "format"))
		for _, c := range cases {
			for _, question := range [...]struct {
				a, b json.RawMessage
				want *bool
			}{{c.Schema1, c.Schema2, c.Tests.S1SubsetEqOfs2}, {c.Schema2, c.Schema1, c.Tests.S2SubsetEqOfs1}} {
				if question.want == nil {
					continue
				}
				asked++
				checker := subschema.New(subschema.Options{Formats: formats})
				a := schematest.Read(t, schema.OpenAPI31, string(question.a))
				b := schematest.Read(t, schema.OpenAPI31, string(question.b))
				answer := checker.Includes(a, b, subschema.Plain)
				if checker.Unconfirmed > 0 {
					t.Errorf("%s %s: %d witnesses were not confirmed\n\t%s\n\t%s", name, c.ID, checker.Unconfirmed, question.a, question.b)
				}
				switch {
				case answer.Verdict == subschema.Unknown:
					t.Logf("%s %s: unknown: %s\n\t%s\n\t%s", name, c.ID, answer.Reason, question.a, question.b)
					continue
				case (answer.Verdict == subschema.Included) == *question.want:
				case refuted(t, question.a, question.b, answer, formats):
					mistaken++
				default:
					t.Errorf("%s %s: %v, want inclusion %v\n\t%s\n\t%s\n\twitness %v",
						name, c.ID, answer.Verdict, *question.want, question.a, question.b, answer.Witness)
				}
				decided++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("decided %d of %d; the validator refutes what the suite says of %d", decided, asked, mistaken)
	if mistaken > 10 {
		t.Errorf("%d claims of the suite are refuted, more than are known", mistaken)
	}
	if decided*10 < asked*9 {
		t.Errorf("decided only %d of %d", decided, asked)
	}
}

// refuted says whether the validator, given the text of the suite, refutes the suite: some of
// its schemas were made by putting a negation around a reference instead of around the schema.
// A witness refutes that there is inclusion; a constant that is valid against b, that there is
// none.
func refuted(t *testing.T, a, b json.RawMessage, answer subschema.Answer, formats bool) bool {
	t.Helper()
	if answer.Verdict == subschema.NotIncluded {
		return valid(t, a, answer.Witness, formats) && !valid(t, b, answer.Witness, formats)
	}
	var constant struct{ Const json.RawMessage }
	if err := json.Unmarshal(a, &constant); err != nil || constant.Const == nil {
		return false
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(constant.Const))
	if err != nil {
		t.Fatal(err)
	}
	return valid(t, b, instance, formats)
}

func valid(t *testing.T, text json.RawMessage, instance any, formats bool) bool {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if formats {
		compiler.AssertFormat()
	}
	if err := compiler.AddResource("mem:///suite.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("mem:///suite.json")
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return compiled.Validate(instance) == nil
}
