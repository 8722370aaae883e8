package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/baseline"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/report"
	"github.com/commslint/commslint/rules"
)

// baselineFile is where a baseline goes if the user does not say.
const baselineFile = "commslint-baseline.yaml"

// maxGone is how many findings that are gone are named one by one.
const maxGone = 10

// narrow leaves out what is not new: what the baseline has and, with --new-from-rev, what
// has nothing to do with lines that changed.
func (c *findingRun) narrow(ctx context.Context, findings []finding.Finding) ([]finding.Finding, error) {
	if c.baseline != nil {
		split := c.baseline.Split(c.env.Dir, findings)
		findings = split.New
		c.compared = &report.Baseline{Known: split.Known}
		for _, e := range c.gone(split) {
			c.compared.Gone = append(c.compared.Gone, c.goneFinding(e))
		}
	}
	return c.onChangedLines(ctx, findings)
}

// gone lists the entries of the baseline that this run would have found and has not.
func (c *findingRun) gone(split baseline.Split) []baseline.Entry {
	failed := func(f finding.Finding) bool { return f.IsInputFailure() && f.Suppressed == nil }
	if c.comparesOnly || slices.ContainsFunc(split.New, failed) {
		return nil // what was not analysed may still have them
	}
	silenced := map[string]bool{}
	for _, e := range c.baseline.Split(c.env.Dir, c.silenced).Known {
		silenced[e.Rule+"\x00"+e.File] = true
	}
	var gone []baseline.Entry
	for _, e := range split.Gone {
		file := workspace.Relative(c.env.Dir, c.baseline.Path(e))
		if c.looksFor(e) && !silenced[e.Rule+"\x00"+file] {
			gone = append(gone, e)
		}
	}
	return gone
}

// looksFor reports whether this run would find an entry of the baseline if it were there:
// its rule runs, and its file is below the paths. A rule that does not exist any more finds
// nothing.
func (c *findingRun) looksFor(e baseline.Entry) bool {
	if _, known := rules.Lookup(e.Rule); known && !c.ran(e.Rule) || c.skipsTests && strings.HasSuffix(e.File, "_test.go") {
		return false
	}
	file := c.baseline.Path(e)
	return slices.ContainsFunc(c.paths, func(path string) bool {
		path = strings.TrimSuffix(path, "...")
		if strings.Contains(path, "...") {
			return false
		}
		rel, err := filepath.Rel(c.env.path(path), file)
		return err == nil && filepath.IsLocal(rel)
	})
}

// goneFinding is an entry of the baseline as reports show it.
func (c *findingRun) goneFinding(e baseline.Entry) finding.Finding {
	f := finding.Finding{Rule: e.Rule, Level: c.config.Level(e.Rule), Message: e.Message, Fingerprint: e.Fingerprint}
	if e.File != "" {
		f.File = workspace.Relative(c.env.Dir, c.baseline.Path(e))
	}
	return f
}

// tellGone says which findings of the baseline are not there any more.
func (c *findingRun) tellGone() {
	if c.compared == nil || len(c.compared.Gone) == 0 {
		return
	}
	gone := c.compared.Gone
	fmt.Fprintf(c.env.Stderr, "commslint: %s has findings that are gone; take them out with: commslint baseline --prune%s\n",
		c.shared.baseline, baselineFlag(c.shared.baseline))
	for _, f := range gone[:min(len(gone), maxGone)] {
		fmt.Fprintf(c.env.Stderr, "  %s\n", goneLine(f.File, f.Rule, f.Message))
	}
	if more := len(gone) - maxGone; more > 0 {
		fmt.Fprintf(c.env.Stderr, "  and %d more\n", more)
	}
}

// baselineFlag is how the file is named to commslint baseline, if it must be.
func baselineFlag(file string) string {
	if file == baselineFile {
		return ""
	}
	return " --baseline " + file
}

func goneLine(file, rule, message string) string {
	message = strings.Join(strings.Fields(message), " ")
	if file == "" {
		return fmt.Sprintf("%s [%s]", message, rule)
	}
	return fmt.Sprintf("%s: %s [%s]", file, message, rule)
}

