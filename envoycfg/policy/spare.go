package policy

import (
	"slices"

	"github.com/commslint/commslint/callgraph"
)

// NotAgain are the methods that nginx, and what is built on it, does not send again once they were sent.
var NotAgain = []string{"POST", "LOCK", "PATCH"}

// Spare makes two routes of one whose policy repeats some methods only while nothing was sent: one for these methods, and one for the
// rest. Rules are asked of the second.
func (r Route) Spare(methods []string) []Route {
	spared := r.OnlyBeforeSending()
	if r.GRPC { // which is POST
		return []Route{spared}
	}
	spared.Mirrors, spared.Implicit = nil, true
	spared.Name += " for methods that are not idempotent"
	rest := r
	spared.Matches, rest.Matches = slices.Clone(r.Matches), slices.Clone(r.Matches)
	for i := range r.Matches {
		order := 2 * r.Matches[i].Order
		spared.Matches[i].Methods, spared.Matches[i].Order = methods, order
		rest.Matches[i].Order = order + 1
	}
	return []Route{spared, rest}
}

// OnlyBeforeSending is the route with a policy that repeats nothing that was sent. Then a single attempt may take the
// time that each had.
func (r Route) OnlyBeforeSending() Route {
	careful := *r.Retry
	careful.On = nil
	for _, c := range r.Retry.On {
		if c.Modes&callgraph.Refused != 0 {
			c.Modes, c.Danger = callgraph.Refused, Safe
			careful.On = append(careful.On, c)
		}
	}
	if careful.PerTry.Known {
		r.Timeout, careful.PerTry = careful.PerTry, Time{}
	}
	r.Retry = &careful
	return r
}

// Repeats reports whether a policy sends requests again after one of the failures.
func (r *Retry) Repeats(modes callgraph.ModeSet) bool { return r.modes()&modes != 0 }
