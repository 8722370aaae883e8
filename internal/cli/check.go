package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/govet"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/report"
	"github.com/commslint/commslint/rules/config"
)

// checkFlags are the flags of check as the user gave them.
type checkFlags struct {
	formats  []string
	levels   levelFlags
	failOn   string
	config   string
	tags     string
	tests    bool
	color    string
	progress string
	timings  bool
	jobs     int
	fix      bool
	diff     bool
}

func newCheck(env *Env) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "Check everything below the paths (default: the working directory)",
		Long: `Check finds Go code below the paths, in every module and workspace there, and
reports what is wrong with how it talks to other services. A path is a folder,
a Go file, or a Go package pattern such as ./... or an import path.

Exit codes: 0 nothing at or above --fail-on; 1 findings at or above it;
2 could not run; 3 some input could not be analysed (everything else was).`,
		Example: `  commslint check
  commslint check ./services/payments --fail-on warning
  commslint check -f text -f sarif=commslint.sarif`,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := newCheckRun(env, &f, args)
			if err != nil {
				return err
			}
			return c.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVarP(&f.formats, "format", "f", nil, "report `FORMAT[=FILE]`, repeatable: "+strings.Join(report.Formats(), ", ")+" (default text)")
	flags.StringVar(&f.failOn, "fail-on", string(finding.Error), "least `LEVEL` that makes the exit code 1: error, warning, note or never")
	flags.StringSliceVar(&f.levels.enable, "enable", nil, "switch on a `RULE` (or a domain: go/*) at its own level")
	flags.StringSliceVar(&f.levels.disable, "disable", nil, "switch off a `RULE` (or a domain: go/*)")
	flags.StringSliceVar(&f.levels.severity, "severity", nil, "`RULE=LEVEL`: set a rule to error, warning, note or off")
	flags.StringVarP(&f.config, "config", "c", "", "configuration `FILE` (default: commslint.yaml or commslint.cue, searched upward)")
	flags.BoolVar(&f.fix, "fix", false, "apply suggested fixes")
	flags.BoolVar(&f.diff, "diff", false, "print what --fix would change, and change nothing")
	flags.StringVar(&f.tags, "tags", "", "Go build `TAGS`, separated by commas")
	flags.BoolVar(&f.tests, "tests", false, "check test files too")
	flags.IntVarP(&f.jobs, "jobs", "j", 0, "how many jobs run at once (default: the number of CPUs)")
	flags.StringVar(&f.color, "color", "auto", "`WHEN` to use colour: auto, always or never; NO_COLOR is honoured")
	flags.StringVar(&f.progress, "progress", "auto", "`WHEN` to show progress: auto (on a terminal) or never")
	flags.BoolVar(&f.timings, "timings", false, "print how long each step took to standard error")
	return cmd
}

// A checkRun is one run of check: its flags made usable.
type checkRun struct {
	env     *Env
	flags   *checkFlags
	paths   []string
	outputs []output
	failOn  finding.Level // finding.Off for never
	config  *config.Config
	timings timings

	workspace *workspace.Workspace // what the last analysis looked at
	analysed  int                  // files
}

func newCheckRun(env *Env, f *checkFlags, paths []string) (*checkRun, error) {
	c := &checkRun{env: env, flags: f, paths: paths}
	if len(paths) == 0 {
		c.paths = []string{"."}
	}
	if env.Dir == "" || env.Tool == "" {
		return nil, fmt.Errorf("the system does not tell the working directory or the path of this program")
	}
	var err error
	if c.outputs, err = parseOutputs(env, f.formats, report.Formats()); err != nil {
		return nil, err
	}
	if c.failOn, err = parseFailOn(f.failOn); err != nil {
		return nil, err
	}
	if err := oneOf("--color", f.color, "auto", "always", "never"); err != nil {
		return nil, err
	}
	if err := oneOf("--progress", f.progress, "auto", "never"); err != nil {
		return nil, err
	}
	if f.fix && f.diff {
		return nil, errors.New("--fix and --diff: expected one of them; --diff only prints what --fix would change")
	}
	if f.jobs < 0 {
		return nil, fmt.Errorf("--jobs %d: expected 1 or more, or 0 for one per CPU", f.jobs)
	}
	if c.config, err = loadConfig(env, f.config, c.paths[0]); err != nil {
		return nil, err
	}
	return c, f.levels.apply(c.config)
}

func parseFailOn(s string) (finding.Level, error) {
	if s == "never" {
		return finding.Off, nil
	}
	l, err := finding.ParseLevel(s)
	if err != nil || l == finding.Off {
		return "", fmt.Errorf("--fail-on %s: expected error, warning, note or never", s)
	}
	return l, nil
}

