// Package govet runs the analyzers over Go packages by driving go vet with
// commslint itself as the vet tool, and turns what comes back into findings.
//
// go vet stops at the first package that it cannot load, and passes silently
// over packages whose dependencies do not compile. Run does neither: it falls
// back to the packages that can be loaded, and names every other one.
package govet

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/vettool"
	"github.com/commslint/commslint/internal/workspace"
)

// Options say how to run go vet.
type Options struct {
	Dir   string   // absolute: the directory that file names are relative to
	Env   []string // environment of the go command, as os.Environ returns it
	Tool  string   // absolute path of the vet tool
	Flags []string // flags of the vet tool
	Tags  string   // build tags, separated by commas
	Tests bool     // analyse test files too
	Jobs  int      // how much runs at once; 0 for one job per CPU
	// Wanted says whether findings in a file, an absolute path, of a package
	// are asked for.
	Wanted func(pkg, file string) bool
	// OnUnit, if set, is called after each run of the go command, from
	// several goroutines.
	OnUnit func(Timing)
	// OnPackage, if set, is called for each package that was analysed, from
	// several goroutines.
	OnPackage func()
}

// A Timing is how long one run of the go command took.
type Timing struct {
	Dir      string // as shown to the user
	Elapsed  time.Duration
	Packages int
}

// A Comment is a commslint directive in the source.
type Comment struct {
	Location finding.Location
	Text     string
	Alone    bool // nothing else stands on the line
}

// An Emission is what an analyzer that is no rule says of a package, for the
// command to go on with. Those of the packages that were asked for and of the
// packages of the same code that they import are all there.
type Emission struct {
	Package  string // import path; of a test variant with the test in brackets
	Analyzer string
	Text     string
}

// A Result is what came back from all units.
type Result struct {
	Findings  []finding.Finding // sorted; levels are not set, nothing is suppressed
	Failures  []finding.Finding // sorted: inputs that could not be analysed
	Comments  []Comment
	Emissions []Emission // sorted
	Packages  int        // how many packages were analysed
}

// ErrNoGo means that there is no go command.
var ErrNoGo = errors.New("the go command is not on PATH; commslint uses it to load Go code: install Go 1.26 or later (https://go.dev/dl)")

// Run analyses the units, several at once. It fails only if nothing could be
// run at all, or if ctx ended.
func Run(ctx context.Context, units []workspace.Unit, opt Options) (*Result, error) {
	if len(units) == 0 {
		return &Result{}, nil
	}
	goCmd, err := exec.LookPath("go")
	if err != nil {
		return nil, ErrNoGo
	}
	jobs := opt.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	atOnce := min(jobs, len(units))
	runs := make([]*run, len(units))
	var wg sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i, u := range units {
		runs[i] = &run{
			opt: &opt, unit: u, goCmd: goCmd,
			// Twice the share of each, so that a large module among small
			// ones does not leave the machine idle.
			parallel: max(1, min(jobs, (2*jobs+atOnce-1)/atOnce)),
			seen:     make(map[string]bool),
		}
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			runs[i].do(ctx)
		})
	}
	wg.Wait()
	return merge(ctx, runs)
}

func merge(ctx context.Context, runs []*run) (*Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	res := new(Result)
	for _, r := range runs {
		if r.err != nil {
			return nil, r.err
		}
		res.Findings = append(res.Findings, r.Findings...)
		res.Failures = append(res.Failures, r.Failures...)
		res.Comments = append(res.Comments, r.Comments...)
		res.Emissions = append(res.Emissions, r.Emissions...)
		res.Packages += r.Packages
	}
	finding.Sort(res.Findings)
	res.Findings = slices.CompactFunc(res.Findings, sameFinding)
	finding.Sort(res.Failures)
	res.Failures = slices.CompactFunc(res.Failures, sameFinding)
	res.Comments = sortComments(res.Comments)
	res.Emissions = sortEmissions(res.Emissions)
	return res, nil
}

// sameFinding reports whether two findings say the same: the package and its
// test variant, or two modules that share one.
func sameFinding(a, b finding.Finding) bool {
	return a.Rule == b.Rule && a.Message == b.Message && a.Location == b.Location
}

// run is one unit's run.
type run struct {
	opt      *Options
	unit     workspace.Unit
	goCmd    string
	parallel int
	overlay  string // file for -overlay; empty for none

	Result
	seen map[string]bool // analysed packages and failures that were recorded
	err  error
}

func (r *run) do(ctx context.Context) {
	start := time.Now()
	cleanup, err := r.hideTests()
	if err != nil {
		r.err = err
		return
	}
	defer cleanup()

	out, err := r.vet(ctx, r.unit.Patterns)
	switch {
	case ctx.Err() != nil:
		r.err = ctx.Err()
	case err != nil:
		r.err = err
	case out.failed:
		r.recover(ctx, out)
	}
	if r.opt.OnUnit != nil {
		r.opt.OnUnit(Timing{
			Dir:      workspace.Relative(r.opt.Dir, r.unit.Dir),
			Elapsed:  time.Since(start),
			Packages: r.Packages,
		})
	}
}

// args are the arguments of go vet that every call shares.
func (r *run) args() []string {
	args := []string{
		"vet", "-json", "-vettool=" + r.opt.Tool,
		// A user's GOFLAGS must not turn the run into something else.
		"-n=false", "-x=false", "-v=false", "-diff=false", "-fix=false",
		"-p=" + strconv.Itoa(r.parallel),
	}
	args = append(args, r.buildFlags()...)
	if workspace.InModuleCache(r.unit.Dir) {
		args = append(args, "-"+vettool.ModuleCacheFlag)
	}
	return append(args, r.opt.Flags...)
}

// buildFlags are the flags that say which files make a package.
func (r *run) buildFlags() []string {
	var flags []string
	if r.opt.Tags != "" {
		flags = append(flags, "-tags="+r.opt.Tags)
	}
	if r.overlay != "" {
		flags = append(flags, "-overlay="+r.overlay)
	}
	return flags
}

// command prepares a call of the go command in the unit's folder.
func (r *run) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, r.goCmd, args...)
	cmd.Dir = r.unit.Dir
	cmd.Env = append(slices.Clip(r.opt.Env), "PWD="+r.unit.Dir)
	if r.unit.Work != "" {
		cmd.Env = append(cmd.Env, "GOWORK="+r.unit.Work)
	}
	killGroup(cmd)
	cmd.WaitDelay = 3 * time.Second // for a grandchild that keeps our pipe open
	return cmd
}

// fail records an input that could not be analysed.
func (r *run) fail(rule string, loc finding.Location, format string, args ...any) {
	if workspace.Foreign(r.unit.Dir, filepath.Join(r.opt.Dir, filepath.FromSlash(loc.File))) {
		return
	}
	f := finding.Finding{
		Rule: rule, Level: finding.Error, Strength: finding.Proven,
		Message: fmt.Sprintf(format, args...), Location: loc,
	}
	key := fmt.Sprint(f.Rule, f.Location, f.Message)
	if !r.seen[key] {
		r.seen[key] = true
		r.Failures = append(r.Failures, f)
	}
}
