package breaking

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/source"
)

// ignored is how the configuration of buf that goes with the files silences a change;
// nil if it does not.
func (c *comparison) ignored(ch *change) *finding.Suppression {
	file := ch.gone
	if file == nil {
		file = ch.at.file
	}
	if file == nil {
		return nil
	}
	config := c.new.snapshot.IgnoresOf(file.TreePath)
	if config == nil {
		return nil
	}
	// Paths are relative to the module on either side, which may have moved.
	names := []string{file.TreePath, path.Join(config.Root, file.Path())}
	why := ""
	switch {
	case coversAny(config.Paths, names):
		why = "breaking.ignore"
	case config.Unstable && c.unstable(ch, file):
		why = "breaking.ignore_unstable_packages"
	case exemptAll(config, ch.buf, names):
		why = "breaking.except or breaking.ignore_only"
	default:
		return nil
	}
	return &finding.Suppression{Kind: "external", Justification: config.Config + " says so in " + why}
}

// exemptAll reports whether the rules that a change breaks are switched off. It is
// enough that those are which buf has on by default: the others are variants of them.
func exemptAll(config *source.Ignores, rules, names []string) bool {
	byDefault := slices.DeleteFunc(slices.Clone(rules), func(rule string) bool {
		return strings.HasPrefix(rule, "PACKAGE_") || strings.Contains(rule, "_UNLESS_") || strings.Contains(rule, "_COMPATIBLE_")
	})
	if len(byDefault) > 0 {
		rules = byDefault
	}
	return len(rules) > 0 && !slices.ContainsFunc(rules, func(rule string) bool { return !exempt(config, rule, names) })
}

// exempt reports whether a rule is switched off, everywhere or for a file of these names.
func exempt(config *source.Ignores, rule string, names []string) bool {
	return slices.Contains(config.Except, rule) || coversAny(config.Only[rule], names)
}

// coversAny reports whether one of some files and folders is, or holds, a file, which
// may be known by several names.
func coversAny(patterns, names []string) bool {
	for _, p := range patterns {
		for _, name := range names {
			if p == "" || p == name || strings.HasPrefix(name, p+"/") {
				return true
			}
		}
	}
	return false
}

// unstablePackage matches packages that promise nothing yet
// (https://buf.build/docs/breaking/overview/#ignore_unstable_packages).
var unstablePackage = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\.v\d+(test.*|(p\d+)?(alpha|beta)\d*)$`)
})

func (c *comparison) unstable(ch *change, file *source.File) bool {
	if ch.before.file != nil {
		file = ch.before.file
	}
	return unstablePackage().MatchString("." + string(file.Package()))
}
