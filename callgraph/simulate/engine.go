package simulate

import (
	"math/rand/v2"
	"time"

	"github.com/commslint/commslint/callgraph"
)

// An engine runs a plan. Time is in nanoseconds since the start.
type engine struct {
	options    Options
	root       *unit
	now        int64
	queue      queue
	sequence   uint64
	events     int
	stopped    bool
	operations []string
	counts     [][]int // by operation and second
	entry      []int
	client     int // whose request is being started
	layers     map[layerKey]*limits
	arrivals   *rand.Rand
	pick       *rand.Rand // the client of a request
	waits      *rand.Rand
	chance     *rand.Rand // of failing
}

func newEngine(plan *callgraph.Plan, o Options) (*engine, error) {
	if err := o.validate(plan); err != nil {
		return nil, err
	}
	// Each has a stream of its own, so that what a policy changes in one leaves the
	// others as they are.
	e := &engine{
		options: o, layers: make(map[layerKey]*limits),
		arrivals: newRand(o.Seed, 1), pick: newRand(o.Seed, 2), waits: newRand(o.Seed, 3), chance: newRand(o.Seed, 4),
	}
	var err error
	e.root, err = e.compile(plan)
	return e, err
}

// An event is something that happens at a time; of those at the same time the one
// that was planned first comes first.
type event struct {
	at       int64
	sequence uint64
	do       func()
}

func (e *event) before(o *event) bool {
	return e.at < o.at || e.at == o.at && e.sequence < o.sequence
}

// A queue is a heap of events, the next one first. It is written out as
// container/heap would allocate each event once more.
type queue []event

func (q *queue) push(e event) {
	*q = append(*q, e)
	h := *q
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = e
}

func (q *queue) pop() event {
	h := *q
	first, last := h[0], h[len(h)-1]
	h[len(h)-1] = event{}
	h = h[:len(h)-1]
	*q = h
	i := 0
	for {
		least := -1
		for c := 4*i + 1; c <= 4*i+4 && c < len(h); c++ {
			if least < 0 || h[c].before(&h[least]) {
				least = c
			}
		}
		if least < 0 || !h[least].before(&last) {
			break
		}
		h[i] = h[least]
		i = least
	}
	if len(h) > 0 {
		h[i] = last
	}
	return first
}

// after plans something for later.
func (e *engine) after(wait int64, do func()) {
	e.sequence++
	e.queue.push(event{e.now + wait, e.sequence, do})
}

// work lets everything happen until a time.
func (e *engine) work(until int64) {
	for len(e.queue) > 0 {
		next := e.queue.pop()
		if next.at >= until {
			return
		}
		if e.events++; e.events > maxEvents {
			e.stopped = true
			return
		}
		e.now = next.at
		next.do()
	}
}

// add counts one more in this second.
func (e *engine) add(series []int) []int {
	second := int(e.now / int64(time.Second))
	for len(series) <= second {
		series = append(series, 0)
	}
	series[second]++
	return series
}

// A scope is what stops together if somebody above gives it up. A nil scope never
// stops.
type scope struct {
	dead     bool
	children []*scope
	ended    []func()
}

// below is a part of a scope that can be stopped on its own.
func (s *scope) below() *scope {
	child := &scope{}
	if s != nil {
		child.dead = s.dead
		s.children = append(s.children, child)
	}
	return child
}

func (s *scope) stop() {
	if s.dead {
		return
	}
	s.dead = true
	for _, f := range s.ended {
		f()
	}
	for _, c := range s.children {
		c.stop()
	}
	s.children, s.ended = nil, nil
}

func (s *scope) isDead() bool { return s != nil && s.dead }

// whenStopped has something done if the scope is stopped.
func (s *scope) whenStopped(f func()) {
	if s != nil {
		s.ended = append(s.ended, f)
	}
}

