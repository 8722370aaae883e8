package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	envoylint "github.com/commslint/commslint/envoycfg/lint"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/contract"
	"github.com/commslint/commslint/internal/govet"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/openapi/lint"
	"github.com/commslint/commslint/rules"
)

// checkFlags are the flags of check as the user gave them.
type checkFlags struct {
	findingFlags
	against string
	tags    string
	tests   bool
	jobs    int
	fix     bool
	diff    bool
}

func newCheck(env *Env) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "Check everything below the paths (default: the working directory)",
		Long: `Check finds what tells services how to talk to each other below the paths, and
reports what is wrong with it:

  Go code               every module and workspace, by go vet
  OpenAPI documents     Swagger 2.0 to OpenAPI 3.2
  .proto files          and the gRPC service configs for them, in files and in Go code
  proxies and meshes    Envoy, nginx, HAProxy; Istio, Gateway API, Envoy Gateway, Contour,
                        Kuma, Linkerd, Traefik and others in Kubernetes documents

Files are known by what they say, not by their names. Then it links all of them to one
call graph and checks that. A path is a folder, a file of these kinds, or a Go package
pattern such as ./... or an import path.

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
	f.addReport(flags)
	flags.BoolVar(&f.fix, "fix", false, "apply suggested fixes")
	flags.BoolVar(&f.diff, "diff", false, "print what --fix would change, and change nothing")
	f.addAnalysis(flags)
	f.addDisplay(flags)
	return cmd
}

// addAnalysis adds the flags that say what is looked at.
func (f *checkFlags) addAnalysis(flags *pflag.FlagSet) {
	flags.StringVar(&f.against, "against", "", "report contract changes since a git `REV`ision, or a folder or file, as breaking does")
	f.addProto(flags)
	f.addBuild(flags)
}

// addBuild adds the flags that say how Go code is looked at.
func (f *checkFlags) addBuild(flags *pflag.FlagSet) {
	flags.StringVar(&f.tags, "tags", "", "Go build `TAGS`, separated by commas")
	flags.BoolVar(&f.tests, "tests", false, "check test files too")
	flags.IntVarP(&f.jobs, "jobs", "j", 0, "how many jobs run at once (default: the number of CPUs)")
}

// A checkRun is one run of check: its flags made usable.
type checkRun struct {
	*findingRun
	flags *checkFlags
	// workspace is what the last analysis looked at, inspected what it saw in files that are
	// no Go code.
	workspace *workspace.Workspace
	inspected *inspection
	protos    *contract.ProtoCheck
	// literalConfigs are the gRPC service configs in Go code.
	literalConfigs []*serviceConfig
}

func newCheckRun(env *Env, f *checkFlags, paths []string) (*checkRun, error) {
	run, err := newFindingRun(env, &f.findingFlags, paths)
	if err != nil {
		return nil, err
	}
	c := &checkRun{findingRun: run, flags: f}
	if env.Dir == "" || env.Tool == "" {
		return nil, errors.New("the system does not tell the working directory or the path of this program")
	}
	if f.fix && f.diff {
		return nil, errors.New("--fix and --diff: expected one of them; --diff only prints what --fix would change")
	}
	if f.jobs < 0 {
		return nil, fmt.Errorf("--jobs %d: expected 1 or more, or 0 for one per CPU", f.jobs)
	}
	c.toFilesOnly = f.diff // standard output holds the diff
	c.skipsTests = !f.tests
	return c, nil
}

func (c *checkRun) run(ctx context.Context) error {
	if _, err := c.changes(ctx); err != nil {
		return err // before the work, not after it
	}
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
	findings = finding.Condense(findings, func(rule string) bool { return lint.OfWholeDocument(rule) || envoylint.OfWholeDocument(rule) })
	if err := errors.Join(fixErr, c.write(findings)); err != nil {
		return err
	}
	c.timings.step("report")
	if c.shared.timings {
		c.timings.print(c.env.Stderr)
	}
	c.tellGone()
	return c.verdict(findings)
}

// analyze finds what is below the paths, checks it, and judges the findings by
// the configuration.
func (c *checkRun) analyze(ctx context.Context) ([]finding.Finding, error) {
	ws := workspace.Find(c.paths, workspace.Options{Dir: c.env.Dir, Tests: c.flags.tests, Env: c.env.Lookup})
	c.workspace = ws
	c.timings.step("find modules")

	res, err := c.vet(ctx, ws)
	if err != nil {
		return nil, err
	}
	c.timings.step("go vet")

	if c.inspected, err = c.inspect(ctx, ws, res); err != nil {
		return nil, err
	}
	changes, err := c.checkChanges(ctx)
	if err != nil {
		return nil, err
	}

	failures := append(ws.Failures, res.Failures...)
	c.analysed = countAnalysed(c.env, ws.Files, failures) + c.inspected.analysed
	findings := slices.Concat(res.Findings, failures, c.inspected.findings, c.inspected.failures, changes)
	if findings, err = c.checkGraph(ws, res, findings); err != nil {
		return nil, err
	}
	c.timings.step("call graph")
	findings = c.judge(findings, slices.Concat(c.coverLiterals(c.goDirectives(res.Comments)), c.inspected.directives))
	findings, err = c.narrow(ctx, findings)
	c.timings.step("suppress")
	return findings, err
}

// vet has go vet look at the Go code of the workspace, if any rule asks for that. Without a go
// command all else is checked, if there is anything else.
func (c *checkRun) vet(ctx context.Context, ws *workspace.Workspace) (*govet.Result, error) {
	if !slices.ContainsFunc(rules.All(), func(r rules.Rule) bool { return readsGo(r.ID) && c.config.Level(r.ID) != finding.Off }) {
		return &govet.Result{}, nil
	}
	bar := newProgress(c.env, c.shared.progress)
	defer bar.clear()
	res, err := govet.Run(ctx, ws.Units, govet.Options{
		Dir: c.env.Dir, Env: c.env.Environ, Tool: c.env.Tool,
		Flags: c.toolFlags(), Tags: c.flags.tags, Tests: c.flags.tests, Jobs: c.flags.jobs,
		Wanted: ws.Wanted, OnPackage: bar.step, OnUnit: c.timings.unit,
	})
	if errors.Is(err, govet.ErrNoGo) && len(ws.Documents)+len(ws.Protos) > 0 {
		missing := &govet.Result{}
		for _, u := range ws.Units {
			missing.Failures = append(missing.Failures, finding.Finding{
				Rule: "input/go-build", Level: finding.Error, Strength: finding.Proven, Message: err.Error(),
				Location: finding.Location{File: workspace.Relative(c.env.Dir, filepath.Join(u.Dir, "go.mod"))},
			})
		}
		return missing, nil
	}
	return res, err
}

// readsGo reports whether a rule looks at Go code, alone or beside something else.
func readsGo(rule string) bool {
	domain, _, _ := strings.Cut(rule, "/")
	return domain == "go" || domain == "graph" || domain == "grpc"
}

// inspect checks the files of the workspace that are no Go code.
func (c *checkRun) inspect(ctx context.Context, ws *workspace.Workspace, vetted *govet.Result) (*inspection, error) {
	all := c.checkDocuments(ws)
	c.timings.step("OpenAPI")
	protos, err := c.checkProtos(ctx, ws.Protos)
	if err != nil {
		return nil, err
	}
	all.add(protos)
	c.timings.step("protobuf")
	configs, err := c.checkServiceConfigs(ws, vetted)
	if err != nil {
		return nil, err
	}
	all.add(configs)
	c.timings.step("gRPC service configs")
	all.add(c.checkProxies(ws))
	c.timings.step("proxies and meshes")
	return all, nil
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
