// Package simulate runs what the call graph says of a program, event by event, while
// one operation fails, and counts the requests that arrive everywhere. It is there to
// be compared with the static figures: one request alone must make as many as the hard
// figure says, and a fleet under a load as many as the steady one.
//
// It runs the effects of the functions (callgraph.Plan) rather than the edges of an
// exported graph: only effects tell alternatives from sequences, what is passed up
// after a failure, and budgets.
//
// Where the figures take the worst of what may happen, so does it: of alternatives the
// one that leads to most requests at the target is taken, every part of a sequence runs
// whether or not one before it failed, and a service that fails answers with whatever
// its client repeats. Requests arrive at random (a Poisson process), and what is random
// comes from the seed alone: the same plan and options give the same counts.
package simulate

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/commslint/commslint/callgraph"
)

// A Policy says which of the limits and repeats of a program are in force.
type Policy uint8

const (
	AsConfigured   Policy = iota
	WithoutBudgets        // budgets, breakers and throttles let everything pass
	WithoutRetries        // nothing is sent again
)

// HasBudgets reports whether anything in a plan limits how often all requests together
// are repeated.
func HasBudgets(plan *callgraph.Plan) bool {
	seen := make(map[*callgraph.PlanNode]bool)
	var has func(n *callgraph.PlanNode) bool
	has = func(n *callgraph.PlanNode) bool {
		if seen[n] {
			return false
		}
		seen[n] = true
		if l := n.Layer; l != nil && n.Attempts > 1 && (l.BudgetShare > 0 || l.BudgetRatio > 0 || l.Breaker > 0 || l.Throttled == callgraph.Yes) {
			return true
		}
		return slices.ContainsFunc(n.Parts, has)
	}
	return has(plan.Root)
}

// Options are the load and the failure.
type Options struct {
	Target string            // id of the operation that fails
	Mode   callgraph.ModeSet // how: exactly one mode
	Share  float64           // of the requests to the target that fail; 0 stands for all
	Rate   float64           // requests to the entry a second
	Length time.Duration     // of the run
	Down   [2]time.Duration  // from when until when the target fails
	Time   time.Duration     // that an operation takes to answer
	Seed   uint64
	Policy Policy
	// Clients is by how many processes the requests are sent, each with budgets of
	// its own; 0 stands for 1.
	Clients int
	// Cancels says that what a layer gives up stops everywhere below.
	Cancels bool
}

// A Series is the requests that arrived at an operation.
type Series struct {
	Operation string `json:"operation"`
	PerSecond []int  `json:"perSecond"`
}

// Counts are what a run counted: the requests to the entry, and to every operation in
// the order of the plan.
type Counts struct {
	Entry      Series   `json:"entry"`
	Operations []Series `json:"operations"`
	// Stopped says that the run made more events than it may and was ended early;
	// Counted is then how many seconds are complete.
	Stopped bool `json:"stopped,omitempty"`
	Counted int  `json:"counted"`
}

// Of is the series of an operation, nil if the plan does not send it.
func (c *Counts) Of(operation string) *Series {
	for i := range c.Operations {
		if c.Operations[i].Operation == operation {
			return &c.Operations[i]
		}
	}
	return nil
}

// Mean is the number of requests a second from one second to another.
func (s *Series) Mean(from, to int) float64 {
	to = min(to, len(s.PerSecond))
	if from >= to {
		return 0
	}
	sum := 0
	for _, n := range s.PerSecond[from:to] {
		sum += n
	}
	return float64(sum) / float64(to-from)
}

// maxEvents bounds a run: about a minute of work.
const maxEvents = 60_000_000

// Run simulates a load. It fails if the plan does not send the target, or if it
// cannot fail so.
func Run(plan *callgraph.Plan, o Options) (*Counts, error) {
	e, err := newEngine(plan, o)
	if err != nil {
		return nil, err
	}
	if o.Rate <= 0 || o.Length < time.Second {
		return nil, fmt.Errorf("rate %v for %v: expected more than 0 requests a second for at least a second", o.Rate, o.Length)
	}
	e.arrive()
	e.work(int64(o.Length))
	return e.result(o), nil
}

// Once simulates one request alone, with the target failing all the time, and counts
// what arrives in the given time by operation.
func Once(plan *callgraph.Plan, o Options) (map[string]int, error) {
	o.Down, o.Clients = [2]time.Duration{0, 1 << 62}, 1
	e, err := newEngine(plan, o)
	if err != nil {
		return nil, err
	}
	e.run(e.root, nil, ignore)
	e.work(int64(max(o.Length, time.Second)))
	counts := make(map[string]int)
	for i, s := range e.counts {
		for _, n := range s {
			counts[e.operations[i]] += n
		}
	}
	return counts, nil
}

func ignore(callgraph.ModeSet) {}

func (o *Options) validate(plan *callgraph.Plan) error {
	if o.Mode == 0 || o.Mode&(o.Mode-1) != 0 {
		return errors.New("expected one way of failing")
	}
	if o.Time <= 0 {
		o.Time = callgraph.DefaultHold
	}
	if o.Share <= 0 || o.Share > 1 {
		o.Share = 1
	}
	o.Clients = max(o.Clients, 1)
	if plan == nil || plan.Root == nil {
		return errors.New("nothing to run")
	}
	return nil
}

// arrive lets the next request to the entry come.
func (e *engine) arrive() {
	gap := e.arrivals.ExpFloat64() / e.options.Rate
	e.after(int64(gap*float64(time.Second)), func() {
		e.entry = e.add(e.entry)
		e.client = e.pick.IntN(e.options.Clients)
		e.run(e.root, nil, ignore)
		e.arrive()
	})
}

func newRand(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }

func (e *engine) result(o Options) *Counts {
	seconds := int(o.Length / time.Second)
	if e.stopped {
		seconds = min(seconds, int(e.now/int64(time.Second)))
	}
	c := &Counts{Stopped: e.stopped, Counted: seconds}
	fill := func(name string, s []int) Series {
		full := make([]int, seconds)
		copy(full, s)
		return Series{Operation: name, PerSecond: full}
	}
	c.Entry = fill("", e.entry)
	for i, name := range e.operations {
		c.Operations = append(c.Operations, fill(name, e.counts[i]))
	}
	return c
}
