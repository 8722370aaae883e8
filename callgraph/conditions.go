package callgraph

import (
	"math"
	"slices"
	"time"
)

// Conditions are what figures depend on besides the graph. The zero Conditions stand
// for the defaults.
type Conditions struct {
	// Rate is how many requests a second each layer gets that are no retries; 0
	// stands for DefaultRate. Budgets and breakers that allow some retries whatever
	// the traffic bound steady figures the less the lower it is.
	Rate float64
	// Hold is how long one attempt and the wait before it take; 0 stands for
	// DefaultHold.
	Hold time.Duration
	// Cancels says that a request is given up everywhere below as soon as a layer
	// above gives it up. It is not assumed, as one service that does not hand on the
	// context is enough for it to fail.
	Cancels bool
}

// The defaults of Conditions: a busy service that answers fast, where a budget or a
// breaker holds. At 1000 requests a second of 100 ms, 100 are active.
const (
	DefaultRate = 1000.0
	DefaultHold = 100 * time.Millisecond
)

// active is how many requests are under way at once (Little's law).
func (c Conditions) active() float64 {
	rate, hold := c.Rate, c.Hold
	if rate <= 0 {
		rate = DefaultRate
	}
	if hold <= 0 {
		hold = DefaultHold
	}
	return rate * hold.Seconds()
}

func (c Conditions) rate() float64 {
	if c.Rate <= 0 {
		return DefaultRate
	}
	return c.Rate
}

// steadyLimit is what budgets and breakers leave of a layer's factor while every
// request of a fleet fails.
func (l *Layer) steadyLimit(c Conditions) Count {
	limit := math.Inf(1)
	if l.Throttled == Yes {
		limit = 1
	}
	if l.BudgetShare > 0 && l.BudgetShare < 1 {
		// The active requests that the share is taken of count the retries. Some
		// are always allowed.
		share := max(1/(1-l.BudgetShare), 1+float64(l.BudgetMin)/c.active())
		limit = min(limit, share)
	}
	if l.BudgetRatio > 0 {
		limit = min(limit, 1+l.BudgetRatio+l.BudgetRate/c.rate())
	}
	if l.Breaker > 0 && l.BudgetShare == 0 {
		// A budget takes the place of Envoy's max_retries.
		limit = min(limit, 1+float64(l.Breaker)/c.active())
	}
	return Count(limit)
}

// forMethod is the layer as it treats requests of an HTTP method, "" for one that is
// not known: those that it does not repeat pass once, within its limits of time.
func (l *Layer) forMethod(method string) *Layer {
	if len(l.Methods) == 0 || method == "" || slices.Contains(l.Methods, method) {
		return l
	}
	once := *l
	once.Attempts, once.MaxWait = Amount{N: 1}, 0
	return &once
}
