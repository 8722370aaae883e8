package simulate

import (
	"math"

	"github.com/commslint/commslint/callgraph"
)

// A layerKey tells layers apart: by where they are configured, or else by the layer.
type layerKey struct {
	at     callgraph.Posn
	name   string
	kind   callgraph.LayerKind
	layer  *callgraph.Layer
	client int
}

// limits are the budgets of a layer in one process: what all requests that pass it
// share.
type limits struct {
	active  int // attempts under way
	retries int // retries that wait or are under way

	tokens  float64 // gRPC: lost by failures, won by successes
	balance float64 // ratio budget: won by requests, paid for retries
	reserve float64 // what a ratio budget grants besides, by time
	filled  int64   // when reserve was brought up to date
}

// gRPC's retryThrottling by the numbers of gRFC A6's example, as a layer does not
// tell its own.
const (
	maxTokens  = 10.0
	tokenRatio = 0.1
)

// ratioWindow is for how many seconds a ratio budget keeps what it was paid
// (Finagle's and tower's default TTL is 10 s).
const ratioWindow = 10.0

func (e *engine) limits(l *callgraph.Layer) *limits {
	key := layerKey{at: l.At, name: l.Name, kind: l.Kind, client: e.client}
	if l.At == (callgraph.Posn{}) {
		key.layer = l
	}
	s := e.layers[key]
	if s == nil {
		s = &limits{tokens: maxTokens}
		e.layers[key] = s
	}
	return s
}

// A repetition is one run of a layer.
type repetition struct {
	engine   *engine
	unit     *unit
	limits   *limits
	client   int
	scope    *scope // of all attempts
	outer    *scope
	then     func(callgraph.ModeSet)
	attempt  int
	running  bool // an attempt is counted as active
	slot     bool // a retry is counted
	finished bool
}

func (e *engine) repeat(u *unit, s *scope, then func(callgraph.ModeSet)) {
	r := &repetition{engine: e, unit: u, limits: e.limits(u.layer), client: e.client, scope: s, outer: s, then: then}
	if u.overall > 0 {
		r.scope = s.below()
		e.after(u.overall, func() {
			if !r.finished && !s.isDead() {
				e.client = r.client
				r.release()
				e.giveUp(r.scope)
				r.finish(callgraph.TimedOut)
			}
		})
	}
	r.scope.whenStopped(func() { r.finished = true; r.release() })
	r.limits.deposit(u.layer)
	r.try()
}

// try makes the next attempt.
func (r *repetition) try() {
	e, u := r.engine, r.unit
	r.attempt++
	attempt := r.attempt
	r.running = true
	r.limits.active++
	inner := r.scope
	over := false
	if u.perTry > 0 {
		inner = r.scope.below()
		e.after(u.perTry, func() {
			if over || r.finished || r.scope.isDead() || r.attempt != attempt {
				return
			}
			over = true
			e.client = r.client
			e.giveUp(inner)
			r.ended(callgraph.TimedOut)
		})
	}
	e.run(u.parts[0], inner, func(m callgraph.ModeSet) {
		if !over && !r.finished && r.attempt == attempt {
			over = true
			r.ended(m)
		}
	})
}

// ended decides what comes after an attempt.
func (r *repetition) ended(m callgraph.ModeSet) {
	e, u := r.engine, r.unit
	if r.slot {
		r.slot = false
		r.limits.retries--
	}
	r.stopRunning()
	repeats := m != 0 && u.layer.RepeatsAfter(m)
	r.limits.note(u.layer, m == 0, repeats)
	again := repeats && float64(r.attempt) < u.attempts && e.allowed(u, r.limits)
	if !again {
		r.release()
		r.finish(m)
		return
	}
	r.slot = true
	r.limits.retries++
	e.after(e.wait(u, r.attempt), func() {
		if !r.finished && !r.scope.isDead() {
			e.client = r.client
			r.try()
		}
	})
}

// allowed reports whether budgets let a retry pass, and takes what it costs. A retry
// that has just ended counts no more: Envoy lets go of it before it asks for the next
// (RetryStateImpl::shouldRetry).
func (e *engine) allowed(u *unit, s *limits) bool {
	l := u.layer
	if e.options.Policy == WithoutBudgets {
		return true
	}
	if l.Throttled == callgraph.Yes && s.tokens <= maxTokens/2 {
		return false
	}
	switch {
	case l.BudgetShare > 0:
		if float64(s.retries) >= math.Max(l.BudgetShare*float64(s.active), float64(l.BudgetMin)) {
			return false
		}
	case l.Breaker > 0:
		if s.retries >= l.Breaker {
			return false
		}
	}
	if l.BudgetRatio > 0 {
		return s.withdraw(l, e.now)
	}
	return true
}

// deposit pays a request into a ratio budget.
func (s *limits) deposit(l *callgraph.Layer) {
	if l.BudgetRatio > 0 {
		s.balance += l.BudgetRatio
	}
}

// withdraw pays for a retry: from what requests paid in, or from the reserve.
func (s *limits) withdraw(l *callgraph.Layer, now int64) bool {
	s.reserve = math.Min(s.reserve+l.BudgetRate*float64(now-s.filled)/1e9, math.Max(l.BudgetRate, 1))
	s.filled = now
	switch {
	case s.balance >= 1:
		s.balance = math.Min(s.balance, maxBalance) - 1
	case s.reserve >= 1:
		s.reserve--
	default:
		return false
	}
	return true
}

// maxBalance bounds what a ratio budget saves up while all goes well.
const maxBalance = 1000

// note counts an answer for a throttle.
func (s *limits) note(l *callgraph.Layer, success, repeats bool) {
	if l.Throttled != callgraph.Yes {
		return
	}
	switch {
	case success:
		s.tokens = math.Min(s.tokens+tokenRatio, maxTokens)
	case repeats:
		s.tokens = math.Max(s.tokens-1, 0)
	}
}

// wait is the pause before a retry.
func (e *engine) wait(u *unit, attempt int) int64 {
	w := u.waits[min(attempt, len(u.waits))-1]
	if u.layer.Jitter == callgraph.Yes && w > 0 {
		w = e.waits.Int64N(w + 1) // full jitter
	}
	return max(w, u.leastWait)
}

func (r *repetition) stopRunning() {
	if r.running {
		r.running = false
		r.limits.active--
	}
}

// release gives back what the run holds of the limits.
func (r *repetition) release() {
	r.stopRunning()
	if r.slot {
		r.slot = false
		r.limits.retries--
	}
}

func (r *repetition) finish(m callgraph.ModeSet) {
	if r.finished {
		return
	}
	r.finished = true
	if r.outer.isDead() {
		return
	}
	if m != 0 {
		m = r.unit.layer.PassesUp(m)
	}
	r.then(m)
}
