package config

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/commslint/commslint/rules"
)

// Excluded reports whether the configuration says that rule reports nothing in
// file, and the reason it gives, if any. File is absolute, or relative to the
// working directory, as findings have it.
func (c *Config) Excluded(rule, file string) (reason string, ok bool) {
	name, inside := c.relative(file)
	if !inside {
		return "", false
	}
	for _, e := range c.excludes {
		if c.concerns(e, rule) && covers(e.Glob, name) {
			return e.Reason, true
		}
	}
	return "", false
}

func (c *Config) concerns(e Exclude, rule string) bool {
	if e.Rule == "" {
		return true
	}
	for _, r := range rules.Match(c.catalogue, e.Rule) {
		if r.ID == c.canonical(rule) {
			return true
		}
	}
	return false
}

// relative turns file into a slash-separated path below the folder of the
// configuration; false if it is not below it.
func (c *Config) relative(file string) (string, bool) {
	if c.root == "" {
		return "", false
	}
	file = filepath.FromSlash(file)
	if !filepath.IsAbs(file) {
		file = filepath.Join(c.workdir, file)
	}
	name, err := filepath.Rel(c.root, file)
	if err != nil || !filepath.IsLocal(name) {
		return "", false
	}
	return filepath.ToSlash(name), true
}

// covers reports whether a glob names a file or a folder that it is in.
func covers(glob, name string) bool {
	return doublestar.MatchUnvalidated(glob, name) || doublestar.MatchUnvalidated(path.Join(glob, "**"), name)
}

// cleanGlob brings a glob into the form that covers takes: no "./" before it, no
// slash after it. It returns a reason if the glob can never match.
func cleanGlob(glob string) (clean, wrong string) {
	clean = strings.TrimSuffix(strings.TrimPrefix(glob, "./"), "/")
	switch {
	case clean == "":
		return "", "names nothing"
	case strings.HasPrefix(clean, "/"), filepath.IsAbs(clean):
		return "", "is an absolute path"
	case clean == "..", strings.HasPrefix(clean, "../"):
		return "", "leads out of the folder of the configuration"
	case !doublestar.ValidatePattern(clean):
		return "", "is no well-formed glob"
	}
	return clean, ""
}
