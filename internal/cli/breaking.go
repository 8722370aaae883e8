package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/contract"
	"github.com/commslint/commslint/internal/revision"
	"github.com/commslint/commslint/openapi/breaking"
	"github.com/commslint/commslint/openapi/document"
	protobreaking "github.com/commslint/commslint/protocheck/breaking"
	"github.com/commslint/commslint/protocheck/grpcconfig"
	"github.com/commslint/commslint/rules/config"
)

// breakingFlags are the flags of breaking as the user gave them.
type breakingFlags struct {
	findingFlags
	against string
	all     bool
}

func newBreaking(env *Env) *cobra.Command {
	var f breakingFlags
	cmd := &cobra.Command{
		Use:   "breaking [PATH...] --against REV|PATH",
		Short: "Report contract changes since a revision that break clients",
		Long: `Breaking compares the OpenAPI documents, .proto files and gRPC service configs below the paths
(default: the working directory) with what they were: at a git revision, which is read from the object
store without touching the working tree, or in a folder or file. A document that
was renamed is found by its content.

A finding says which old request is refused, or which new response clients do not
expect, and shows one; there is one finding for each edit, with the operations
that it reaches.

A change of a .proto file is judged in three dimensions: wire (peers that exchange
the binary encoding), json (peers that exchange JSON, and callers over HTTP) and
source (code that uses generated code). --dimensions names those that matter.

Exit codes: 0 nothing at or above --fail-on; 1 findings at or above it;
2 could not run; 3 some input could not be analysed (everything else was).`,
		Example: `  commslint breaking --against origin/main
  commslint breaking api/orders.yaml --against v1.4.0 -f sarif=breaking.sarif
  commslint breaking new/openapi.json --against old/openapi.json --all`,
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := newBreakingRun(env, &f, args)
			if err != nil {
				return err
			}
			return b.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.against, "against", "", "the old side: a git `REV`ision, or the path of a folder or file")
	f.addReport(flags)
	flags.BoolVar(&f.all, "all", false, "list compatible changes too, as notes")
	f.addProto(flags)
	f.addDisplay(flags)
	return cmd
}

// A breakingRun is one run of breaking.
type breakingRun struct {
	*findingRun
	flags *breakingFlags
}

func newBreakingRun(env *Env, f *breakingFlags, paths []string) (*breakingRun, error) {
	run, err := newFindingRun(env, &f.findingFlags, paths)
	if err != nil {
		return nil, err
	}
	if f.against == "" {
		return nil, errors.New("--against is missing; expected a git revision such as origin/main, or the path of the old folder or file")
	}
	if env.Dir == "" {
		return nil, errors.New("the system does not tell the working directory")
	}
	if f.all {
		for _, rule := range []string{breaking.CompatibleChange, protobreaking.CompatibleChange} {
			if err := run.config.Set(rule, finding.Note, "--all"); err != nil {
				return nil, err
			}
		}
	}
	run.comparesOnly = true
	return &breakingRun{findingRun: run, flags: f}, nil
}

func (b *breakingRun) run(ctx context.Context) error {
	if _, err := b.changes(ctx); err != nil {
		return err // before the work, not after it
	}
	b.saveMemory()
	b.timings.start()
	res, err := b.compareContracts(ctx, b.flags.against)
	if err != nil {
		return err
	}
	b.timings.step("compare")
	runtime.GC() // the documents are not needed any more, and reading files for reports needs memory
	b.analysed = len(res.Documents) + res.Unchanged
	findings, err := b.narrow(ctx, b.judge(res.Findings, b.textDirectives(res)))
	if err != nil {
		return err
	}
	if err := b.write(findings); err != nil {
		return err
	}
	b.timings.step("report")
	if b.shared.timings {
		b.timings.print(b.env.Stderr)
	}
	if b.analysed == 0 && len(res.Findings) == 0 {
		fmt.Fprintln(b.env.Stderr, "commslint: no OpenAPI document or .proto file here has an earlier state in", b.flags.against)
	}
	return b.verdict(findings)
}

// saveMemory trades time, of which comparing takes little, for memory: two large
// documents in full are most of what a run needs. A tenth of the heap may be garbage
// then, instead of half.
func (b *breakingRun) saveMemory() {
	if _, set := b.env.Lookup("GOGC"); !set {
		debug.SetGCPercent(12)
	}
}

// saveTime goes back to what is usual: .proto files are many and small, and what is
// needed to compile one is garbage after it.
func (c *findingRun) saveTime() {
	if _, set := c.env.Lookup("GOGC"); !set {
		debug.SetGCPercent(100)
	}
}

