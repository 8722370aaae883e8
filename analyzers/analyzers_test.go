package analyzers_test

import (
	"flag"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/commslint/commslint/analyzers"
	"github.com/commslint/commslint/analyzers/ruletest"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

// goRules returns the rules of the catalogue that are about Go code.
func goRules(t *testing.T) []rules.Rule {
	t.Helper()
	var found []rules.Rule
	for _, r := range rules.All() {
		if strings.HasPrefix(r.ID, "go/") {
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		t.Fatal("the catalogue has no rule about Go code")
	}
	return found
}

func TestEachRuleHasAnAnalyzer(t *testing.T) {
	var declared, implemented []string
	for _, r := range goRules(t) {
		declared = append(declared, r.Analyzer)
	}
	for _, a := range analyzers.All() {
		implemented = append(implemented, a.Name)
	}
	if !slices.IsSorted(implemented) {
		t.Errorf("All is not in alphabetical order: %q", implemented)
	}
	slices.Sort(declared)
	if !slices.Equal(declared, implemented) {
		t.Errorf("the catalogue's rules name the analyzers\n%q, All returns\n%q", declared, implemented)
	}
}

func TestAnalyzersAreWellFormed(t *testing.T) {
	if err := analysis.Validate(analyzers.Unit()); err != nil {
		t.Error(err)
	}
	for _, a := range analyzers.Unit() {
		if title, _, _ := strings.Cut(a.Doc, "\n"); strings.TrimSpace(title) == "" {
			t.Errorf("%s: the first line of its Doc is empty", a.Name)
		}
		if !strings.HasSuffix(a.URL, "/analyzers/"+a.Name) {
			t.Errorf("%s: its URL %q is not that of its package", a.Name, a.URL)
		}
	}
}

// TestParametersAreFlags holds the catalogue's parameters against the flags by
// which the command passes them on: the same names and the same defaults.
func TestParametersAreFlags(t *testing.T) {
	for _, a := range analyzers.All() {
		rule, ok := rules.ByAnalyzer(a.Name)
		if !ok {
			t.Errorf("no rule in the catalogue names the analyzer %s", a.Name)
			continue
		}
		for _, p := range rule.Params {
			f := a.Flags.Lookup(p.Name)
			if f == nil {
				t.Errorf("%s: the parameter %s is no flag of %s", rule.ID, p.Name, a.Name)
			} else if f.DefValue != p.Default {
				t.Errorf("%s: %s is %q by default in the catalogue, %q in %s", rule.ID, p.Name, p.Default, f.DefValue, a.Name)
			}
		}
		a.Flags.VisitAll(func(f *flag.Flag) {
			if !slices.ContainsFunc(rule.Params, func(p rules.Param) bool { return p.Name == f.Name }) {
				t.Errorf("%s: the flag %s of %s is no parameter in the catalogue", rule.ID, f.Name, a.Name)
			}
		})
	}
}

// TestExamples runs every analyzer on the bad and the good example of every
// rule about Go: the bad one breaks its own rule and no other, the good one none.
func TestExamples(t *testing.T) {
	examples := make(fstest.MapFS)
	for _, r := range goRules(t) {
		for kind, source := range map[string]string{"bad": r.Bad, "good": r.Good} {
			dir := path.Join("example.com", r.ID, kind)
			examples[path.Join(dir, "example.go")] = &fstest.MapFile{Data: []byte(source), Mode: 0o644}
		}
	}
	found := analyze(t, ruletest.GopathOf(t, examples), "example.com/...")
	for _, r := range goRules(t) {
		t.Run(r.ID, func(t *testing.T) {
			bad := found[path.Join("example.com", r.ID, "bad")]
			good, ok := found[path.Join("example.com", r.ID, "good")]
			if !ok {
				t.Fatal("the good example was not loaded")
			}
			if !slices.ContainsFunc(bad, func(d reported) bool { return d.analyzer == r.Analyzer }) {
				t.Errorf("the bad example does not break its rule")
			}
			for _, d := range bad {
				if d.analyzer != r.Analyzer {
					t.Errorf("the bad example breaks another rule too: %s", d)
				}
			}
			for _, d := range good {
				t.Errorf("the good example breaks a rule: %s", d)
			}
		})
	}
}

// reported is a diagnostic that a user would see.
type reported struct {
	analyzer, strength, line, message string
}

func (r reported) String() string {
	return r.line + ": " + r.analyzer + " (" + r.strength + "): " + r.message
}

// analyze runs every analyzer on the packages of a GOPATH that match pattern
// and returns what they report by import path.
func analyze(t *testing.T, gopath, pattern string) map[string][]reported {
	t.Helper()
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.LoadAllSyntax,
		Dir:  gopath,
		Env:  append(os.Environ(), "GOPATH="+gopath, "GO111MODULE=off", "GOPROXY=off", "GOFLAGS=", "GOWORK=off"),
	}, pattern)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string][]reported)
	for _, p := range pkgs {
		for _, err := range p.Errors {
			t.Errorf("%s does not compile: %v", p.PkgPath, err)
		}
		found[p.PkgPath] = nil
	}
	// SanityCheck: facts survive their encoding, and encode to the same bytes.
	graph, err := checker.Analyze(analyzers.Unit(), pkgs, &checker.Options{SanityCheck: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range graph.Roots {
		if act.Err != nil {
			t.Errorf("%s: %v", act, act.Err)
		}
		for _, d := range act.Diagnostics {
			strength, _ := finding.ParseCategory(d.Category)
			if strength != finding.Proven && strength != finding.Likely {
				t.Errorf("%s: strength %q of %q", act, strength, d.Message)
			}
			at := act.Package.Fset.Position(d.Pos)
			found[act.Package.PkgPath] = append(found[act.Package.PkgPath],
				reported{act.Analyzer.Name, string(strength), path.Base(at.Filename) + ":" + strconv.Itoa(at.Line), d.Message})
		}
	}
	return found
}
