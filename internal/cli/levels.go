package cli

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/commslint/commslint/analyzers"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/govet"
	"github.com/commslint/commslint/rules"
	"github.com/commslint/commslint/rules/config"
)

// levelFlags are the flags that say how loud rules are. They count more than
// the configuration; among them --severity counts most, then --enable.
type levelFlags struct {
	enable, disable, severity []string
}

func (l *levelFlags) apply(cfg *config.Config) error {
	for _, pattern := range l.disable {
		if err := cfg.Set(pattern, finding.Off, "--disable"); err != nil {
			return err
		}
	}
	for _, pattern := range l.enable {
		if err := enable(cfg, pattern); err != nil {
			return err
		}
	}
	for _, s := range l.severity {
		pattern, value, ok := strings.Cut(s, "=")
		if !ok {
			return fmt.Errorf("--severity %s: expected RULE=LEVEL, for example go/no-timeout=warning", s)
		}
		level, err := finding.ParseLevel(value)
		if err != nil {
			return fmt.Errorf("--severity %s: %w", s, err)
		}
		if err := cfg.Set(pattern, level, "--severity"); err != nil {
			return err
		}
	}
	return nil
}

// enable sets rules to their own level; one that is off by default, to warning.
func enable(cfg *config.Config, pattern string) error {
	if err := cfg.Set(pattern, finding.Warning, "--enable"); err != nil {
		return err
	}
	for _, r := range rules.Match(rules.All(), pattern) {
		if r.Level == finding.Off {
			continue
		}
		if err := cfg.Set(r.ID, r.Level, "--enable"); err != nil {
			return err
		}
	}
	return nil
}

// loadConfig reads the configuration that the user named, or the one that holds
// for the first path, or the default.
func loadConfig(env *Env, file, path string) (*config.Config, error) {
	if file == "" {
		found, ok := config.Find(searchDir(env, path))
		if !ok {
			return config.Default(), nil
		}
		file = found
	}
	return config.LoadIn(env.Dir, file)
}

// searchDir is the folder from which a configuration is searched upward: the
// path that the user named, or the nearest one that exists.
func searchDir(env *Env, path string) string {
	path, _, _ = strings.Cut(path, "...")
	dir := env.path(path)
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return env.Dir
		}
		dir = parent
	}
}

// toolFlags are the flags for the analyzers. The go command keys its cache by
// them, so they hold only what changes what an analyzer reports; levels are
// applied afterwards.
func (c *checkRun) toolFlags() []string {
	flags := []string{"-netcall.raw"}
	if c.flags.tests {
		flags = append(flags, "-netcall.tests")
	}
	for _, a := range analyzers.All() {
		r, ok := rules.ByAnalyzer(a.Name)
		if !ok {
			continue
		}
		if c.config.Level(r.ID) == finding.Off {
			flags = append(flags, "-"+a.Name+"=false")
			continue
		}
		for _, p := range r.Params {
			if v, ok := c.config.Param(r.ID, p.Name); ok && v != p.Default {
				flags = append(flags, "-"+a.Name+"."+p.Name+"="+v)
			}
		}
	}
	return flags
}

// judge gives every finding its level, silences what comments and configuration
// silence, and leaves out what the user does not want to see.
func (c *checkRun) judge(findings []finding.Finding, comments []govet.Comment) []finding.Finding {
	findings = c.setLevels(findings)
	findings = finding.Apply(findings, c.directives(comments), finding.ApplyOptions{
		Today: time.Now().Format(time.DateOnly),
		Resolve: func(id string) (string, bool) {
			if r, ok := rules.Lookup(id); ok {
				return r.ID, true
			}
			return "", false
		},
		Ran: c.ran,
	})
	findings = c.setLevels(findings)
	for i := range findings {
		f := &findings[i]
		if f.Suppressed != nil || f.IsInputFailure() {
			continue
		}
		if reason, ok := c.config.Excluded(f.Rule, f.File); ok {
			f.Suppressed = &finding.Suppression{
				Kind:          "external",
				Justification: cmp.Or(reason, "excluded by "+c.config.Path()),
			}
		}
	}
	findings = slices.DeleteFunc(findings, c.silent)
	finding.Fingerprints(findings, c.lines)
	finding.Sort(findings)
	return findings
}

// setLevels sets levels from the configuration, and drops rules that are off.
func (c *checkRun) setLevels(findings []finding.Finding) []finding.Finding {
	out := findings[:0:0]
	for _, f := range findings {
		if !f.IsInputFailure() {
			if f.Level = f.Strength.Cap(c.config.Level(f.Rule)); f.Level == finding.Off {
				continue
			}
			if f.AtMost != "" && f.Level.Rank() > f.AtMost.Rank() {
				f.Level = f.AtMost
			}
		}
		out = append(out, f)
	}
	return out
}

// silent reports whether a finding is only a note that nobody asked for.
func (c *checkRun) silent(f finding.Finding) bool {
	return f.Level == finding.Note && c.failOn != finding.Note && !c.config.Explicit(f.Rule)
}

// ran reports whether a rule, or any rule of a domain, was looked for.
func (c *checkRun) ran(rule string) bool {
	return slices.ContainsFunc(rules.Match(rules.All(), rule), func(r *rules.Rule) bool {
		return c.config.Level(r.ID) != finding.Off
	})
}

// directives reads the suppression comments of the files that have any.
func (c *checkRun) directives(comments []govet.Comment) []finding.PlacedDirective {
	var placed []finding.PlacedDirective
	last := ""
	for _, comment := range comments { // sorted by file
		file := comment.Location.File
		if file == last {
			continue
		}
		last = file
		if src, err := os.ReadFile(c.env.path(file)); err == nil {
			placed = append(placed, finding.GoDirectives(file, src)...)
		}
	}
	return placed
}

// lines returns the lines of a file for fingerprints.
func (c *checkRun) lines(file string) []string {
	src, err := os.ReadFile(c.env.path(file))
	if err != nil {
		return nil
	}
	return strings.Split(string(src), "\n")
}
