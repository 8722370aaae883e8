package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/internal/program"
	"github.com/commslint/commslint/report"
)

// graphFlags are the flags of graph as the user gave them.
type graphFlags struct {
	programFlags
	from, to []string
	loops    int
	all      bool
	paths    bool
	rate     float64
	latency  time.Duration
	cancel   bool
}

func newGraph(env *Env) *cobra.Command {
	var f graphFlags
	cmd := &cobra.Command{
		Use:   "graph [PATH...]",
		Short: "Show who calls whom, and how many requests one request can become",
		Long: `Graph finds Go code below the paths, as check does, follows the calls from every
function that the outside starts (main functions, handlers of requests, exported
functions that nothing calls) to the requests that they send, and tells how many
requests one run can send when things fail, and on which way.

Calls that cannot be followed stay in the graph as unresolved.

Exit codes: 0 ran; 2 could not run; 3 some input could not be analysed, so that
the graph may lack what it would have added.`,
		Example: `  commslint graph
  commslint graph ./services/orders --from PlaceOrder
  commslint graph -f json=graph.json -f mermaid=graph.mmd`,
		RunE: func(cmd *cobra.Command, args []string) error {
			g, err := newGraphRun(env, &f, args)
			if err != nil {
				return err
			}
			return g.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	addOutputFlag(flags, &f.formats, report.GraphFormats())
	flags.StringArrayVar(&f.from, "from", nil, "only entries whose name holds `PATTERN`, repeatable; with a * in it, that are PATTERN, where * stands for any text")
	flags.StringArrayVar(&f.to, "to", nil, "only targets whose name, or that of the service which serves them, holds, or is, `PATTERN`, repeatable")
	flags.IntVar(&f.loops, "loops", 1, "how many turns each loop over data is taken to make, and the value of every other `NUMBER` that the code does not tell")
	flags.Float64Var(&f.rate, "rate", callgraph.DefaultRate, "requests a second that each layer gets, for steady figures under budgets and breakers that always allow some retries")
	flags.DurationVar(&f.latency, "latency", callgraph.DefaultHold, "how long an attempt and the wait before it take, for the same")
	flags.BoolVar(&f.cancel, "cancel", false, "take it that what a caller gives up is given up everywhere below at once")
	flags.BoolVar(&f.all, "all", false, "take every exported function as an entry, called or not")
	flags.BoolVar(&f.paths, "paths", false, "show the way to every target in text, not only to those that can get several requests")
	f.add(flags)
	cmd.AddCommand(newSimulate(env), newGraphMerge(env), newGraphDiff(env))
	return cmd
}

// A graphRun is one run of graph.
type graphRun struct {
	programRun
	flags   *graphFlags
	options callgraph.GraphOptions
	// conditions are those under which the figures hold.
	conditions callgraph.Conditions
}

func newGraphRun(env *Env, f *graphFlags, paths []string) (*graphRun, error) {
	g := &graphRun{flags: f}
	var err error
	if g.programRun, err = newProgramRun(env, &f.programFlags, paths, report.GraphFormats()); err != nil {
		return nil, err
	}
	if f.loops < 1 {
		return nil, fmt.Errorf("--loops %d: expected 1 or more", f.loops)
	}
	if f.rate <= 0 || f.latency <= 0 {
		return nil, fmt.Errorf("--rate %g, --latency %s: expected more than 0", f.rate, f.latency)
	}
	g.conditions = callgraph.Conditions{Rate: f.rate, Hold: f.latency, Cancels: f.cancel}
	g.options = callgraph.GraphOptions{AllExported: f.all, Variable: callgraph.Count(f.loops)}
	return g, nil
}

func (g *graphRun) run(ctx context.Context) error {
	p, err := g.loadUnder(ctx, g.conditions)
	if err != nil {
		return err
	}
	from, to := nameFilter(g.flags.from), nameFilter(g.flags.to)
	o := g.options
	o.From = func(id string) bool { return p.Wanted(id) && (from == nil || from(id)) }
	if to != nil {
		o.To = servedBy(p.Graph(o), to)
	}
	o.Export = wantsJSON(g.outputs)
	graph := p.Graph(o)
	if err := g.checkFilters(p, graph); err != nil {
		return err
	}
	err = g.write(func(format string, w io.Writer, color bool) error {
		return report.WriteGraph(w, format, graph, report.GraphOptions{Color: color, Paths: g.flags.paths})
	})
	if err != nil {
		return err
	}
	return g.verdict(p)
}

// servedBy has a filter of targets match those of a service by its name, too.
func servedBy(g *callgraph.Graph, matches func(name string) bool) func(id string) bool {
	served := map[string]bool{}
	for _, n := range g.Nodes {
		served[n.ID] = n.Kind == callgraph.OperationNode && n.Service != "" && matches(n.Service)
	}
	return func(id string) bool { return served[id] || matches(id) }
}

// checkFilters fails if the user asked for entries or targets that do not exist.
func (g *graphRun) checkFilters(p *program.Program, graph *callgraph.Graph) error {
	if len(graph.Amplification) > 0 || len(p.Failures) > 0 || len(g.flags.from)+len(g.flags.to) == 0 {
		return nil
	}
	o := g.options
	o.From = p.Wanted
	all := p.Graph(o)
	var entries, targets []string
	for _, a := range all.Amplification {
		entries = append(entries, a.Entry)
		targets = append(targets, a.Target)
	}
	if err := noneOf("--from", "entry", g.flags.from, entries); err != nil {
		return err
	}
	return noneOf("--to", "target", g.flags.to, targets)
}

// noneOf fails if no name matches any of the patterns.
func noneOf(flag, what string, patterns, names []string) error {
	matches := nameFilter(patterns)
	if matches == nil || slices.ContainsFunc(names, matches) {
		return nil
	}
	slices.Sort(names)
	names = slices.Compact(names)
	pattern := patterns[len(patterns)-1]
	if len(names) == 0 {
		return fmt.Errorf("%s %s: nothing here sends requests, so there is no %s", flag, pattern, what)
	}
	const few = 8
	list := strings.Join(names[:min(few, len(names))], ", ")
	if more := len(names) - few; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Errorf("%s %s: no %s matches; there are %s", flag, pattern, what, list)
}

// nameFilter matches names by patterns, any of them; nil if there are none. A
// pattern with a * is the whole name, any other a part of it.
func nameFilter(patterns []string) func(name string) bool {
	if len(patterns) == 0 {
		return nil
	}
	return func(name string) bool {
		for _, p := range patterns {
			if p == name || strings.Contains(name, p) || strings.Contains(p, "*") && matchesGlob(p, name) {
				return true
			}
		}
		return false
	}
}

// matchesGlob matches a whole name, where * stands for any text.
func matchesGlob(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	name, ok := strings.CutPrefix(name, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return strings.HasSuffix(name, parts[last])
}