func oneOf(flag, value string, allowed ...string) error {
	for _, a := range allowed {
		if a == value {
			return nil
		}
	}
	return fmt.Errorf("%s %s: expected one of %v%s", flag, value, allowed, didYouMean(value, allowed))
}

func (c *checkRun) run(ctx context.Context) error {
	c.timings.start()
	findings, err := c.analyze(ctx)
	if err != nil {
		return err
	}
	var fixErr error
	if c.flags.fix || c.flags.diff {
		var changed bool
		changed, fixErr = c.fix(findings)
		c.timings.step("fix")
		if changed {
			// A fix may mend more than one finding, and lines have moved.
			if findings, err = c.analyze(ctx); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(fixErr, c.write(findings)); err != nil {
		return err
	}
	c.timings.step("report")
	if c.flags.timings {
		c.timings.print(c.env.Stderr)
	}
	return c.verdict(findings)
}

// analyze finds what is below the paths, checks it, and judges the findings by
// the configuration.
func (c *checkRun) analyze(ctx context.Context) ([]finding.Finding, error) {
	ws := workspace.Find(c.paths, workspace.Options{Dir: c.env.Dir, Tests: c.flags.tests, Env: c.env.Lookup})
	c.workspace = ws
	c.timings.step("find modules")

	bar := newProgress(c.env, c.flags.progress)
	res, err := govet.Run(ctx, ws.Units, govet.Options{
		Dir: c.env.Dir, Env: c.env.Environ, Tool: c.env.Tool,
		Flags: c.toolFlags(), Tags: c.flags.tags, Tests: c.flags.tests, Jobs: c.flags.jobs,
		Wanted: ws.Wanted, OnPackage: bar.step, OnUnit: c.timings.unit,
	})
	bar.clear()
	if err != nil {
		return nil, err
	}
	c.timings.step("go vet")

	failures := append(ws.Failures, res.Failures...)
	c.analysed = countAnalysed(c.env, ws.Files, failures)
	findings := c.judge(append(res.Findings, failures...), res.Comments)
	c.timings.step("suppress")
	return findings, nil
}

// write writes every report that was asked for.
func (c *checkRun) write(findings []finding.Finding) error {
	input := &report.Input{
		Findings: findings, FilesAnalysed: c.analysed, Version: version(),
		ReadFile: func(file string) ([]byte, error) { return os.ReadFile(c.env.path(file)) },
	}
	for _, out := range c.outputs {
		err := c.writeOutput(out, input)
		if err != nil {
			return fmt.Errorf("cannot write the %s report: %w", out.format, err)
		}
	}
	return nil
}

func (c *checkRun) writeOutput(out output, input *report.Input) error {
	in := *input
	if out.file == "" {
		if c.flags.diff {
			return nil // standard output holds the diff
		}
		in.Color, in.Width = useColor(c.env, c.flags.color), terminalWidth(c.env.Stdout)
		return report.Write(out.format, c.env.Stdout, &in)
	}
	return writeFile(out.file, 0o644, func(w io.Writer) error { return report.Write(out.format, w, &in) })
}

// verdict is the exit code that the findings call for.
func (c *checkRun) verdict(findings []finding.Finding) error {
	code := 0
	for i := range findings {
		f := &findings[i]
		switch {
		case f.Suppressed != nil:
		case f.IsInputFailure():
			return &ExitError{Code: exitIncomplete}
		case c.failOn != finding.Off && f.Level.Rank() >= c.failOn.Rank():
			code = exitFindings
		}
	}
	if code != 0 {
		return &ExitError{Code: code}
	}
	return nil
}

// countAnalysed counts the files of packages and modules that did not fail.
func countAnalysed(env *Env, files []string, failures []finding.Finding) int {
	failed := make(map[string]bool) // packages, and with a /... all below
	for _, f := range failures {
		path := env.path(filepath.FromSlash(f.File))
		switch dir := filepath.Dir(path); filepath.Base(path) {
		case "go.mod", "go.work":
			failed[filepath.Join(dir, "...")] = true
		default:
			failed[dir] = true
		}
	}
	n := 0
	for _, file := range files {
		dir := filepath.Dir(file)
		bad := failed[dir]
		for ; !bad && filepath.Dir(dir) != dir; dir = filepath.Dir(dir) {
			bad = failed[filepath.Join(dir, "...")]
		}
		if !bad {
			n++
		}
	}
	return n
}
