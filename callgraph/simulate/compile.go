package simulate

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/commslint/commslint/callgraph"
)

// A unit is a node of a plan made ready to run.
type unit struct {
	kind  callgraph.PlanKind
	parts []*unit

	layer           *callgraph.Layer
	attempts        float64
	perTry, overall int64
	waits           []int64 // before the second attempt, the third …
	leastWait       int64

	operation int
	target    bool
	passed    bool   // it is counted where a proxy sends it on
	system    string // of a proxy that serves
	protocol  string
	bound     int64
	mayEnd    bool
	own       int64 // how long who serves it takes besides what it asks of others

	share float64
}

type compiler struct {
	engine *engine
	units  map[*callgraph.PlanNode]*unit
	loads  map[*callgraph.PlanNode]load
	index  map[string]int
}

func (e *engine) compile(plan *callgraph.Plan) (*unit, error) {
	c := compiler{engine: e, units: make(map[*callgraph.PlanNode]*unit), loads: make(map[*callgraph.PlanNode]load), index: make(map[string]int)}
	root := c.unit(plan.Root)
	protocol, ok := c.protocolOf(plan.Root, make(map[*callgraph.PlanNode]bool))
	if !ok {
		return nil, fmt.Errorf("%s does not send %s; it sends %s", plan.Entry, e.options.Target, listOf(e.operations))
	}
	if modes := callgraph.FailuresOf(protocol); modes&e.options.Mode == 0 {
		return nil, fmt.Errorf("%s cannot fail with %s: it is of protocol %s, which knows %s", e.options.Target, e.options.Mode, protocol, modes)
	}
	return root, nil
}

func listOf(names []string) string {
	const few = 8
	names = slices.Sorted(slices.Values(names))
	if len(names) == 0 {
		return "nothing"
	}
	if more := len(names) - few; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), more)
	}
	return strings.Join(names, ", ")
}

// protocolOf is that of the target.
func (c *compiler) protocolOf(n *callgraph.PlanNode, seen map[*callgraph.PlanNode]bool) (string, bool) {
	if seen[n] {
		return "", false
	}
	seen[n] = true
	if c.isTarget(n) {
		return n.Request.Protocol, true
	}
	for _, p := range n.Parts {
		if protocol, ok := c.protocolOf(p, seen); ok {
			return protocol, true
		}
	}
	return "", false
}

// A load is how many requests a node may make: at the target, and in all.
type load struct{ target, all float64 }

// much bounds loads, so that they stay numbers.
const much = 1e15

func (l load) times(n float64) load {
	return load{math.Min(l.target*n, much), math.Min(l.all*n, much)}
}

func (c *compiler) load(n *callgraph.PlanNode) load {
	if l, ok := c.loads[n]; ok {
		return l
	}
	var sum load
	for _, p := range n.Parts {
		l := c.load(p)
		if n.Kind == callgraph.PlanOneOf {
			if l.more(sum) {
				sum = l
			}
			continue
		}
		sum = load{sum.target + l.target, sum.all + l.all}
	}
	switch n.Kind {
	case callgraph.PlanSend:
		if !n.Passed {
			sum.all++
		}
		if c.isTarget(n) {
			sum.target++
		}
	case callgraph.PlanRepeat, callgraph.PlanTimes:
		sum = sum.times(math.Min(float64(n.Attempts), much))
	case callgraph.PlanMirror:
		sum = sum.times(n.Share)
	}
	c.loads[n] = sum
	return sum
}

func (l load) more(m load) bool {
	return l.target > m.target || l.target == m.target && l.all > m.all
}

// unit compiles a node; the units of shared nodes are shared.
func (c *compiler) unit(n *callgraph.PlanNode) *unit {
	if u, ok := c.units[n]; ok {
		return u
	}
	var u *unit
	if n.Kind == callgraph.PlanOneOf {
		best := slices.MaxFunc(n.Parts, func(a, b *callgraph.PlanNode) int {
			switch {
			case c.load(a).more(c.load(b)):
				return 1
			case c.load(b).more(c.load(a)):
				return -1
			}
			return 0
		})
		u = c.unit(best)
		c.units[n] = u
		return u
	}
	u = &unit{kind: n.Kind, share: n.Share, attempts: float64(n.Attempts)}
	c.units[n] = u
	var later []*unit
	for _, p := range n.Parts {
		part := c.unit(p)
		if part.kind == callgraph.PlanMirror {
			u.parts = append(u.parts, part) // whatever becomes of the others
		} else {
			later = append(later, part)
		}
	}
	u.parts = append(u.parts, later...)
	switch n.Kind {
	case callgraph.PlanSend:
		c.send(u, n)
	case callgraph.PlanRepeat:
		c.repeat(u, n)
	}
	return u
}

// isTarget reports whether a node is a request to what fails.
func (c *compiler) isTarget(n *callgraph.PlanNode) bool {
	return n.Kind == callgraph.PlanSend && !n.Passed && n.Operation == c.engine.options.Target
}

func (c *compiler) send(u *unit, n *callgraph.PlanNode) {
	u.passed, u.target = n.Passed, c.isTarget(n)
	if !n.Passed {
		u.operation = c.operation(n.Operation)
	}
	u.system, u.protocol = n.System, n.Request.Protocol
	u.bound, u.mayEnd = int64(n.Request.Bound), n.Request.MayEnd
	if n.System == "" {
		u.own = int64(c.engine.options.Time)
	}
}

// operation is the number of an operation, which it gets if it has none.
func (c *compiler) operation(name string) int {
	i, ok := c.index[name]
	if !ok {
		i = len(c.engine.operations)
		c.index[name] = i
		c.engine.operations = append(c.engine.operations, name)
		c.engine.counts = append(c.engine.counts, nil)
	}
	return i
}

func (c *compiler) repeat(u *unit, n *callgraph.PlanNode) {
	l := n.Layer
	u.layer = l
	u.perTry, u.overall = int64(l.PerTry), int64(l.Overall)
	if c.engine.options.Policy == WithoutRetries {
		u.attempts = 1
	}
	if u.attempts > 1<<20 {
		u.leastWait = int64(time.Millisecond) // so that what nothing bounds takes time
	}
	u.waits = waitsOf(l, int(math.Min(u.attempts, 64)))
}

// waitsOf are the longest pauses between n attempts, of which a layer tells the sum:
// they double where they grow.
func waitsOf(l *callgraph.Layer, n int) []int64 {
	if n < 2 || l.MaxWait <= 0 {
		return []int64{0}
	}
	waits := make([]int64, n-1)
	if l.Growth != callgraph.Growing {
		for i := range waits {
			waits[i] = int64(l.MaxWait) / int64(n-1)
		}
		return waits
	}
	first := float64(l.MaxWait) / (math.Pow(2, float64(n-1)) - 1)
	for i := range waits {
		waits[i] = int64(first * math.Pow(2, float64(i)))
	}
	return waits
}
