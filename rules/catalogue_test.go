package rules_test

import (
	"encoding/json"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/commslint/commslint/internal/gen/catalogue"
	"github.com/commslint/commslint/rules"
)

func TestGeneratedFilesAreCurrent(t *testing.T) {
	all, err := catalogue.Load("catalogue")
	if err != nil {
		t.Fatal(err)
	}
	files, err := catalogue.Generate(all)
	if err != nil {
		t.Fatal(err)
	}
	drift, err := catalogue.Drift("..", files)
	if err != nil {
		t.Fatal(err)
	}
	if len(drift) > 0 {
		t.Errorf("out of date: %s; run `go generate ./rules/...`", strings.Join(drift, ", "))
	}
}

func TestCatalogueIsSorted(t *testing.T) {
	all := rules.All()
	if !slices.IsSortedFunc(all, func(a, b rules.Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("rules.All is not sorted by id")
	}
	for i := range all {
		if r, ok := rules.Lookup(all[i].ID); !ok || r.ID != all[i].ID {
			t.Errorf("%s is not found by its id", all[i].ID)
		}
		if analyzer := all[i].Analyzer; analyzer != "" {
			if r, ok := rules.ByAnalyzer(analyzer); !ok || r.ID != all[i].ID {
				t.Errorf("%s is not found by its analyzer %s", all[i].ID, analyzer)
			}
		}
	}
}

// The examples of Go rules are code to copy, so they must compile. Those that
// import other modules are only parsed here; the analyzers' tests compile them.
func TestGoExamplesCompile(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks the standard library from source")
	}
	fset := token.NewFileSet()
	std := importer.ForCompiler(fset, "source", nil)
	for _, r := range rules.All() {
		if r.Analyzer == "" {
			continue
		}
		for name, source := range map[string]string{"bad": r.Bad, "good": r.Good} {
			file, err := parser.ParseFile(fset, r.ID+"/"+name+".go", source, parser.ParseComments)
			if err != nil {
				t.Error(err)
				continue
			}
			if importsModules(file) {
				continue
			}
			config := types.Config{Importer: std}
			if _, err := config.Check(r.ID, fset, []*ast.File{file}, nil); err != nil {
				t.Error(err)
			}
		}
	}
}

func importsModules(file *ast.File) bool {
	return slices.ContainsFunc(file.Imports, func(spec *ast.ImportSpec) bool {
		first, _, _ := strings.Cut(strings.Trim(spec.Path.Value, `"`), "/")
		return strings.Contains(first, ".")
	})
}

// Editors use the schema to complete rule ids and parameters.
func TestEditorSchemaKnowsEveryRule(t *testing.T) {
	data, err := os.ReadFile("../docs/commslint.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs struct {
			Rules struct {
				Properties map[string]struct {
					AnyOf []struct{ Properties map[string]any }
				}
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	for _, r := range rules.All() {
		entry, ok := schema.Defs.Rules.Properties[r.ID]
		if !ok {
			t.Errorf("%s is missing", r.ID)
			continue
		}
		for _, p := range r.Params {
			known := false
			for _, alternative := range entry.AnyOf {
				_, has := alternative.Properties[p.Name]
				known = known || has
			}
			if !known {
				t.Errorf("%s: parameter %s is missing", r.ID, p.Name)
			}
		}
	}
}

func TestSuggest(t *testing.T) {
	for id, want := range map[string]string{
		"no-timeout":         "go/no-timeout",
		"go/no-timeouts":     "go/no-timeout",
		"go/no-tiemout":      "go/no-timeout",
		"GO/insecure-tls":    "go/insecure-tls",
		"http/server-no-tim": "",
		"unused":             "suppress/unused",
		"x":                  "",
		"":                   "",
	} {
		if got, _ := rules.Suggest(rules.All(), id); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", id, got, want)
		}
	}
}

func TestMatch(t *testing.T) {
	for pattern, want := range map[string]int{
		"*": len(rules.All()), "suppress/*": 2, "go/no-timeout": 1, "go/*-timeout": 2, "go": 0, "[": 0, "": 0,
	} {
		if got := len(rules.Match(rules.All(), pattern)); got != want {
			t.Errorf("%q matches %d rules, want %d", pattern, got, want)
		}
	}
}

func TestParamCheck(t *testing.T) {
	for _, test := range []struct {
		param rules.Param
		value string
		want  string
	}{
		{rules.Param{Type: "int"}, "12", ""},
		{rules.Param{Type: "int"}, "twelve", `found "twelve"; expected a whole number`},
		{rules.Param{Type: "bool"}, "1", `found "1"; expected true or false`},
		{rules.Param{Type: "duration"}, "1m30s", ""},
		{rules.Param{Type: "duration"}, "-1s", `found "-1s"; expected a duration such as "500ms" or "2s"`},
		{rules.Param{Type: "string", Values: []string{"a", "b"}}, "c", `found "c"; expected one of a, b`},
		{rules.Param{Type: "strings"}, "", ""},
		{rules.Param{Type: "strings"}, "a,,b", `found ""; expected a string without a comma`},
		{rules.Param{Type: "strings", Format: "cidr"}, "10.0.0.0/8,::1/128", ""},
		{rules.Param{Type: "strings", Format: "cidr"}, "10.0.0.0/8,10.0.0.1", `found "10.0.0.1"; expected a network in CIDR form such as "10.0.0.0/8"`},
		{rules.Param{Type: "strings", Format: "host"}, "*.example.com,cache", ""},
		{rules.Param{Type: "strings", Format: "host"}, "https://a", `found "https://a"; expected a host name such as "cache.example.com" or "*.example.com"`},
	} {
		got := ""
		if err := test.param.Check(test.value); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s %q: got %q, want %q", test.param.Type, test.value, got, test.want)
		}
	}
}
