package policy

import (
	"fmt"

	"github.com/commslint/commslint/finding"
)

// unchosen reports what nobody chose, once for each document.
func (r *Report) unchosen(routes []Route) {
	var owners []*Owner
	of := map[*Owner][]*Route{}
	for i := range routes {
		route := &routes[i]
		if route.Implicit || route.Answers || route.Owner == nil {
			continue
		}
		if of[route.Owner] == nil {
			owners = append(owners, route.Owner)
		}
		of[route.Owner] = append(of[route.Owner], route)
	}
	for _, o := range owners {
		r.noTimeout(o, of[o])
		r.defaultRetries(o, of[o])
	}
}

// noTimeout finds routes without a timeout. That is context, as most routes have none; it is
// dangerous where the configuration itself holds requests up.
func (r *Report) noTimeout(o *Owner, routes []*Route) {
	var without []*Route
	delayed := false
	for _, route := range routes {
		for _, f := range route.Faults {
			delayed = delayed || f.Delay > 0 && f.Percent > 0
		}
		if route.Timeout.Known && !route.Timeout.At.Written() && !route.Streams {
			without = append(without, route)
		}
	}
	if len(without) == 0 {
		return
	}
	f := finding.Finding{Rule: NoTimeout, Location: without[0].At.Location, Strength: finding.Possible}
	f.Message = fmt.Sprintf("%s sets no timeout for %s: the effective value is %s", o.Name, countRoutes(len(without), len(routes)), without[0].Timeout)
	if delayed && without[0].Timeout.None() {
		f.Strength = finding.Proven
		f.Message += ", while requests are held up on purpose"
	}
	for _, route := range without[1:] {
		f.Related = append(f.Related, finding.Related{Location: route.At.Location, Message: "nor for this one"})
	}
	r.Add(f)
}

func countRoutes(n, of int) string {
	switch {
	case of == 1:
		return "its route"
	case n == of:
		return fmt.Sprintf("any of its %d routes", of)
	}
	return fmt.Sprintf("%d of its %d routes", n, of)
}

// defaultRetries shows retries that nobody asked for, and conditions that nobody chose.
func (r *Report) defaultRetries(o *Owner, routes []*Route) {
	for _, route := range routes {
		retry := route.Retry
		switch {
		case retry == nil:
		case !retry.written() && retry.active():
			r.Addf(DefaultRetries, route.At, finding.Possible, "%s says nothing of retries, and requests are sent again after %s: %s, nobody chose it",
				o.Name, words(retry.On), retry.countText())
			return
		case retry.active() && !retry.OnAt.Written() && retry.OnOrigin != "":
			what := words(retry.On)
			if what == "" {
				what = "what the implementation decides"
			}
			r.Addf(DefaultRetries, retry.At, finding.Possible, "the policy names no failures: requests are sent again after %s (%s, nobody chose it)", what, retry.OnOrigin)
		}
	}
}

func words(on []Condition) string {
	text := ""
	for i, c := range on {
		if i > 0 {
			text += ","
		}
		text += c.Word
	}
	return text
}