// run runs a unit, and calls then with the failures that it passes up: none if it
// succeeds.
func (e *engine) run(u *unit, s *scope, then func(callgraph.ModeSet)) {
	switch u.kind {
	case callgraph.PlanAll:
		e.all(u, 0, 0, s, then)
	case callgraph.PlanTimes:
		e.times(u, 0, 0, s, then)
	case callgraph.PlanSend:
		e.send(u, s, then)
	case callgraph.PlanRepeat:
		e.repeat(u, s, then)
	case callgraph.PlanOptional:
		e.run(u.parts[0], s, func(callgraph.ModeSet) { then(0) })
	case callgraph.PlanMirror:
		if e.chance.Float64() < u.share {
			e.run(u.parts[0], nil, ignore)
		}
		then(0)
	default:
		then(0)
	}
}

func (e *engine) all(u *unit, i int, failed callgraph.ModeSet, s *scope, then func(callgraph.ModeSet)) {
	if i == len(u.parts) {
		then(failed)
		return
	}
	e.run(u.parts[i], s, func(m callgraph.ModeSet) { e.all(u, i+1, failed|m, s, then) })
}

func (e *engine) times(u *unit, i int, failed callgraph.ModeSet, s *scope, then func(callgraph.ModeSet)) {
	if float64(i) >= u.attempts {
		then(failed)
		return
	}
	e.run(u.parts[0], s, func(m callgraph.ModeSet) { e.times(u, i+1, failed|m, s, then) })
}

// refusal is how long it takes to be refused a connection.
const refusal = int64(time.Millisecond)

// longHang is when a client gives up of which it is only known that it does. Envoy's
// default timeout of routes is 15 s.
const longHang = int64(15 * time.Second)

// send lets a request arrive, and be answered.
func (e *engine) send(u *unit, s *scope, then func(callgraph.ModeSet)) {
	if !u.passed {
		e.counts[u.operation] = e.add(e.counts[u.operation])
	}
	if u.target && e.fails() {
		e.fail(u, s, then)
		return
	}
	if len(u.parts) == 0 {
		e.answer(u, s, int64(e.options.Time), 0, then)
		return
	}
	client := e.client
	finished := false
	inner := s
	if u.bound > 0 {
		inner = s.below()
		e.after(u.bound, func() {
			if finished || s.isDead() {
				return
			}
			finished = true
			e.client = client
			e.giveUp(inner)
			then(callgraph.TimedOut)
		})
	}
	e.run(u.parts[0], inner, func(m callgraph.ModeSet) {
		if finished {
			return
		}
		e.client = client
		e.answer(u, s, u.own, m, func(m callgraph.ModeSet) {
			if !finished {
				finished = true
				then(m)
			}
		})
	})
}

// answer has a served request answered after a time.
func (e *engine) answer(u *unit, s *scope, wait int64, m callgraph.ModeSet, then func(callgraph.ModeSet)) {
	if m != 0 {
		m = callgraph.AnswersOf(u.system, u.protocol, m)
	}
	if u.bound > 0 && wait > u.bound && len(u.parts) == 0 {
		wait, m = u.bound, callgraph.TimedOut
	}
	client := e.client
	e.after(wait, func() {
		if !s.isDead() {
			e.client = client
			then(m)
		}
	})
}

// fails reports whether the target fails now.
func (e *engine) fails() bool {
	o := &e.options
	return e.now >= int64(o.Down[0]) && e.now < int64(o.Down[1]) && (o.Share == 1 || e.chance.Float64() < o.Share)
}

// fail is the target's failure as its client sees it.
func (e *engine) fail(u *unit, s *scope, then func(callgraph.ModeSet)) {
	wait, m := int64(e.options.Time), e.options.Mode
	switch {
	case m == callgraph.Refused:
		wait = min(wait, refusal)
	case m == callgraph.Hang && u.bound > 0:
		wait, m = u.bound, callgraph.TimedOut
	case m == callgraph.Hang && u.mayEnd:
		wait, m = longHang, callgraph.TimedOut
	case m == callgraph.Hang:
		return // for ever, unless somebody above ends it
	}
	if u.bound > 0 && wait > u.bound {
		wait, m = u.bound, callgraph.TimedOut
	}
	client := e.client
	e.after(wait, func() {
		if !s.isDead() {
			e.client = client
			then(m)
		}
	})
}

// giveUp stops what is below, if that is how things are.
func (e *engine) giveUp(s *scope) {
	if e.options.Cancels && s != nil {
		s.stop()
	}
}