// compareContracts compares the contracts below the paths with an old side.
func (c *findingRun) compareContracts(ctx context.Context, rev string) (*contract.Result, error) {
	against, err := revision.Resolve(ctx, c.env.Dir, comparedFolder(c.env, c.paths), rev, c.env.Environ)
	if err != nil {
		return nil, fmt.Errorf("--against: %w", err)
	}
	defer against.Close()
	res, err := contract.Compare(contract.Options{
		Dir: c.env.Dir, Paths: c.paths, Against: against, Breaking: breakingOptions(c.config),
	})
	if err != nil {
		return nil, fmt.Errorf("--against: %w", err)
	}
	c.saveTime()
	protos, err := contract.CompareProtos(ctx, contract.ProtoOptions{
		Dir: c.env.Dir, Paths: c.paths, Against: against, ImportPaths: c.shared.protoPath, Breaking: c.protoOptions(), Env: c.env.Lookup,
	})
	if err != nil {
		return nil, fmt.Errorf("--against: %w", err)
	}
	res.Add(protos)
	configs, err := contract.CompareServiceConfigs(ctx, contract.ProtoOptions{
		Dir: c.env.Dir, Paths: c.paths, Against: against, ImportPaths: c.shared.protoPath, Env: c.env.Lookup,
	}, protos, grpcconfig.NewOptions(c.param))
	if err != nil {
		return nil, fmt.Errorf("--against: %w", err)
	}
	res.Add(configs)
	for _, notice := range res.Notices {
		fmt.Fprintln(c.env.Stderr, "commslint:", notice)
	}
	return res, nil
}

// checkChanges compares the contracts with --against, if that is given. What cannot be
// read now has been reported before.
func (c *checkRun) checkChanges(ctx context.Context) ([]finding.Finding, error) {
	if c.flags.against == "" {
		return nil, nil
	}
	res, err := c.compareContracts(ctx, c.flags.against)
	if err != nil {
		return nil, err
	}
	c.timings.step("compare")
	reported := slices.Concat(c.inspected.failures, c.workspace.Failures)
	return slices.DeleteFunc(res.Findings, func(f finding.Finding) bool {
		return f.Rule == document.RuleDanglingRef ||
			f.IsInputFailure() && slices.ContainsFunc(reported, func(r finding.Finding) bool { return r.Rule == f.Rule && r.File == f.File }) ||
			slices.ContainsFunc(c.inspected.findings, func(r finding.Finding) bool { return r.Rule == f.Rule && r.Location == f.Location })
	}), nil
}

// comparedFolder is the folder on the new side that an old folder stands for: the
// first path, or the folder that it is in.
func comparedFolder(env *Env, paths []string) string {
	name := env.path(strings.TrimSuffix(paths[0], "..."))
	for {
		if info, err := os.Stat(name); err == nil && info.IsDir() || filepath.Dir(name) == name {
			return name
		}
		name = filepath.Dir(name)
	}
}

// breakingOptions takes the parameters of the rules from the configuration.
func breakingOptions(c *config.Config) breaking.Options {
	param := func(rule, name string) string {
		value, _ := c.Param(rule, name)
		return value
	}
	return breaking.Options{
		All:                 c.Level(breaking.CompatibleChange) != finding.Off && c.Explicit(breaking.CompatibleChange),
		Today:               time.Now().Format(time.DateOnly),
		RemovableOperations: param("openapi/operation-removed", "removable"),
		RemovablePaths:      param("openapi/path-removed", "removable"),
		TolerateProperties:  param("openapi/response-widened", "new-properties") == "tolerant",
		ExtensibleEnums:     param("openapi/response-widened", "extensible-enums") == "tolerant",
		IdempotencyHeaders:  strings.Split(param("openapi/idempotency-dropped", "headers"), ","),
	}
}

// textDirectives reads the suppression comments of the documents that were compared.
func (c *findingRun) textDirectives(res *contract.Result) []finding.PlacedDirective {
	files := map[string]bool{}
	for _, f := range res.Documents {
		files[f] = true
	}
	for _, f := range res.Findings {
		files[f.File] = true // a reference may lead to another file
	}
	var placed []finding.PlacedDirective
	for file := range files {
		if strings.EqualFold(filepath.Ext(file), ".json") {
			continue
		}
		if text, err := os.ReadFile(c.env.path(filepath.FromSlash(file))); err == nil {
			placed = append(placed, finding.TextDirectives(file, text, commentMarker(file))...)
		}
	}
	return placed
}