func newBaseline(env *Env) *cobra.Command {
	var f checkFlags
	var file string
	var prune bool
	cmd := &cobra.Command{
		Use:   "baseline [PATH...]",
		Short: "Record today's findings, so that only new ones fail",
		Long: `Baseline checks what is below the paths, as check does, and records what it finds in
a file for check --baseline. The file has one sorted line for each finding and belongs into
version control.

Run again, it records what is found then: what is gone is taken out, and what is new is
added. With --prune nothing is added. Findings outside of the paths, or of rules that do
not run, stay as they are. Give it the flags that check gets.

Exit codes: 0 recorded; 2 could not run; 3 recorded, but some input could not be analysed.`,
		Example: `  commslint baseline
  commslint check --baseline commslint-baseline.yaml
  commslint baseline --prune`,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := newCheckRun(env, &f, args)
			if err != nil {
				return err
			}
			return c.record(cmd.Context(), file, prune)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&file, "baseline", baselineFile, "the `FILE` to write")
	flags.BoolVar(&prune, "prune", false, "only take out what is no longer found")
	f.addLevels(flags)
	f.addAnalysis(flags)
	f.addDisplay(flags)
	return cmd
}

// record writes today's findings into a baseline, or takes out of one what is gone.
func (c *checkRun) record(ctx context.Context, name string, prune bool) error {
	path := c.env.path(name)
	before, err := baseline.Read(name, path)
	if _, statErr := os.Stat(path); errors.Is(statErr, fs.ErrNotExist) && !prune {
		before, err = &baseline.Baseline{Dir: filepath.Dir(path)}, nil
	}
	if err != nil {
		return err
	}
	c.timings.start()
	findings, err := c.analyze(ctx)
	if err != nil {
		return err
	}
	c.baseline = before
	split := before.Split(c.env.Dir, findings)
	gone := c.gone(split)
	after := &baseline.Baseline{Dir: before.Dir}
	for _, e := range before.Entries {
		if !slices.Contains(gone, e) {
			after.Entries = append(after.Entries, e)
		}
	}
	added := 0
	if !prune {
		added = c.addToday(after, before, findings)
	}
	after.Sort()
	if err := writeFile(path, 0o644, contents(after.Format())); err != nil {
		return fmt.Errorf("cannot write the baseline: %w", err)
	}
	c.tellRecorded(name, after, added, gone)
	if c.shared.timings {
		c.timings.print(c.env.Stderr)
	}
	return c.incomplete(findings)
}

// addToday puts the findings of today in the place of what was recorded of them, whose
// messages may be older, and returns how many were not there before.
func (c *checkRun) addToday(after, before *baseline.Baseline, findings []finding.Finding) (added int) {
	known := map[string]bool{}
	for _, e := range before.Entries {
		known[e.Fingerprint] = true
	}
	today := baseline.Record(before.Dir, c.env.Dir, findings)
	found := map[string]bool{}
	for _, e := range today.Entries {
		found[e.Fingerprint] = true
		if !known[e.Fingerprint] {
			added++
		}
	}
	after.Entries = slices.DeleteFunc(after.Entries, func(e baseline.Entry) bool { return found[e.Fingerprint] })
	after.Entries = append(after.Entries, today.Entries...)
	return added
}

func (c *checkRun) tellRecorded(name string, after *baseline.Baseline, added int, gone []baseline.Entry) {
	noun := "findings"
	if len(after.Entries) == 1 {
		noun = "finding"
	}
	fmt.Fprintf(c.env.Stdout, "%s: %d %s (%d added, %d taken out)\n", name, len(after.Entries), noun, added, len(gone))
	for _, e := range gone {
		fmt.Fprintf(c.env.Stdout, "  taken out: %s\n", goneLine(e.File, e.Rule, e.Message))
	}
}

// incomplete is the exit code for inputs that could not be analysed, which it names.
func (c *checkRun) incomplete(findings []finding.Finding) error {
	if !c.tellFailures(findings) {
		return nil
	}
	return &ExitError{Code: exitIncomplete, Err: errors.New("some input could not be analysed, so that the baseline lacks what is in there, and nothing was taken out")}
}

// tellFailures names the inputs that could not be analysed, and reports whether there are any.
func (c *checkRun) tellFailures(findings []finding.Finding) (failed bool) {
	for i := range findings {
		if f := &findings[i]; f.IsInputFailure() && f.Suppressed == nil {
			fmt.Fprintf(c.env.Stderr, "%s: %s [%s]\n", placeOf(&f.Location), f.Message, f.Rule)
			failed = true
		}
	}
	return failed
}
