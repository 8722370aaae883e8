package breaking

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/source"
)

// ignored is how the configuration of buf that goes with the files silences a change;
// nil if it does not. A change with several rules of buf is silenced with the last.
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
	why := ""
	switch {
	case slices.ContainsFunc(config.Paths, func(p string) bool { return covers(p, file.TreePath) }):
		why = "breaking.ignore"
	case config.Unstable && c.unstable(ch, file):
		why = "breaking.ignore_unstable_packages"
	case len(ch.buf) > 0 && !slices.ContainsFunc(ch.buf, func(rule string) bool { return !exempt(config, rule, file.TreePath) }):
		why = "breaking.except or breaking.ignore_only"
	default:
		return nil
	}
	return &finding.Suppression{Kind: "external", Justification: config.Config + " says so in " + why}
}

// exempt reports whether a rule is switched off, everywhere or for a file.
func exempt(config *source.Ignores, rule, file string) bool {
	return slices.Contains(config.Except, rule) ||
		slices.ContainsFunc(config.Only[rule], func(p string) bool { return covers(p, file) })
}

func covers(pattern, file string) bool {
	return pattern == "" || pattern == file || strings.HasPrefix(file, pattern+"/")
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
