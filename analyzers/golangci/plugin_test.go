package golangci

import (
	"strings"
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/commslint/commslint/analyzers"
)

func names(t *testing.T, settings any) string {
	t.Helper()
	newLinter, err := register.GetPlugin("commslint")
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLinter(settings)
	if err != nil {
		t.Fatal(err)
	}
	if l.GetLoadMode() != register.LoadModeTypesInfo {
		t.Errorf("load mode %s: the rules need types", l.GetLoadMode())
	}
	all, err := l.BuildAnalyzers()
	if err != nil {
		t.Fatal(err)
	}
	if err := analysis.Validate(all); err != nil {
		t.Error(err)
	}
	var list []string
	for _, a := range all {
		list = append(list, a.Name)
	}
	return strings.Join(list, " ")
}

func TestPlugin(t *testing.T) {
	all := names(t, nil)
	if n := len(strings.Fields(all)); n != len(analyzers.All()) || n < 20 {
		t.Errorf("%d rules, want all %d", n, len(analyzers.All()))
	}
	some := names(t, map[string]any{"disable": []any{"go/no-timeout", "go/retry-*"}})
	if strings.Contains(" "+some, " notimeout") || strings.Contains(some, "retrynojitter") || !strings.Contains(some, "bodyleak") {
		t.Errorf("switched on are %s", some)
	}
	if names(t, nil) != all {
		t.Error("switching rules off for one linter switches them off for all")
	}
}

func TestPluginRefuses(t *testing.T) {
	for want, settings := range map[string]any{
		"unknown rule \"go/no-timeouts\"": map[string]any{"disable": []any{"go/no-timeouts"}},
		"expected nothing but disable":    map[string]any{"disabled": []any{"go/no-timeout"}},
		"decoding settings":               "go/no-timeout",
	} {
		if _, err := New(settings); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want one with %q", settings, err, want)
		}
	}
}
