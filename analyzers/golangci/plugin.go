// Package golangci makes the Go rules a linter of golangci-lint, by its module plugin
// system (golangci-lint.run, "Module Plugin System"). Import it for its side effect, as
// golangci-lint custom does, and switch the linter commslint on.
//
// The rules report as they do under go vet: each at its own level, without what
// commslint.yaml sets. Comments that suppress are honoured.
package golangci

import (
	"fmt"
	"slices"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/commslint/commslint/analyzers"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

func init() { register.Plugin("commslint", New) }

// Settings are what .golangci.yml may say under linters.settings.custom.commslint.settings.
type Settings struct {
	// Disable names rules that report nothing, by id or by a pattern such as "go/*".
	Disable []string `json:"disable"`
}

// New makes the linter of the settings. It fails on settings and rules that do not exist.
func New(settings any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](settings)
	if err != nil {
		return nil, fmt.Errorf("commslint: %w; expected nothing but disable, a list of rules", err)
	}
	disabled := map[string]bool{}
	for _, pattern := range s.Disable {
		matched := rules.Match(rules.All(), pattern)
		if len(matched) == 0 {
			return nil, fmt.Errorf("commslint: disable: unknown rule %q; expected the id of a rule or a pattern such as \"go/*\"", pattern)
		}
		for _, r := range matched {
			disabled[r.ID] = true
		}
	}
	return linter{slices.DeleteFunc(analyzers.All(), func(a *analysis.Analyzer) bool {
		r, ok := rules.ByAnalyzer(a.Name)
		return ok && (disabled[r.ID] || r.Level == finding.Off)
	})}, nil
}

type linter struct{ analyzers []*analysis.Analyzer }

func (l linter) BuildAnalyzers() ([]*analysis.Analyzer, error) { return l.analyzers, nil }

func (l linter) GetLoadMode() string { return register.LoadModeTypesInfo }
