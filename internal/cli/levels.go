package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/commslint/commslint/analyzers"
	"github.com/commslint/commslint/analyzers/grpcpolicy"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/govet"
	"github.com/commslint/commslint/internal/program"
	"github.com/commslint/commslint/rules"
	"github.com/commslint/commslint/rules/config"
)

// levelFlags are the flags that say how loud rules are. They count more than
// the configuration; among them --severity counts most, then --enable.
type levelFlags struct {
	enable, disable, severity []string
}

func (l *levelFlags) add(flags *pflag.FlagSet) {
	flags.StringSliceVar(&l.enable, "enable", nil, "switch on a `RULE` (or a domain: go/*) at its own level")
	flags.StringSliceVar(&l.disable, "disable", nil, "switch off a `RULE` (or a domain: go/*)")
	flags.StringSliceVar(&l.severity, "severity", nil, "`RULE=LEVEL`: set a rule to error, warning, note or off")
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
	flags := []string{"-netcall.raw", "-" + grpcpolicy.Analyzer.Name + ".emit"}
	if c.flags.tests {
		flags = append(flags, "-netcall.tests")
	}
	if c.asksGraph() {
		flags = append(flags, program.EmitFlags()...)
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

// goDirectives reads the suppression comments of the files that have any.
func (c *checkRun) goDirectives(comments []govet.Comment) []finding.PlacedDirective {
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
