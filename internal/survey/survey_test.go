package survey

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/rules/config"
	"github.com/commslint/commslint/tree"
)

func sources(t *testing.T, files map[string]string) (string, *workspace.Workspace) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir, workspace.Find([]string{"."}, workspace.Options{Dir: dir, Env: os.LookupEnv})
}

var shop = map[string]string{
	"go.mod":                                  "module example.com/shop\n\ngo 1.24\n",
	"cmd/orders/main.go":                      "package main\n\nvar a = env(\"PAYMENTS_URL\", `ORDERS_PAYMENTS_ADDR`, \"FRAUD_CHECK_HOST\")\n",
	"cmd/orders/again.go":                     "package main\n\nvar b = env(\"FRAUD_CHECK_HOST\", \"URL\", \"payments_url\", \"DEBUG_LEVEL\", \"CARRIER_URLS\")\n",
	"services/payments/main.go":               "package main\n",
	"services/fraud-check/cmd/server/main.go": "package main\n\nvar c = env(\"CARRIER_ENDPOINT\")\n",
	"tools/gen/main.go":                       "package main\n",
	"internal/x/x.go":                         "package x\n",
	"internal/x/x_test.go":                    "package x\n\nvar d = env(\"TEST_URL\")\n",
	"api/pay.proto":                           "syntax = \"proto3\";\n",
	"api/openapi.yaml":                        "openapi: 3.0.3\ninfo: {title: a, version: \"1\"}\npaths: {}\n",
}

func TestTake(t *testing.T) {
	dir, ws := sources(t, shop)
	s := Take(dir, ws, []finding.Finding{{Rule: "go/b"}, {Rule: "go/a"}, {Rule: "go/b"}, {Rule: "input/go"}, {Rule: "go/c", Suppressed: &finding.Suppression{}}})
	want := &Survey{
		GoFiles: 6, Protos: 1, Documents: map[workspace.Kind]int{workspace.OpenAPI: 1},
		Services: []Service{
			{Name: "fraud-check", Dir: "services/fraud-check/cmd/server", Env: []string{"FRAUD_CHECK_HOST"}},
			{Name: "orders", Dir: "cmd/orders"},
			{Name: "payments", Dir: "services/payments", Env: []string{"ORDERS_PAYMENTS_ADDR", "PAYMENTS_URL"}},
		},
		Addresses: []Address{{"CARRIER_ENDPOINT", "services/fraud-check/cmd/server/main.go", 3}},
		Rules:     []Count{{"go/b", 2}, {"go/a", 1}},
	}
	s.GoFiles = want.GoFiles // whether test files count is not this test's matter
	if diff := cmp.Diff(want, s); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestServicesOfOneName(t *testing.T) {
	dir, ws := sources(t, map[string]string{
		"go.mod": "module example.com/shop\n\ngo 1.24\n", "main.go": "package main\n",
		"a/pay/main.go": "package main\n", "b/pay/main.go": "package main\n",
	})
	var names []string
	for _, s := range Take(dir, ws, nil).Services {
		names = append(names, s.Name+" in "+s.Dir)
	}
	if diff := cmp.Diff([]string{"a/pay in a/pay", "b/pay in b/pay", "shop in "}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// uncomment makes settings of the comments that show some: a key, and what is indented below it.
func uncomment(text string) string {
	var out []string
	inside := false
	for _, line := range strings.Split(text, "\n") {
		rest, ok := strings.CutPrefix(line, "# ")
		switch rest {
		case "rules:", "exclude:", "dimensions:", "services:":
			inside = true
		default:
			inside = inside && ok && strings.HasPrefix(rest, "  ") && !strings.HasPrefix(rest, "  and ")
		}
		if ok && inside {
			line = rest
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// What is written is a valid configuration, as it stands and with its examples in force,
// whatever folders are called.
func TestConfigurationIsValid(t *testing.T) {
	many := &Survey{GoFiles: 1, Protos: 2, Rules: []Count{{"go/no-timeout", 3}, {"go/retry-no-budget", 1}}}
	for i, name := range []string{"on", "null", "a: b", `x"y`, "-", "名", "1", "#c", "a b", "svc/pay", "{}", "a'b", "~"} {
		many.Services = append(many.Services, Service{Name: name, Dir: "d/" + strings.ReplaceAll(name, "/", "_"), Env: []string{fmt.Sprintf("A%d_URL", i)}})
	}
	many.Services = append(many.Services, Service{Name: "bare"})
	for range maxAddresses + 1 {
		many.Addresses = append(many.Addresses, Address{"X_URL", "a\nb.go", 1})
	}
	schema, err := jsonschema.NewCompiler().Compile("../../docs/commslint.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if schema.Validate(map[string]any{"version": 1, "service": map[string]any{}}) == nil {
		t.Fatal("the schema takes everything")
	}
	dir, ws := sources(t, shop)
	for name, s := range map[string]*Survey{"nothing": {}, "a shop": Take(dir, ws, []finding.Finding{{Rule: "go/no-timeout"}}), "odd names": many} {
		text := string(s.Configuration())
		for _, text := range []string{text, uncomment(text)} {
			path := filepath.Join(t.TempDir(), "commslint.yaml")
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			c, err := config.Load(path)
			if err != nil {
				t.Errorf("%s: %v\n%s", name, err, text)
				continue
			}
			file, err := tree.Parse(path, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(file.Root.Value()); err != nil {
				t.Errorf("%s: the editors' schema: %v\n%s", name, err, text)
			}
			if services := len(c.Services()); len(s.Services) > 1 && services != len(s.Services) {
				t.Errorf("%s: %d services, want %d", name, services, len(s.Services))
			}
		}
		if s == many && !strings.Contains(uncomment(text), "\nrules:\n  go/no-timeout: error") {
			t.Errorf("the test does not put rules into force:\n%s", uncomment(text))
		}
	}
}
