package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/internal/program"
	"github.com/commslint/commslint/report"
)

// graphMergeFlags are the flags of graph merge as the user gave them.
type graphMergeFlags struct {
	formats  []string
	from, to []string
	loops    int
	paths    bool
	color    string
}

func newGraphMerge(env *Env) *cobra.Command {
	var f graphMergeFlags
	cmd := &cobra.Command{
		Use:   "merge FILE...",
		Short: "Join the call graphs of several repositories",
		Long: `Merge reads what commslint graph -f json wrote in several repositories, links the
requests of each to the services of the others, and computes the figures anew: they are those
of all the code in one place. Services that go by the same name in several
configurations are one.

Places are shown with the name of the file that they come from: orders:cmd/main.go:12, or,
where files have the same name, with its path: orders/graph:cmd/main.go:12.`,
		Example: `  commslint graph -f json=orders.json          # in each repository
  commslint graph merge orders.json payments.json storefront.json -f html=shop.html`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("no file given; expected what commslint graph -f json wrote")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return runGraphMerge(env, &f, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	addOutputFlag(flags, &f.formats, report.GraphFormats())
	flags.StringArrayVar(&f.from, "from", nil, "only entries whose name holds `PATTERN`, repeatable")
	flags.StringArrayVar(&f.to, "to", nil, "only targets whose name holds, or is, `PATTERN`, repeatable")
	flags.IntVar(&f.loops, "loops", 1, "how many turns each loop over data is taken to make")
	flags.BoolVar(&f.paths, "paths", false, "show the way to every target in text, not only to those that can get several requests")
	flags.StringVar(&f.color, "color", "auto", "`WHEN` to use colour: auto, always or never; NO_COLOR is honoured")
	return cmd
}

func runGraphMerge(env *Env, f *graphMergeFlags, files []string) error {
	if f.loops < 1 {
		return fmt.Errorf("--loops %d: expected 1 or more", f.loops)
	}
	if err := oneOf("--color", f.color, "auto", "always", "never"); err != nil {
		return err
	}
	outputs, err := parseOutputs(env, f.formats, report.GraphFormats())
	if err != nil {
		return err
	}
	p, entries, err := mergeExports(env, files, callgraph.Conditions{})
	if err != nil {
		return err
	}
	from := nameFilter(f.from)
	g := p.Graph(callgraph.GraphOptions{
		Variable: callgraph.Count(f.loops), To: nameFilter(f.to), Export: wantsJSON(outputs),
		From: func(id string) bool { return (entries[id] || p.IsRoute(id)) && (from == nil || from(id)) },
	})
	r := programRun{env: env, shared: &programFlags{color: f.color}, outputs: outputs}
	return r.write(func(format string, w io.Writer, color bool) error {
		return report.WriteGraph(w, format, g, report.GraphOptions{Color: color, Paths: f.paths})
	})
}

// mergeExports links what files hold to one program, and tells the entries that were
// asked for in any of them.
func mergeExports(env *Env, files []string, c callgraph.Conditions) (*callgraph.Program, map[string]bool, error) {
	var parts []*callgraph.Export
	entries := make(map[string]bool)
	labels, err := graphLabels(files)
	if err != nil {
		return nil, nil, err
	}
	for i, file := range files {
		part, err := readExport(env, file)
		if err != nil {
			return nil, nil, err
		}
		if len(files) > 1 {
			program.Label(part, labels[i])
		}
		for _, id := range part.Entries {
			entries[id] = true
		}
		parts = append(parts, part)
	}
	return callgraph.Merge(parts, c), entries, nil
}

// graphLabels names graphs by their files: orders/graph.json and
// payments/graph.json by all of the path, as places with one label in common
// would be taken for the same.
func graphLabels(files []string) ([]string, error) {
	bases, seen := make(map[string]int), make(map[string]bool)
	for _, file := range files {
		path := filepath.Clean(file)
		if seen[path] {
			return nil, fmt.Errorf("%s is given twice; expected one graph of each repository", file)
		}
		seen[path] = true
		bases[labelOf(filepath.Base(file))]++
	}
	labels := make([]string, len(files))
	for i, file := range files {
		labels[i] = labelOf(filepath.Base(file))
		if bases[labels[i]] > 1 {
			labels[i] = labelOf(filepath.Clean(file))
		}
	}
	return labels, nil
}

func labelOf(file string) string {
	return strings.TrimSuffix(filepath.ToSlash(file), filepath.Ext(file))
}

// readExport reads what a graph holds to be merged.
func readExport(env *Env, file string) (*callgraph.Export, error) {
	data, err := os.ReadFile(env.path(file))
	if err != nil {
		return nil, err
	}
	var g callgraph.Graph
	if err := json.Unmarshal(data, &g); err != nil {
		return nil, fmt.Errorf("%s: %w; expected what commslint graph -f json wrote", file, err)
	}
	switch {
	case g.Version != callgraph.GraphVersion:
		return nil, fmt.Errorf("%s: version %d; this commslint reads version %d", file, g.Version, callgraph.GraphVersion)
	case g.Program == nil:
		return nil, fmt.Errorf("%s: nothing in it can be merged; expected what commslint graph -f json wrote", file)
	}
	return g.Program, nil
}

// wantsJSON reports whether a graph is written as JSON, which holds what merging needs.
func wantsJSON(outputs []output) bool {
	for _, o := range outputs {
		if o.format == "json" {
			return true
		}
	}
	return false
}
