// Package catalogue compiles the rule catalogue (rules/catalogue/*.cue) into the
// Go values, pages and schema that are generated from it.
package catalogue

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/cuecontext"
	cueerrors "cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/load"
	"cuelang.org/go/cue/token"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

// entry is a rule as the CUE schema spells it.
type entry struct {
	ID          string   `json:"id"`
	Aliases     []string `json:"aliases"`
	Analyzer    string   `json:"analyzer"`
	Level       string   `json:"level"`
	Summary     string   `json:"summary"`
	Rationale   string   `json:"rationale"`
	Remediation string   `json:"remediation"`
	Bad         string   `json:"bad"`
	Good        string   `json:"good"`
	Language    string   `json:"language"`
	Params      []struct {
		Name    string   `json:"name"`
		Type    string   `json:"type"`
		Default string   `json:"default"`
		Doc     string   `json:"doc"`
		Source  string   `json:"source"`
		Values  []string `json:"values"`
		Format  string   `json:"format"`
	} `json:"params"`
	References []struct {
		Title string `json:"title"`
		URL   string `json:"url"`
	} `json:"references"`
	Precision string   `json:"precision"`
	Tags      []string `json:"tags"`
}

// Load evaluates and checks the catalogue in dir, and returns its rules sorted
// by id. Errors name file, line and column relative to dir; all of them are
// reported at once.
func Load(dir string) ([]rules.Rule, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	instance := load.Instances([]string{"."}, &load.Config{Dir: dir, Env: []string{"CUE_REGISTRY=none"}})[0]
	if instance.Err != nil {
		return nil, located(dir, instance.Err)
	}
	root := cuecontext.New().BuildInstance(instance)
	if err := root.Validate(cue.Concrete(true), cue.All()); err != nil {
		return nil, located(dir, err)
	}
	fields, err := root.LookupPath(cue.ParsePath("rules")).Fields()
	if err != nil {
		return nil, located(dir, err)
	}
	var (
		all  []rules.Rule
		errs []error
	)
	for fields.Next() {
		var e entry
		if err := fields.Value().Decode(&e); err != nil {
			return nil, located(dir, err)
		}
		r := e.rule()
		for _, err := range check(r) {
			errs = append(errs, fmt.Errorf("%s: %s: %w", position(dir, entryPos(instance, r.ID)), r.ID, err))
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b rules.Rule) int { return strings.Compare(a.ID, b.ID) })
	errs = append(errs, checkNames(all)...)
	return all, errors.Join(errs...)
}

func (e *entry) rule() rules.Rule {
	r := rules.Rule{
		ID:          e.ID,
		Aliases:     nonEmpty(e.Aliases),
		Analyzer:    e.Analyzer,
		Level:       finding.Level(e.Level),
		Summary:     e.Summary,
		Rationale:   e.Rationale,
		Remediation: e.Remediation,
		Bad:         e.Bad,
		Good:        e.Good,
		Language:    e.Language,
		Precision:   e.Precision,
		Tags:        e.Tags,
	}
	for _, p := range e.Params {
		r.Params = append(r.Params, rules.Param{
			Name: p.Name, Type: p.Type, Default: p.Default, Doc: p.Doc, Source: p.Source,
			Values: nonEmpty(p.Values), Format: p.Format,
		})
	}
	for _, ref := range e.References {
		r.References = append(r.References, rules.Reference{Title: ref.Title, URL: ref.URL})
	}
	return r
}

// entryPos finds where the catalogue declares a rule. The evaluated value would
// name the schema as often as the entry.
func entryPos(instance *build.Instance, id string) token.Pos {
	for _, file := range instance.Files {
		var found token.Pos
		ast.Walk(file, func(n ast.Node) bool {
			if field, ok := n.(*ast.Field); ok {
				if name, _, err := ast.LabelName(field.Label); err == nil && name == id {
					found = field.Label.Pos()
				}
			}
			return !found.IsValid()
		}, nil)
		if found.IsValid() {
			return found
		}
	}
	return token.NoPos
}

func nonEmpty(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}

// located turns CUE's errors into lines of the form file:line:col: message.
func located(dir string, err error) error {
	var lines []error
	for _, e := range cueerrors.Errors(err) {
		format, args := e.Msg()
		message := fmt.Sprintf(format, args...)
		if path := e.Path(); len(path) > 0 {
			message = strings.Join(path, ".") + ": " + message
		}
		lines = append(lines, fmt.Errorf("%s: %s", position(dir, blame(dir, e)), message))
	}
	return errors.Join(lines...)
}

// blame picks the position to show for an error: a catalogue entry's rather than
// the schema's, because the entry is what its author has just written.
func blame(dir string, e cueerrors.Error) token.Pos {
	positions := append([]token.Pos{e.Position()}, e.InputPositions()...)
	for _, p := range positions {
		if p.IsValid() && filepath.Dir(p.Filename()) == dir && filepath.Base(p.Filename()) != "schema.cue" {
			return p
		}
	}
	return e.Position()
}

func position(dir string, p token.Pos) string {
	name := p.Filename()
	if rel, err := filepath.Rel(dir, name); err == nil {
		name = filepath.ToSlash(rel)
	}
	return fmt.Sprintf("%s:%d:%d", name, p.Line(), p.Column())
}
