package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/callgraph/simulate"
	"github.com/commslint/commslint/internal/program"
	"github.com/commslint/commslint/report"
)

// simulateFlags are the flags of graph simulate as the user gave them.
type simulateFlags struct {
	programFlags
	from, target string
	fail         string
	rate         float64
	duration     time.Duration
	latency      time.Duration
	seed         uint64
	clients      int
	cancel       bool
	loops        int
}

// The default load: enough for budgets to matter, little enough for a run to take no
// time.
const (
	simulatedRate     = 100
	simulatedDuration = time.Minute
)

func newSimulate(env *Env) *cobra.Command {
	var f simulateFlags
	cmd := &cobra.Command{
		Use:   "simulate [PATH... | FILE.json...]",
		Short: "Simulate a load on the call graph while one operation fails",
		Long: `Simulate runs what the graph says of a program, event by event: requests come to an
entry at random, one operation fails for the middle half of the time, and the requests
that arrive everywhere are counted, with the retries and budgets that the code
and configuration have, without the budgets, and without any retry. It shows also
what one request alone becomes. Beside the counts stands what the graph says, which
it can be compared with.

The entry and the operation are those of the worst case of the graph, unless --from
and --target name others. Of alternatives the one that sends most to the operation is
taken. The same seed gives the same counts.

Files with the ending .json are what commslint graph -f json wrote, in one repository or
in several, as graph merge takes them.

Exit codes: as of graph.`,
		Example: `  commslint graph simulate
  commslint graph simulate --target payments --fail hang --latency 20ms
  commslint graph simulate --target charges --fail 503=0.5 --rate 1000 -f json
  commslint graph simulate orders.json payments.json -f svg=load.svg`,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := newSimulation(env, &f, args)
			if err != nil {
				return err
			}
			return s.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	addOutputFlag(flags, &f.formats, report.SimulationFormats())
	flags.StringVar(&f.target, "target", "", "the operation that fails: one whose name holds, or is, `PATTERN` (default: that of the worst case)")
	flags.StringVar(&f.from, "from", "", "the entry that requests come to: one whose name holds, or is, `PATTERN` (default: the worst for the target)")
	flags.StringVar(&f.fail, "fail", "", "how it fails, as `MODE[=SHARE]`: "+modeList()+"; SHARE of the requests, 1 for all (default: the worst)")
	flags.Float64Var(&f.rate, "rate", simulatedRate, "requests to the entry a `SECOND`")
	flags.DurationVar(&f.duration, "duration", simulatedDuration, "how much time is simulated")
	flags.DurationVar(&f.latency, "latency", callgraph.DefaultHold, "how long an operation takes to answer")
	flags.Uint64Var(&f.seed, "seed", 1, "what is random follows from this `NUMBER`")
	flags.IntVar(&f.clients, "clients", 1, "by how many processes the requests are sent, each with budgets of its own")
	flags.BoolVar(&f.cancel, "cancel", false, "what is given up stops everywhere below; the figures of the graph do not rely on it")
	flags.IntVar(&f.loops, "loops", 1, "how many turns each loop over data is taken to make, and the value of every other `NUMBER` that the code does not tell")
	f.add(flags)
	return cmd
}

// failureModes are the names of failures, as --fail takes them.
var failureModes = []struct {
	name string
	mode callgraph.ModeSet
}{
	{"refused", callgraph.Refused}, {"reset", callgraph.Reset}, {"hang", callgraph.Hang}, {"error", callgraph.OpaqueError},
	{"408", callgraph.Status408}, {"425", callgraph.Status425}, {"429", callgraph.Status429}, {"4xx", callgraph.Status4xx},
	{"500", callgraph.Status500}, {"502", callgraph.Status502}, {"503", callgraph.Status503}, {"504", callgraph.Status504}, {"5xx", callgraph.Status5xx},
	{"unavailable", callgraph.GRPCUnavailable}, {"deadline-exceeded", callgraph.GRPCDeadlineExceeded},
	{"resource-exhausted", callgraph.GRPCResourceExhausted}, {"aborted", callgraph.GRPCAborted},
	{"internal", callgraph.GRPCInternal}, {"unknown", callgraph.GRPCUnknown}, {"permanent", callgraph.GRPCPermanent},
}

func modeNames(among callgraph.ModeSet) []string {
	var names []string
	for _, m := range failureModes {
		if m.mode&among != 0 {
			names = append(names, m.name)
		}
	}
	return names
}

func modeList() string { return strings.Join(modeNames(callgraph.AllModes), ", ") }

// usualModes are the failures that a simulation takes if it may choose, as they are
// what overload looks like.
var usualModes = []callgraph.ModeSet{callgraph.Status503, callgraph.GRPCUnavailable, callgraph.OpaqueError, callgraph.Reset, callgraph.Refused}

// A simulation is one run of graph simulate.
type simulation struct {
	programRun
	flags *simulateFlags
	mode  callgraph.ModeSet // 0 for the worst
	share float64
}

func newSimulation(env *Env, f *simulateFlags, paths []string) (*simulation, error) {
	s := &simulation{flags: f, share: 1}
	var err error
	if s.programRun, err = newProgramRun(env, &f.programFlags, paths, report.SimulationFormats()); err != nil {
		return nil, err
	}
	switch {
	case f.rate <= 0:
		return nil, fmt.Errorf("--rate %v: expected more than 0", f.rate)
	case f.duration < 4*time.Second || f.duration > 24*time.Hour:
		return nil, fmt.Errorf("--duration %v: expected between 4s and 24h", f.duration)
	case f.latency <= 0:
		return nil, fmt.Errorf("--latency %v: expected more than 0", f.latency)
	case f.clients < 1:
		return nil, fmt.Errorf("--clients %d: expected 1 or more", f.clients)
	case f.loops < 1:
		return nil, fmt.Errorf("--loops %d: expected 1 or more", f.loops)
	}
	return s, s.parseFail()
}

// parseFail reads MODE[=SHARE].
func (s *simulation) parseFail() error {
	if s.flags.fail == "" {
		return nil
	}
	name, share, hasShare := strings.Cut(s.flags.fail, "=")
	i := slices.IndexFunc(failureModes, func(m struct {
		name string
		mode callgraph.ModeSet
	}) bool {
		return m.name == name
	})
	if i < 0 {
		names := modeNames(callgraph.AllModes)
		return fmt.Errorf("--fail %s: unknown failure %q%s; known are %s", s.flags.fail, name, didYouMean(name, names), modeList())
	}
	s.mode = failureModes[i].mode
	if hasShare {
		var err error
		if s.share, err = strconv.ParseFloat(share, 64); err != nil || !(s.share > 0 && s.share <= 1) {
			return fmt.Errorf("--fail %s: expected a share above 0 and up to 1 after '='", s.flags.fail)
		}
	}
	return nil
}

// A simulatedProgram is the program, with what tells its entries.
type simulatedProgram struct {
	*callgraph.Program
	wanted func(id string) bool
	loaded *program.Program // nil if it comes from files that graph wrote
}

// program links what is below the paths, or what files hold that graph wrote.
func (s *simulation) program(ctx context.Context) (*simulatedProgram, error) {
	c := callgraph.Conditions{Rate: s.flags.rate, Hold: s.flags.latency, Cancels: s.flags.cancel}
	if slices.ContainsFunc(s.paths, func(path string) bool { return filepath.Ext(path) != ".json" }) {
		p, err := s.loadUnder(ctx, c)
		if err != nil {
			return nil, err
		}
		return &simulatedProgram{p.Program, p.Wanted, p}, nil
	}
	p, entries, err := mergeExports(s.env, s.paths, c)
	if err != nil {
		return nil, err
	}
	return &simulatedProgram{Program: p, wanted: func(id string) bool { return entries[id] || p.IsRoute(id) }}, nil
}

func (s *simulation) run(ctx context.Context) error {
	p, err := s.program(ctx)
	if err != nil {
		return err
	}
	worst, err := s.choose(p)
	if err != nil {
		if p.loaded != nil && len(p.loaded.Failures) > 0 {
			return errors.Join(err, s.verdict(p.loaded))
		}
		return err
	}
	result, err := s.simulate(p.Program, worst)
	if err != nil {
		return err
	}
	err = s.write(func(format string, w io.Writer, color bool) error {
		return report.WriteSimulation(w, format, result, color)
	})
	if err != nil || p.loaded == nil {
		return err
	}
	return s.verdict(p.loaded)
}

// choose finds the entry and the target: of those that were asked for the worst.
func (s *simulation) choose(p *simulatedProgram) (*callgraph.Amplification, error) {
	from, to := onePattern(s.flags.from), onePattern(s.flags.target)
	g := p.Graph(callgraph.GraphOptions{Variable: callgraph.Count(s.flags.loops), From: p.wanted})
	operations := make(map[string]bool)
	for _, n := range g.Nodes {
		operations[n.ID] = n.Kind == callgraph.OperationNode
	}
	var entries, targets []string
	var worst *callgraph.Amplification
	for i := range g.Amplification {
		a := &g.Amplification[i]
		if !operations[a.Target] {
			continue
		}
		entries, targets = append(entries, a.Entry), append(targets, a.Target)
		if (from == nil || from(a.Entry)) && (to == nil || to(a.Target)) && (worst == nil || worse(a, worst)) {
			worst = a
		}
	}
	if worst != nil {
		return worst, nil
	}
	if s.flags.from != "" {
		if err := noneOf("--from", "entry", []string{s.flags.from}, entries); err != nil {
			return nil, err
		}
	}
	if s.flags.target != "" {
		if err := noneOf("--target", "target", []string{s.flags.target}, targets); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("--from %s --target %s: no such entry leads to such a target", cmp.Or(s.flags.from, "*"), s.flags.target)
	}
	return nil, errors.New("nothing here sends requests, so there is nothing to simulate")
}

func onePattern(pattern string) func(string) bool {
	if pattern == "" {
		return nil
	}
	return nameFilter([]string{pattern})
}

func worse(a, b *callgraph.Amplification) bool {
	return cmp.Or(cmp.Compare(b.Hard, a.Hard), strings.Compare(a.Target, b.Target), strings.Compare(a.Entry, b.Entry)) < 0
}

// simulate runs the load with and without what limits it.
func (s *simulation) simulate(p *callgraph.Program, worst *callgraph.Amplification) (*report.Simulation, error) {
	variable := callgraph.Count(s.flags.loops)
	plan, ok := p.Plan(worst.Entry, callgraph.PlanOptions{Variable: variable})
	if !ok {
		return nil, fmt.Errorf("the function %s is not in sight", worst.Entry)
	}
	figure, ok := p.InMode(worst.Entry, worst.Target, s.mode, variable)
	if !ok {
		return nil, fmt.Errorf("%s does not lead to %s", worst.Entry, worst.Target)
	}
	mode, err := s.modeOf(worst.Target, &figure)
	if err != nil {
		return nil, err
	}
	o := simulate.Options{
		Target: worst.Target, Mode: mode, Share: s.share, Rate: s.flags.rate, Length: s.flags.duration,
		Down: [2]time.Duration{s.flags.duration / 4, s.flags.duration / 4 * 3}, Time: s.flags.latency,
		Seed: s.flags.seed, Clients: s.flags.clients, Cancels: s.flags.cancel,
	}
	r := simulationRun{plan: plan, options: o}
	if err := r.run(); err != nil {
		return nil, err
	}
	result := r.report(worst, figure, p.Amplification(worst.Entry, variable))
	result.Mode = mode.String()
	return result, nil
}

// modeOf is the way of failing that is simulated: what was asked for, or of the worst
// the most usual.
func (s *simulation) modeOf(target string, f *callgraph.ModeFigure) (callgraph.ModeSet, error) {
	if s.mode != 0 {
		if s.mode&f.Possible == 0 {
			return 0, fmt.Errorf("--fail %s: %s cannot fail so; it can with %s", s.flags.fail, target, strings.Join(modeNames(f.Possible), ", "))
		}
		return s.mode, nil
	}
	for _, m := range usualModes {
		if m&f.Worst != 0 {
			return m, nil
		}
	}
	return f.Worst & -f.Worst, nil
}

// A simulationRun is the runs of one plan.
type simulationRun struct {
	plan    *callgraph.Plan
	options simulate.Options
	once    map[string]int
	budgets bool                // there are any
	counts  [3]*simulate.Counts // by policy
}

// aLongTime is how long one request alone is followed.
const aLongTime, aLongTimeText = 24 * time.Hour, "24h"

func (r *simulationRun) run() error {
	o := r.options
	o.Length = aLongTime
	var err error
	if r.once, err = simulate.Once(r.plan, o); err != nil {
		return err
	}
	policies := []simulate.Policy{simulate.AsConfigured, simulate.WithoutRetries}
	if r.budgets = simulate.HasBudgets(r.plan); r.budgets {
		policies = append(policies, simulate.WithoutBudgets)
	}
	failed := make([]error, len(r.counts))
	var all sync.WaitGroup
	for _, policy := range policies {
		all.Go(func() {
			o := r.options
			o.Policy = policy
			r.counts[policy], failed[policy] = simulate.Run(r.plan, o)
		})
	}
	all.Wait()
	if !r.budgets {
		r.counts[simulate.WithoutBudgets] = r.counts[simulate.AsConfigured]
	}
	return errors.Join(failed...)
}

func (r *simulationRun) report(worst *callgraph.Amplification, f callgraph.ModeFigure, figures []callgraph.Amplification) *report.Simulation {
	o := &r.options
	configured := r.counts[simulate.AsConfigured]
	s := &report.Simulation{
		Version: report.SimulationVersion, Entry: worst.Entry, Target: worst.Target, Share: o.Share,
		Rate: o.Rate, Seconds: int(o.Length / time.Second), Down: [2]int{seconds(o.Down[0]), seconds(o.Down[1])},
		Latency: o.Time.String(), Clients: o.Clients, Seed: o.Seed, OnceFor: aLongTimeText, Left: r.plan.Left, Budgets: r.budgets, Entries: configured.Entry.PerSecond,
	}
	graph := make(map[string]*callgraph.Amplification)
	for i := range figures {
		graph[figures[i].Target] = &figures[i]
	}
	for i := range configured.Operations {
		so := r.operation(configured.Operations[i].Operation, s.Down)
		if a := graph[so.Operation]; a != nil {
			so.Graph = a.Bystander
		}
		if so.Operation == worst.Target {
			so.Graph = f.Hard
			if o.Share == 1 {
				so.GraphSteady = f.Steady
			}
		}
		s.Operations = append(s.Operations, so)
	}
	for _, c := range r.counts {
		s.Stopped = s.Stopped || c.Stopped
	}
	slices.SortStableFunc(s.Operations, func(a, b report.SimulatedOperation) int {
		if first := (b.Operation == worst.Target); (a.Operation == worst.Target) != first {
			return map[bool]int{true: 1, false: -1}[first]
		}
		return cmp.Or(cmp.Compare(b.Failing, a.Failing), strings.Compare(a.Operation, b.Operation))
	})
	return s
}

func seconds(d time.Duration) int { return int(d / time.Second) }

// operation is what the runs counted of an operation. While it fails, the later half
// of the time counts, when budgets have settled.
func (r *simulationRun) operation(name string, down [2]int) report.SimulatedOperation {
	settled := (down[0] + down[1]) / 2
	each := func(policy simulate.Policy, from, to int) float64 {
		c := r.counts[policy]
		entry := c.Entry.Mean(from, min(to, c.Counted))
		if entry == 0 {
			return 0
		}
		return c.Of(name).Mean(from, min(to, c.Counted)) / entry
	}
	so := report.SimulatedOperation{
		Operation: name, Once: r.once[name],
		Healthy:            each(simulate.AsConfigured, 0, down[0]),
		Failing:            each(simulate.AsConfigured, settled, down[1]),
		NoBudgets:          each(simulate.WithoutBudgets, settled, down[1]),
		NoRetries:          each(simulate.WithoutRetries, settled, down[1]),
		PerSecond:          r.counts[simulate.AsConfigured].Of(name).PerSecond,
		PerSecondNoRetries: r.counts[simulate.WithoutRetries].Of(name).PerSecond,
	}
	if r.budgets {
		so.PerSecondNoBudgets = r.counts[simulate.WithoutBudgets].Of(name).PerSecond
	}
	return so
}
