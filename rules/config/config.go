// Package config reads commslint.yaml and commslint.cue: which rules are how
// loud, with which parameters, where they report nothing, and which services
// there are. It is the only package of the command line that evaluates CUE; the
// evaluation reads no other file and no network.
package config

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

// OriginDefault is the origin of values that nobody set.
const OriginDefault = "default"

// A Config is the effective configuration: the catalogue's defaults, what the
// configuration file sets, and what flags set on top.
type Config struct {
	path      string // as shown to users; empty without a file
	root      string // absolute folder that globs are relative to; empty without a file
	workdir   string // absolute folder that findings' files are relative to
	catalogue []rules.Rule
	levels    map[string]setting // by rule id
	params    map[string]map[string]setting
	excludes  []Exclude
	services  []Service

	dimensions []Dimensions // in the file's order
}

// Dimensions says in which dimensions changes of .proto files matter.
type Dimensions struct {
	Glob   string // relative to the folder of the configuration; empty for every file
	Names  []string
	Origin string
}

// A setting is a value that somebody set.
type setting struct {
	value  string
	origin string
}

// An Exclude says where a rule, or every rule, reports nothing.
type Exclude struct {
	Rule   string // an id or a pattern; empty for every rule
	Glob   string // relative to the folder of the configuration
	Reason string // may be empty
	Origin string
}

// A Service is one service of the system and the names that lead to it.
type Service struct {
	Name     string
	Hosts    []string
	Env      []string // environment variables
	Clusters []string
	Dir      string // slash-separated, relative to the folder of the configuration; may be empty
	Origin   string
}

// An Entry is one effective value.
type Entry struct {
	Rule   string
	Name   string // "severity" or a parameter
	Value  string // in flag syntax
	Origin string // "default", "commslint.yaml:3:5", or what Set was told
}

// Default returns the configuration that holds without a file.
func Default() *Config { return newConfig(rules.All()) }

func newConfig(catalogue []rules.Rule) *Config {
	return &Config{
		catalogue: catalogue,
		levels:    map[string]setting{},
		params:    map[string]map[string]setting{},
	}
}

// Path returns the configuration file's path as errors show it, empty if there
// is none.
func (c *Config) Path() string { return c.path }

// Level returns how loud a rule is. A rule that the catalogue does not have is
// an error: better too loud than lost.
func (c *Config) Level(rule string) finding.Level {
	if s, ok := c.levels[c.canonical(rule)]; ok {
		return finding.Level(s.value)
	}
	if r, ok := c.lookup(rule); ok {
		return r.Level
	}
	return finding.Error
}

// Explicit reports whether the file or a flag set the rule's level.
func (c *Config) Explicit(rule string) bool {
	_, ok := c.levels[c.canonical(rule)]
	return ok
}

// Origin says where the rule's level comes from.
func (c *Config) Origin(rule string) string {
	if s, ok := c.levels[c.canonical(rule)]; ok {
		return s.origin
	}
	return OriginDefault
}

// Param returns a parameter's value in flag syntax, its default if nobody set
// it; false if the rule has no such parameter.
func (c *Config) Param(rule, name string) (string, bool) {
	r, ok := c.lookup(rule)
	if !ok {
		return "", false
	}
	for i := range r.Params {
		if r.Params[i].Name == name {
			return c.param(r, &r.Params[i]).value, true
		}
	}
	return "", false
}

func (c *Config) param(r *rules.Rule, p *rules.Param) setting {
	if s, ok := c.params[r.ID][p.Name]; ok {
		return s
	}
	return setting{p.Default, OriginDefault}
}

// Set sets the level of the rules that pattern names (an id, or a pattern such
// as "go/*"), over everything set before. Origin is how to refer to whoever set
// it: "--severity". If nothing has that name, the error says what was meant.
func (c *Config) Set(pattern string, level finding.Level, origin string) error {
	matched := rules.Match(c.catalogue, pattern)
	if len(matched) == 0 {
		return fmt.Errorf("%s: unknown rule %q; expected the id of a rule or a pattern such as \"go/*\"; %s",
			origin, pattern, suggestRule(c.catalogue, pattern))
	}
	for _, r := range matched {
		c.levels[r.ID] = setting{string(level), origin}
	}
	return nil
}

// Entries returns every effective value with its origin, by rule; a rule's level
// comes before its parameters.
func (c *Config) Entries() []Entry {
	var entries []Entry
	for i := range c.catalogue {
		r := &c.catalogue[i]
		entries = append(entries, Entry{r.ID, "severity", string(c.Level(r.ID)), c.Origin(r.ID)})
		for j := range r.Params {
			s := c.param(r, &r.Params[j])
			entries = append(entries, Entry{r.ID, r.Params[j].Name, s.value, s.origin})
		}
	}
	return entries
}

// Excludes returns where rules report nothing, in the file's order.
func (c *Config) Excludes() []Exclude { return slices.Clone(c.excludes) }

// Services returns the services of the system, by name.
func (c *Config) Services() []Service {
	services := slices.Clone(c.services)
	slices.SortFunc(services, func(a, b Service) int { return cmp.Compare(a.Name, b.Name) })
	return services
}

// AllDimensions returns in which dimensions changes of .proto files matter, in the file's
// order: the last that fits a file counts. It is empty if the configuration does not say.
func (c *Config) AllDimensions() []Dimensions { return slices.Clone(c.dimensions) }

// Dimensions returns the names of the dimensions in which changes of a .proto file
// matter, nil if the configuration does not say. File is absolute, or relative to the
// working directory, as findings have it.
func (c *Config) Dimensions(file string) []string {
	name, inside := c.relative(file)
	for _, d := range slices.Backward(c.dimensions) {
		if d.Glob == "" || inside && covers(d.Glob, name) {
			return d.Names
		}
	}
	return nil
}

func (c *Config) lookup(rule string) (*rules.Rule, bool) {
	for i := range c.catalogue {
		if r := &c.catalogue[i]; r.ID == rule || slices.Contains(r.Aliases, rule) {
			return r, true
		}
	}
	return nil, false
}

// canonical turns an earlier id of a rule into its id.
func (c *Config) canonical(rule string) string {
	if r, ok := c.lookup(rule); ok {
		return r.ID
	}
	return rule
}
