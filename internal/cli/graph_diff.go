package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/internal/program"
	"github.com/commslint/commslint/internal/revision"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/report"
)

// graphDiffFlags are the flags of graph diff as the user gave them.
type graphDiffFlags struct {
	programFlags
	against string
	loops   int
}

func newGraphDiff(env *Env) *cobra.Command {
	var f graphDiffFlags
	cmd := &cobra.Command{
		Use:   "diff [PATH...] --against REV|PATH",
		Short: "Show what a change does to the figures of the call graph",
		Long: `Diff computes the call graph of what is below the paths twice, as it is and as it was in
a git revision, and shows the figures that differ. The revision is copied to a temporary
folder; neither the working tree nor the repository is touched.

With -f markdown it writes a comment for a review.

Exit codes: as of graph.`,
		Example: `  commslint graph diff --against origin/main
  commslint graph diff --against HEAD~1 -f markdown=comment.md`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.against == "" {
				return errors.New("--against is missing; expected a git revision such as origin/main, or the path of the old folder")
			}
			return runGraphDiff(cmd.Context(), env, &f, args)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	addOutputFlag(flags, &f.formats, report.GraphDiffFormats())
	flags.StringVar(&f.against, "against", "", "the old side: a git `REV`ision, or the path of a folder")
	flags.IntVar(&f.loops, "loops", 1, "how many turns each loop over data is taken to make")
	f.add(flags)
	return cmd
}

func runGraphDiff(ctx context.Context, env *Env, f *graphDiffFlags, paths []string) error {
	r, err := newProgramRun(env, &f.programFlags, paths, report.GraphDiffFormats())
	if err != nil {
		return err
	}
	if f.loops < 1 {
		return fmt.Errorf("--loops %d: expected 1 or more", f.loops)
	}
	before, err := r.loadBefore(ctx, f.against)
	if err != nil {
		return fmt.Errorf("--against: %w", err)
	}
	after, err := r.load(ctx)
	if err != nil {
		return err
	}
	o := callgraph.GraphOptions{Variable: callgraph.Count(f.loops)}
	d := &report.GraphDiff{Version: callgraph.GraphVersion, Against: f.against, Changes: callgraph.Compare(wantedGraph(before, o), wantedGraph(after, o))}
	if d.Changes == nil {
		d.Changes = []callgraph.GraphChange{}
	}
	err = r.write(func(format string, w io.Writer, _ bool) error { return report.WriteGraphDiff(w, format, d) })
	if err != nil {
		return err
	}
	return r.verdicts(f.against, before, after)
}

// verdicts is the verdict on both states: what was missing before makes figures look new.
func (r *programRun) verdicts(against string, before, after *program.Program) error {
	for i := range before.Failures {
		f := &before.Failures[i]
		fmt.Fprintf(r.env.Stderr, "%s in %s: %s: %s [%s]\n", placeOf(&f.Location), against, f.Level, f.Message, f.Rule)
	}
	if err := r.verdict(after); err != nil || len(before.Failures) == 0 {
		return err
	}
	return &ExitError{Code: exitIncomplete}
}

// wantedGraph is the graph of what was asked for.
func wantedGraph(p *program.Program, o callgraph.GraphOptions) *callgraph.Graph {
	o.From = p.Wanted
	return p.Graph(o)
}

// loadBefore links what was below the paths in an earlier state.
func (r *programRun) loadBefore(ctx context.Context, rev string) (*program.Program, error) {
	against, err := revision.Resolve(ctx, r.env.Dir, comparedFolder(r.env, r.paths), rev, r.env.Environ)
	if err != nil {
		return nil, err
	}
	defer against.Close()
	if against.Only != "" {
		return nil, fmt.Errorf("%s is a file; expected a git revision or a folder", rev)
	}
	dir, err := os.MkdirTemp("", "commslint-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	if err := copySource(against, dir); err != nil {
		return nil, err
	}
	old, err := r.at(against.Root, dir)
	if err != nil {
		return nil, err
	}
	return old.load(ctx)
}

// at is the run on a copy of the files below a root.
func (r *programRun) at(root, dir string) (*programRun, error) {
	moved := *r
	env := *r.env
	env.Dir = filepath.Join(dir, workspace.Relative(root, r.env.Dir))
	moved.env = &env
	moved.paths = nil
	for _, p := range r.paths {
		if filepath.IsAbs(p) {
			p = filepath.Join(dir, workspace.Relative(root, p))
		}
		moved.paths = append(moved.paths, p)
	}
	if err := os.MkdirAll(env.Dir, 0o755); err != nil {
		return nil, err
	}
	var err error
	if r.shared.config == "" { // the configuration is part of the state
		moved.config, err = loadConfig(&env, "", moved.paths[0])
	}
	return &moved, err
}

// copySource writes the files of a source to a folder.
func copySource(src revision.Source, dir string) error {
	blobs, err := src.List()
	if err != nil {
		return err
	}
	for _, b := range blobs {
		if !filepath.IsLocal(filepath.FromSlash(b.Path)) {
			continue
		}
		text, err := src.Read(b.Path)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(b.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
