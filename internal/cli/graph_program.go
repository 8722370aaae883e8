package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/govet"
	"github.com/commslint/commslint/internal/program"
	"github.com/commslint/commslint/internal/proxyconfig"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/rules/config"
)

// programFlags are the flags that the commands share which look at whole programs.
type programFlags struct {
	formats  []string
	config   string
	tags     string
	tests    bool
	jobs     int
	color    string
	progress string
}

func addOutputFlag(flags *pflag.FlagSet, formats *[]string, known []string) {
	flags.StringArrayVarP(formats, "format", "f", nil,
		"print as `FORMAT[=FILE]`, repeatable: "+strings.Join(known, ", ")+" (default "+known[0]+")")
}

func (f *programFlags) add(flags *pflag.FlagSet) {
	flags.StringVarP(&f.config, "config", "c", "", "configuration `FILE` (default: commslint.yaml or commslint.cue, searched upward)")
	flags.StringVar(&f.tags, "tags", "", "Go build `TAGS`, separated by commas")
	flags.BoolVar(&f.tests, "tests", false, "look at test files too")
	flags.IntVarP(&f.jobs, "jobs", "j", 0, "how many jobs run at once (default: the number of CPUs)")
	flags.StringVar(&f.color, "color", "auto", "`WHEN` to use colour: auto, always or never; NO_COLOR is honoured")
	flags.StringVar(&f.progress, "progress", "auto", "`WHEN` to show progress: auto (on a terminal) or never")
}

// A programRun is one run of such a command.
type programRun struct {
	env     *Env
	shared  *programFlags
	paths   []string
	outputs []output
	config  *config.Config
}

func newProgramRun(env *Env, f *programFlags, paths, formats []string) (programRun, error) {
	r := programRun{env: env, shared: f, paths: paths}
	if len(paths) == 0 {
		r.paths = []string{"."}
	}
	if env.Dir == "" || env.Tool == "" {
		return r, errors.New("the system does not tell the working directory or the path of this program")
	}
	var err error
	if r.outputs, err = parseOutputs(env, f.formats, formats); err != nil {
		return r, err
	}
	if err := oneOf("--color", f.color, "auto", "always", "never"); err != nil {
		return r, err
	}
	if err := oneOf("--progress", f.progress, "auto", "never"); err != nil {
		return r, err
	}
	if f.jobs < 0 {
		return r, fmt.Errorf("--jobs %d: expected 1 or more, or 0 for one per CPU", f.jobs)
	}
	r.config, err = loadConfig(env, f.config, r.paths[0])
	return r, err
}

// load links what is below the paths.
func (r *programRun) load(ctx context.Context) (*program.Program, error) {
	return r.loadUnder(ctx, callgraph.Conditions{})
}

// loadUnder is load with figures that hold under conditions.
func (r *programRun) loadUnder(ctx context.Context, conditions callgraph.Conditions) (*program.Program, error) {
	ws := workspace.Find(r.paths, workspace.Options{Dir: r.env.Dir, Tests: r.shared.tests, Env: r.env.Lookup})
	bar := newProgress(r.env, r.shared.progress)
	defer bar.clear()
	return program.Load(ctx, ws, r.estate(ws), conditions, govet.Options{
		Dir: r.env.Dir, Env: r.env.Environ, Tool: r.env.Tool,
		Tags: r.shared.tags, Tests: r.shared.tests, Jobs: r.shared.jobs, OnPackage: bar.step,
	})
}

// estate is what the configuration and the files below the paths tell of the system.
func (r *programRun) estate(ws *workspace.Workspace) callgraph.Estate {
	read := proxyconfig.Load(ws, proxyconfig.Options{Dir: r.env.Dir, Excluded: excludes(r.config)})
	return callgraph.Estate{Services: estateServices(r.env, r.config), Routes: read.Routes, Workloads: read.Workloads}
}

// estateServices are the services of a configuration, with their folders as files are
// named: the configuration's are relative to its file.
func estateServices(env *Env, c *config.Config) []callgraph.ServiceNames {
	base := filepath.Dir(env.path(c.Path()))
	var all []callgraph.ServiceNames
	for _, s := range c.Services() {
		service := callgraph.ServiceNames{Name: s.Name, Hosts: s.Hosts, Env: s.Env, Clusters: s.Clusters}
		if s.Dir != "" {
			service.Dir = workspace.Relative(env.Dir, filepath.Join(base, filepath.FromSlash(s.Dir)))
		}
		all = append(all, service)
	}
	return all
}

// write writes a document in every format that was asked for.
func (r *programRun) write(write func(format string, w io.Writer, color bool) error) error {
	for _, out := range r.outputs {
		var err error
		if out.file == "" {
			err = write(out.format, r.env.Stdout, useColor(r.env, r.shared.color))
		} else {
			err = writeFile(out.file, 0o644, func(w io.Writer) error { return write(out.format, w, false) })
		}
		if err != nil {
			return fmt.Errorf("cannot write %s: %w", out.format, err)
		}
	}
	return nil
}

// verdict names the inputs that are missing, one to a line, and is the exit code
// that they call for.
func (r *programRun) verdict(p *program.Program) error {
	for i := range p.Failures {
		f := &p.Failures[i]
		fmt.Fprintf(r.env.Stderr, "%s: %s: %s [%s]\n", placeOf(&f.Location), f.Level, f.Message, f.Rule)
	}
	if len(p.Failures) > 0 {
		return &ExitError{Code: exitIncomplete}
	}
	return nil
}

// placeOf writes a location as file:line:column, as much of it as is known.
func placeOf(l *finding.Location) string {
	switch {
	case l.Line == 0:
		return l.File
	case l.Column == 0:
		return fmt.Sprintf("%s:%d", l.File, l.Line)
	}
	return fmt.Sprintf("%s:%d:%d", l.File, l.Line, l.Column)
}
