package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/baseline"
	"github.com/commslint/commslint/openapi/breaking"
	protobreaking "github.com/commslint/commslint/protocheck/breaking"
	"github.com/commslint/commslint/protocheck/grpcconfig"
	"github.com/commslint/commslint/report"
	"github.com/commslint/commslint/rules"
	"github.com/commslint/commslint/rules/config"
)

// findingFlags are the flags that the commands share which report findings.
type findingFlags struct {
	formats  []string
	levels   levelFlags
	failOn   string
	config   string
	baseline string
	newFrom  string
	color    string
	progress string
	timings  bool
	protoFlags
}

// addReport adds the flags that say what is reported, and where.
func (f *findingFlags) addReport(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&f.formats, "format", "f", nil, "report `FORMAT[=FILE]`, repeatable: "+strings.Join(report.Formats(), ", ")+" (default text)")
	f.addLevels(flags)
	flags.StringVar(&f.baseline, "baseline", "", "leave out the findings in this `FILE`, which commslint baseline writes")
	flags.StringVar(&f.newFrom, "new-from-rev", "", "report only what is on lines that changed since a git `REV`ision; REV... for since HEAD left it")
}

// addLevels adds the flags that say how loud rules are.
func (f *findingFlags) addLevels(flags *pflag.FlagSet) {
	flags.StringVar(&f.failOn, "fail-on", string(finding.Error), "least `LEVEL` that makes the exit code 1: error, warning, note or never")
	f.levels.add(flags)
	flags.StringVarP(&f.config, "config", "c", "", "configuration `FILE` (default: commslint.yaml or commslint.cue, searched upward)")
}

// addDisplay adds the flags that say how a run shows itself.
func (f *findingFlags) addDisplay(flags *pflag.FlagSet) {
	flags.StringVar(&f.color, "color", "auto", "`WHEN` to use colour: auto, always or never; NO_COLOR is honoured")
	flags.StringVar(&f.progress, "progress", "auto", "`WHEN` to show progress: auto (on a terminal) or never")
	flags.BoolVar(&f.timings, "timings", false, "print how long each step took to standard error")
}

// A findingRun is one run of such a command: its flags made usable, and what it
// does with the findings once there are any.
type findingRun struct {
	env         *Env
	shared      *findingFlags
	paths       []string
	outputs     []output
	failOn      finding.Level // finding.Off for never
	config      *config.Config
	timings     timings
	toFilesOnly bool // standard output is taken
	// comparesOnly says that no rule was looked at but those about changes.
	comparesOnly bool
	skipsTests   bool // files of Go tests are left out
	analysed     int  // files

	// baseline is what was known before; nil if nobody asked. compared is what the last
	// findings are, compared with it.
	baseline *baseline.Baseline
	compared *report.Baseline
	// silenced are the notes that nobody asked for.
	silenced []finding.Finding
}

func newFindingRun(env *Env, f *findingFlags, paths []string) (*findingRun, error) {
	c := &findingRun{env: env, shared: f, paths: paths}
	if len(paths) == 0 {
		c.paths = []string{"."}
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
	if _, err := protobreaking.ParseDimensions(f.dimensions); err != nil {
		return nil, fmt.Errorf("--dimensions: %w", err)
	}
	if c.config, err = loadConfig(env, f.config, c.paths[0]); err != nil {
		return nil, err
	}
	if f.baseline != "" {
		if c.baseline, err = baseline.Read(f.baseline, env.path(f.baseline)); err != nil {
			return nil, err
		}
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

// judge gives every finding its level, silences what comments and configuration
// silence, and leaves out what the user does not want to see.
func (c *findingRun) judge(findings []finding.Finding, directives []finding.PlacedDirective) []finding.Finding {
	findings = c.setLevels(findings)
	findings = finding.Apply(findings, directives, finding.ApplyOptions{
		Today: time.Now().Format(time.DateOnly),
		Resolve: func(id string) (string, bool) {
			if r, ok := rules.Lookup(id); ok {
				return r.ID, true
			}
			return "", false
		},
		Nearest: func(id string) (string, bool) { return rules.Suggest(rules.All(), id) },
		Ran:     c.ran,
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
	findings = c.withoutSilent(findings)
	finding.Fingerprints(findings, c.lines)
	finding.Sort(findings)
	return findings
}

// setLevels sets levels from the configuration, and drops rules that are off.
func (c *findingRun) setLevels(findings []finding.Finding) []finding.Finding {
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

// withoutSilent sets the notes aside that nobody asked for.
func (c *findingRun) withoutSilent(findings []finding.Finding) []finding.Finding {
	c.silenced = nil
	return slices.DeleteFunc(findings, func(f finding.Finding) bool {
		silent := c.silent(f)
		if silent {
			c.silenced = append(c.silenced, f)
		}
		return silent
	})
}

// silent reports whether a finding is only a note that nobody asked for.
func (c *findingRun) silent(f finding.Finding) bool {
	return f.Level == finding.Note && c.failOn != finding.Note && !c.config.Explicit(f.Rule)
}

// ran reports whether a rule, or any rule of a domain, was looked for. Rules about
// changes count as never run: what they find depends on what is compared, so that no
// comment about them is one too many.
func (c *findingRun) ran(rule string) bool {
	return !c.comparesOnly && slices.ContainsFunc(rules.Match(rules.All(), rule), func(r *rules.Rule) bool {
		return c.config.Level(r.ID) != finding.Off && !breaking.Implements(r.ID) && !protobreaking.Implements(r.ID) && !grpcconfig.ImplementsChange(r.ID)
	})
}

// write writes every report that was asked for.
func (c *findingRun) write(findings []finding.Finding) error {
	input := &report.Input{
		Findings: findings, FilesAnalysed: c.analysed, Version: version(), Baseline: c.compared,
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

func (c *findingRun) writeOutput(out output, input *report.Input) error {
	in := *input
	if out.file == "" {
		if c.toFilesOnly {
			return nil // standard output holds the diff
		}
		in.Color, in.Width = useColor(c.env, c.shared.color), terminalWidth(c.env.Stdout)
		return report.Write(out.format, c.env.Stdout, &in)
	}
	return writeFile(out.file, 0o644, func(w io.Writer) error { return report.Write(out.format, w, &in) })
}

// verdict is the exit code that the findings call for.
func (c *findingRun) verdict(findings []finding.Finding) error {
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

// lines returns the lines of a file for fingerprints.
func (c *findingRun) lines(file string) []string {
	src, err := os.ReadFile(c.env.path(file))
	if err != nil {
		return nil
	}
	return strings.Split(string(src), "\n")
}
