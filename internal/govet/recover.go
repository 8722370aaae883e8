package govet

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/workspace"
)

// recover makes the best of a run of go vet that failed: it records why, sees
// to it that every package that can be analysed is, and names those that
// cannot.
func (r *run) recover(ctx context.Context, out output) {
	log := parseBuildLog(out.stderr, r.opt.Tool)
	switch {
	case r.isEmpty(log):
	case len(log.packages) > 0 || out.packages > 0:
		r.buildFailures(ctx, log)
	default:
		r.loadFailure(ctx, log)
	}
}

// isEmpty reports whether go vet only complains that there is nothing to do:
// build constraints may exclude every file that was found.
func (r *run) isEmpty(log buildLog) bool {
	return len(log.packages) == 0 && len(log.other) == 1 && log.other[0].text == "no packages to vet"
}

// unmatched records the import paths that the user named and that match no
// package, of which the go command only warns. Patterns that begin with a dot
// stand for folders that were found to hold Go files; that build constraints
// exclude them all is no failure.
func (r *run) unmatched(stderr string) {
	for line := range strings.Lines(stderr) {
		rest, isWarning := strings.CutPrefix(line, `go: warning: "`)
		pattern, ok := strings.CutSuffix(strings.TrimSpace(rest), `" matched no packages`)
		if isWarning && ok && !strings.HasPrefix(pattern, ".") {
			r.fail("input/path", finding.Location{File: pattern}, "no such folder, and no Go package matches")
		}
	}
}

// loadFailure handles a run that ended before any package was built, because
// some package could not be loaded. The others are vetted by name.
func (r *run) loadFailure(ctx context.Context, log buildLog) {
	pkgs, stderr, err := r.list(ctx, r.unit.Patterns)
	if err != nil {
		r.err = err
		return
	}
	if stderr != "" {
		r.moduleFailure(parseBuildLog(stderr, r.opt.Tool))
		return
	}
	var good []string
	bad := make(map[string]bool)
	for _, p := range pkgs {
		switch {
		case p.noSuchPackage():
			r.fail("input/path", finding.Location{File: p.ImportPath}, "no such file or folder, and no such Go package")
			bad[p.ImportPath] = true
		case p.Error != nil || len(p.DepsErrors) > 0:
			bad[p.ImportPath] = true
			r.loadErrors(p)
		default:
			good = append(good, p.ImportPath)
		}
	}
	r.nameSkipped(pkgs, bad)
	if len(bad) == 0 {
		r.moduleFailure(log) // the go command finds fault with more than packages
		return
	}
	for _, patterns := range chunks(good) {
		out, err := r.vet(ctx, patterns)
		if err != nil {
			r.err = err
			return
		}
		if out.failed {
			r.buildFailures(ctx, parseBuildLog(out.stderr, r.opt.Tool))
		}
	}
}

// maxArgs bounds the length of a command line: Windows allows 32 767
// characters, and every other system more.
const maxArgs = 24_000

// chunks splits package paths so that each part fits a command line.
func chunks(paths []string) [][]string {
	var parts [][]string
	size := maxArgs
	for _, p := range paths {
		if size += len(p) + 3; size > maxArgs {
			parts, size = append(parts, nil), len(p)+3
		}
		last := len(parts) - 1
		parts[last] = append(parts[last], p)
	}
	return parts
}

// loadErrors records why a package cannot be loaded. Errors of what it imports
// are recorded with the package that has them.
func (r *run) loadErrors(p *listedPackage) {
	errs := p.DepsErrors
	if p.Error != nil {
		errs = append([]packageError{*p.Error}, errs...)
	}
	for _, e := range errs {
		text := oneLine(e.Err)
		if len(e.ImportStack) > 1 && strings.HasPrefix(text, "import cycle") {
			// One finding for all packages on the cycle.
			e.ImportStack = canonicalCycle(e.ImportStack)
			if p.ImportPath != e.ImportStack[0] {
				continue
			}
			text = "import cycle: " + strings.Join(e.ImportStack, " imports ")
		}
		loc, _ := r.location(e.Pos, "")
		if e.Pos == "" {
			loc.File = r.display(p.anyFile())
		}
		told := "load " + loc.File + ": " + text
		if r.seen[told] {
			continue // the go command says the same at every import that a module's fault concerns
		}
		r.seen[told] = true
		r.fail("input/go-build", loc, "%s", text)
	}
}

