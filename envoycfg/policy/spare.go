package policy

import (
	"slices"

	"github.com/commslint/commslint/callgraph"
)

// notAgain are the methods that nginx, and what is built on it, does not send again once they were sent.
var notAgain = []string{"POST", "LOCK", "PATCH"}

// again are the methods that it does send again.
var again = []string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"}

// Spare makes two routes of one whose policy repeats POST, LOCK and PATCH only while nothing was sent: one for the methods that it
// always repeats, which comes first, and one for what is left. Rules are asked of the first.
func (r Route) Spare() []Route {
	spared := r.OnlyBeforeSending()
	if r.GRPC { // which is POST
		return []Route{spared}
	}
	spared.Mirrors, spared.Implicit, spared.Variant = nil, true, "spared"
	spared.Name += " for methods that are not idempotent"
	rest := r
	rest.Matches, spared.Matches = nil, nil
	for _, m := range r.Matches {
		m.Order *= 2
		first := m
		if first.Methods = restrict(m.Methods); len(first.Methods) > 0 {
			rest.Matches = append(rest.Matches, first)
		}
		if len(first.Methods) < len(m.Methods) || len(m.Methods) == 0 {
			m.Order++
			spared.Matches = append(spared.Matches, m)
		}
	}
	var all []Route
	if len(rest.Matches) > 0 {
		all = append(all, rest)
	}
	if len(spared.Matches) > 0 {
		all = append(all, spared)
	}
	return all
}

// restrict lists those of some methods that are always sent again; of none, which are all, those that there are.
func restrict(methods []string) []string {
	if len(methods) == 0 {
		return again
	}
	return slices.DeleteFunc(slices.Clone(methods), func(m string) bool { return slices.Contains(notAgain, m) })
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
