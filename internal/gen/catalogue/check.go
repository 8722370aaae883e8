package catalogue

import (
	"errors"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"strings"

	"github.com/commslint/commslint/rules"
)

// check reports what the CUE schema cannot say about one rule.
func check(r rules.Rule) []error {
	var errs []error
	domain, _, _ := strings.Cut(r.ID, "/")
	if (domain == "go") != (r.Analyzer != "") {
		errs = append(errs, errors.New("a rule has an analyzer if, and only if, its domain is go"))
	}
	for _, p := range r.Params {
		if err := p.Check(p.Default); err != nil {
			errs = append(errs, fmt.Errorf("default of parameter %s: %w", p.Name, err))
		}
	}
	if domain == "go" {
		errs = append(errs, checkGo("bad", r.Bad), checkGo("good", r.Good))
	}
	if r.Bad == r.Good {
		errs = append(errs, errors.New("the bad and the good example are the same"))
	}
	return compact(errs)
}

// checkGo reports an example that does not parse or is not formatted.
func checkGo(name, source string) error {
	if _, err := parser.ParseFile(token.NewFileSet(), name+".go", source, parser.SkipObjectResolution); err != nil {
		return fmt.Errorf("%s example: %w", name, err)
	}
	formatted, err := format.Source([]byte(source))
	if err != nil {
		return fmt.Errorf("%s example: %w", name, err)
	}
	if string(formatted) != source {
		return fmt.Errorf("%s example is not formatted: run gofmt on it", name)
	}
	return nil
}

// checkNames reports ids, aliases and analyzers that name two rules.
func checkNames(all []rules.Rule) []error {
	var errs []error
	ids, analyzers := map[string]string{}, map[string]string{}
	claim := func(taken map[string]string, what, name, id string) {
		if other, ok := taken[name]; ok {
			errs = append(errs, fmt.Errorf("%s %s names both %s and %s", what, name, other, id))
		}
		taken[name] = id
	}
	for _, r := range all {
		claim(ids, "id", r.ID, r.ID)
		for _, alias := range r.Aliases {
			claim(ids, "alias", alias, r.ID)
		}
		if r.Analyzer != "" {
			claim(analyzers, "analyzer", r.Analyzer, r.ID)
		}
	}
	return errs
}

func compact(errs []error) []error {
	var kept []error
	for _, err := range errs {
		if err != nil {
			kept = append(kept, err)
		}
	}
	return kept
}
