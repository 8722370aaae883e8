package program_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commslint/commslint/analyzers"
	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/internal/govet"
	"github.com/commslint/commslint/internal/program"
	"github.com/commslint/commslint/internal/vettool"
	"github.com/commslint/commslint/internal/workspace"
)

// TestMain lets the test binary be the vet tool of the runs that it starts.
func TestMain(m *testing.M) {
	if vettool.Called(os.Args[1:]) {
		vettool.Main(analyzers.Unit)
	}
	os.Exit(m.Run())
}

func load(t *testing.T, dir string) *program.Program {
	t.Helper()
	if testing.Short() {
		t.Skip("runs go vet")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	tool, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ws := workspace.Find([]string{"."}, workspace.Options{Dir: dir, Env: os.LookupEnv})
	p, err := program.Load(t.Context(), ws, callgraph.Estate{}, callgraph.Conditions{}, govet.Options{Dir: dir, Env: os.Environ(), Tool: tool})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.Failures {
		t.Errorf("%s:%d: %s", f.File, f.Line, f.Message)
	}
	return p
}

// TestShop holds the figures of the example shop against those that its end-to-end
// test counts and DEFECTS.md explains.
func TestShop(t *testing.T) {
	p := load(t, "../../examples/shop")
	const (
		checkout = "(*example.com/shop/internal/storefront.Server).handleCheckout"
		place    = "(*example.com/shop/internal/orders.Service).handlePlace"
	)
	for _, tt := range []struct {
		entry, target string // the end of its name
		hard          callgraph.Count
		factors       string
	}{
		{checkout, "/authorisations", 72, "3 3 4 2"},
		{checkout, "/payments.v1.Payments/Charge", 36, "3 3 4"},
		{checkout, "/v1/orders", 3, "3"},
		{place, "/authorisations", 24, "3 4 2"},
		{place, "/payments.v1.Payments/Charge", 12, "3 4"},
	} {
		found := false
		for _, a := range p.Amplification(tt.entry, 1) {
			if !strings.HasSuffix(a.Target, tt.target) {
				continue
			}
			found = true
			if got := factors(a.Path); a.Hard != tt.hard || got != tt.factors {
				t.Errorf("%s → %s: %s, by %s; want %s, by %s", tt.entry, a.Target, a.Hard, got, tt.hard, tt.factors)
			}
		}
		if !found {
			t.Errorf("%s does not lead to %s", tt.entry, tt.target)
		}
	}
}

func factors(path []callgraph.GraphStep) string {
	var all []string
	for _, step := range path {
		if step.Attempts != nil {
			all = append(all, step.Attempts.String())
		}
	}
	return strings.Join(all, " ")
}
