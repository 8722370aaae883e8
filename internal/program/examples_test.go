package program_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/govet"
	"github.com/commslint/commslint/internal/program"
	"github.com/commslint/commslint/internal/proxyconfig"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/openapi/lint"
	"github.com/commslint/commslint/rules"
	"github.com/commslint/commslint/rules/config"
)

// examine checks a system in the format of txtar.
func examine(t *testing.T, text string) []finding.Finding {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	archive := txtar.Parse([]byte(text))
	archive.Files = append(archive.Files, txtar.File{Name: "go.mod", Data: []byte("module example.com/system\n\ngo 1.24\n")})
	for _, f := range archive.Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tool, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ws := workspace.Find([]string{"."}, workspace.Options{Dir: dir, Env: os.LookupEnv})
	proxies := proxyconfig.Load(ws, proxyconfig.Options{Dir: dir})
	estate := callgraph.Estate{Routes: proxies.Routes, Workloads: proxies.Workloads, Services: configured(t, dir)}
	for _, file := range ws.Documents[workspace.OpenAPI] {
		name := workspace.Relative(dir, file)
		doc, err := document.Load(func(string) ([]byte, error) { return os.ReadFile(file) }, name)
		if err != nil {
			t.Fatal(err)
		}
		estate.Contracts = append(estate.Contracts, program.Contracts(doc, lint.DefaultOptions())...)
	}
	p, err := program.Load(t.Context(), ws, estate, callgraph.Conditions{}, govet.Options{Dir: dir, Env: os.Environ(), Tool: tool})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.Failures {
		t.Errorf("%s:%d: %s", f.File, f.Line, f.Message)
	}
	return p.Findings(callgraph.DefaultLimits)
}

// configured are the services of the configuration in dir, if there is one.
func configured(t *testing.T, dir string) []callgraph.ServiceNames {
	t.Helper()
	path := filepath.Join(dir, "commslint.yaml")
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	c, err := config.LoadIn(dir, path)
	if err != nil {
		t.Fatal(err)
	}
	var all []callgraph.ServiceNames
	for _, s := range c.Services() {
		all = append(all, callgraph.ServiceNames{Name: s.Name, Hosts: s.Hosts, Env: s.Env, Clusters: s.Clusters, Dir: s.Dir})
	}
	return all
}

// Each bad example breaks its rule, and no good one does.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("runs go vet")
	}
	for _, r := range rules.All() {
		if !strings.HasPrefix(r.ID, "graph/") {
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			is := func(f finding.Finding) bool { return f.Rule == r.ID }
			if bad := examine(t, r.Bad); !slices.ContainsFunc(bad, is) {
				t.Errorf("the bad example does not break the rule; found %+v", bad)
			}
			for _, f := range examine(t, r.Good) {
				if is(f) {
					t.Errorf("the good example breaks the rule: %s:%d: %s", f.File, f.Line, f.Message)
				}
			}
		})
	}
}