// canonicalCycle turns a, b, c, a so that it begins with the least of them.
func canonicalCycle(stack []string) []string {
	last := stack[len(stack)-1]
	cycle := stack[slices.Index(stack, last) : len(stack)-1]
	i := slices.Index(cycle, slices.Min(cycle))
	turned := append(slices.Clone(cycle[i:]), cycle[:i]...)
	return append(turned, turned[0])
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// buildFailures records packages that do not compile, and names those that go
// vet left out because of them.
func (r *run) buildFailures(ctx context.Context, log buildLog) {
	failed := make(map[string]bool)
	for _, p := range log.packages {
		if r.packageMessages(p) {
			failed[p.path] = true
		}
	}
	for _, path := range slices.Sorted(maps.Keys(log.ended)) {
		if !failed[path] && !slices.ContainsFunc(log.packages, func(p failedPackage) bool { return p.path == path }) {
			failed[path] = true
			r.internalError(path, "", "the process ended with "+log.ended[path])
		}
	}
	for _, m := range log.other {
		r.fail("input/go-build", r.messageLocation(m, ""), "%s", m.text)
	}
	if len(failed) == 0 {
		return
	}
	pkgs, stderr, err := r.list(ctx, r.unit.Patterns)
	if err != nil {
		r.err = err
	} else if stderr == "" {
		r.nameSkipped(pkgs, failed)
	}
}

// packageMessages records what was said of a package, and reports whether there
// was anything that is not the consequence of another package's failure.
func (r *run) packageMessages(p failedPackage) (own bool) {
	for _, m := range p.messages {
		switch {
		case m.isConsequence():
			continue
		case m.isCrash():
			r.internalError(p.path, "", m.text)
			return true // a stack trace follows
		}
		own = true
		text := m.text
		if m.position == "" {
			text = "package " + p.path + ": " + text
		}
		r.fail("input/go-build", r.messageLocation(m, ""), "%s", text)
	}
	return own
}

// messageLocation is where a message points to; file if to nowhere, and the
// unit's folder if there is no such file.
func (r *run) messageLocation(m message, file string) finding.Location {
	if m.position != "" {
		loc, _ := r.location(m.position, "")
		return loc
	}
	if file == "" {
		file = r.unit.Dir
	}
	return finding.Location{File: r.display(file)}
}

func (r *run) display(file string) string { return workspace.Relative(r.opt.Dir, file) }

// moduleFailure records why nothing of the unit can be loaded.
func (r *run) moduleFailure(log buildLog) {
	file := filepath.Join(r.unit.Dir, "go.mod")
	if r.unit.Work != "" && r.unit.Work != "off" {
		file = r.unit.Work
	}
	messages := log.other
	for _, p := range log.packages {
		messages = append(messages, p.messages...)
	}
	if len(messages) > 1 && strings.HasPrefix(messages[0].text, "errors parsing ") {
		messages = messages[1:]
	}
	for _, m := range messages {
		r.fail("input/go-module", r.messageLocation(m, file), "%s", withMend(m.text))
	}
	if len(messages) == 0 {
		r.fail("input/go-module", finding.Location{File: r.display(file)}, "the go command failed without saying why; 'go vet ./...' may tell more")
	}
}

// withMend adds to a message of the go command what to do about it, where the
// go command itself does not say.
func withMend(text string) string {
	if strings.Contains(text, "requires go >=") {
		return text + "; install that version of Go, or let the go command fetch it with GOTOOLCHAIN=auto"
	}
	return text
}
