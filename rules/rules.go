// Package rules gives typed access to commslint's declared knowledge: the rule
// catalogue (catalogue/*.cue), and through its subpackages the client-library
// models and the configuration schema. The data is compiled by go generate into
// static Go values, so that reading it costs nothing at start-up.
package rules

import "github.com/commslint/commslint/finding"

// A Rule is one entry of the catalogue.
type Rule struct {
	ID          string // "go/no-timeout"; never changes meaning
	Aliases     []string
	Analyzer    string // name of the go/analysis analyzer, empty for other domains
	Level       finding.Level
	Summary     string // one line
	Rationale   string // Markdown: why it matters
	Remediation string // Markdown: how to mend it
	Bad, Good   string // example source; for Go a whole file
	Language    string // of the examples, as Markdown code fences name it
	Params      []Param
	References  []Reference
	Precision   string // SARIF properties.precision: very-high, high, medium, low
	Tags        []string
}

// A Param is a value that configuration may set for a rule.
type Param struct {
	Name    string
	Type    string // "int", "bool", "string", "duration", "strings"
	Default string // in the flag syntax of its type
	Doc     string
	Source  string   // where the default comes from
	Values  []string // the only values allowed; nil if any of the type is
	Format  string   // what each string must be: "host", "cidr", or anything if empty
}

// A Reference backs a rule or a number.
type Reference struct {
	Title string
	URL   string
}

// The catalogue, its documentation and the editors' schema are one declaration.
//
//go:generate go run ../internal/gen/catalogue/generate

// All returns every rule, sorted by id. The slice must not be changed.
func All() []Rule { return catalogue }

// Lookup finds a rule by id or alias.
func Lookup(id string) (*Rule, bool) {
	for i := range catalogue {
		r := &catalogue[i]
		if r.ID == id {
			return r, true
		}
		for _, a := range r.Aliases {
			if a == id {
				return r, true
			}
		}
	}
	return nil, false
}

// ByAnalyzer finds the rule that the named go/analysis analyzer implements.
func ByAnalyzer(name string) (*Rule, bool) {
	for i := range catalogue {
		if catalogue[i].Analyzer == name && name != "" {
			return &catalogue[i], true
		}
	}
	return nil, false
}
