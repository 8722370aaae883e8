package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

// Check asks the questions of the rules of each route.
func (r *Report) Check(routes []Route) {
	for i := range routes {
		route := &routes[i]
		if route.Implicit || route.Answers {
			continue
		}
		r.conditions(route)
		r.nonIdempotent(route, routes[:i])
		r.limits(route)
		r.attempts(route)
		r.perTry(route)
		r.timeout(route)
		r.mirrors(route)
		r.faults(route)
	}
	r.unchosen(routes)
}

// written reports whether somebody asked for the retries.
func (r *Retry) written() bool { return r != nil && r.At.Written() }

// conditions finds those that mean nothing, and policies that therefore do nothing.
func (r *Report) conditions(route *Route) {
	retry := route.Retry
	if !retry.written() {
		return
	}
	known := 0
	for _, c := range retry.On {
		if !c.Unknown {
			known++
			continue
		}
		f := finding.Finding{
			Rule: UnknownRetryOn, Location: c.At.Location,
			Message: fmt.Sprintf("%q is no condition that %s knows", c.Word, route.System.Name),
		}
		if better, ok := nearestWord(route.System, c.Word); ok {
			f.Message += fmt.Sprintf(": did you mean %q?", better)
			f.Fixes = wordFix(c, better)
		}
		r.Add(f)
	}
	switch {
	case retry.Retries.Known && !retry.Retries.Unbounded && retry.Retries.N == 0 && !retry.Retries.At.Written() && len(retry.On) > 0 && retry.OnAt.Written():
		r.Addf(RetryWithoutEffect, retry.OnAt, "", "nothing is sent again: the number of retries is 0%s, so that the conditions have no effect", orDefault(retry.Retries))
	case len(retry.On) > 0 && known == 0:
		r.Addf(RetryWithoutEffect, retry.OnAt, "", "nothing is sent again: none of the conditions is known to %s", route.System.Name)
	}
}

func orDefault(c Count) string {
	if c.At.Written() || c.Origin == "" {
		return ""
	}
	return " (" + c.Origin + ")"
}

// wordFix writes the better word, where the text at the place is known to be the word alone or a list of words.
func wordFix(c Condition, better string) []finding.Fix {
	if c.At.End-c.At.Start != len(c.Word) {
		return nil
	}
	return []finding.Fix{{Message: fmt.Sprintf("write %q", better), Edits: []finding.Edit{c.At.Replace(better)}}}
}

func nearestWord(s System, word string) (string, bool) {
	if !s.Envoy {
		return "", false
	}
	return rules.Nearest(strings.ToLower(word), EnvoyWords())
}

// UnsafeMethods are those of requests that may not be done twice (RFC 9110 §9.2.2). CONNECT opens a tunnel; what went through it is
// not sent again.
var UnsafeMethods = []string{"POST", "PATCH"}

// nonIdempotent finds policies that may do a request twice, if routes before theirs leave them one.
func (r *Report) nonIdempotent(route *Route, before []Route) {
	retry := route.Retry
	if !retry.written() || !retry.active() || route.Keyed {
		return
	}
	methods := takesUnsafe(route.methods(), retry.Methods)
	worst := Worst(retry.On)
	if worst.Danger != Safe {
		methods = slices.DeleteFunc(methods, func(m string) bool { return shadows(before, route, m) })
	}
	if len(methods) == 0 || worst.Danger == Safe {
		return
	}
	strength := worst.Danger.Strength()
	doubt := ""
	if route.System.Open {
		strength, doubt = finding.Possible, "; which requests that holds for is left to the implementation"
	}
	at := worst.At
	if !at.Written() {
		at = retry.At
	}
	asked := ""
	if !worst.At.Written() && retry.OnOrigin != "" {
		asked = " (" + retry.OnOrigin + ")"
	}
	what := strings.Join(methods, " and ") + " requests are"
	if route.GRPC {
		what = "calls are"
	}
	r.Addf(RetryNonIdempotent, at, strength, "%s sent again after %s%s, when the upstream may have done the work: %s%s",
		what, worst.Word, asked, retry.countText(), doubt)
}

// takesUnsafe lists the methods that both lists take and that are not idempotent. An empty list takes all.
func takesUnsafe(lists ...[]string) []string {
	var methods []string
	for _, m := range UnsafeMethods {
		if !slices.ContainsFunc(lists, func(list []string) bool { return len(list) > 0 && !slices.Contains(list, m) }) {
			methods = append(methods, m)
		}
	}
	return methods
}

// limits finds policies whose retries nothing limits, however many requests fail.
func (r *Report) limits(route *Route) {
	retry := route.Retry
	if !retry.written() || !retry.active() || retry.Budget != nil || !retry.Breaker.Known || retry.Breaker.N < r.Options.MaxBreaker {
		return
	}
	if retry.Breaker.At.Written() {
		return // reported where it is written, see Unlimited
	}
	r.Addf(RetryWithoutBudget, retry.At, "", "nothing limits the retries to %s in a failure: there is no retry budget, and the limit of concurrent retries is %d (%s, nobody chose it)",
		retry.Where, retry.Breaker.N, retry.Breaker.Origin)
}

// Unlimited finds circuit breakers that limit no retries.
func (r *Report) Unlimited(breaker Count, budget *Budget) {
	if !breaker.Known || !breaker.At.Written() || breaker.N < r.Options.MaxBreaker || budget != nil {
		return
	}
	r.Addf(UnlimitedRetries, breaker.At, "", "up to %d retries may be under way at a time, and there is no retry budget: while the upstream fails, every request is sent as often as the policy allows", breaker.N)
}

// attempts says how many there are, aloud where there are many.
func (r *Report) attempts(route *Route) {
	retry := route.Retry
	if !retry.written() || !retry.active() || !retry.Retries.At.Written() {
		return
	}
	n, known := retry.attempts()
	if !known {
		return
	}
	strength := finding.Proven
	if n <= r.Options.MaxAttempts || boundByTimeout(route) {
		strength = finding.Possible
	}
	text := fmt.Sprintf("one request becomes up to %s", retry.countText())
	r.Addf(RetryCount, retry.Retries.At, strength, "%s", text)
}

// perTry compares the limit of an attempt with that of all.
func (r *Report) perTry(route *Route) {
	retry := route.Retry
	if !retry.written() || !retry.active() {
		return
	}
	n, known := retry.attempts()
	p, t := retry.PerTry, route.Timeout
	switch {
	case p.None():
		r.withoutPerTry(route)
	case !p.Known || !p.At.Written():
	case t.Known && t.Value > 0 && p.Value >= t.Value:
		r.Addf(PerTryNotBelow, p.At, "", "the limit of %v for one attempt is not below the %v for all of them%s: it has no effect, and an attempt that hangs is never repeated",
			p.Value, t.Value, writtenBy(t))
	case boundByTimeout(route):
		hung := hangAttempts(t.Value, p.Value)
		at := retry.Retries.At
		if !at.Written() {
			at = p.At
		}
		r.Addf(RetryBoundByTimeout, at, "", "%d attempts do not fit: %v for all of them%s and %v for each make %d when the upstream hangs, and %d when it fails at once",
			n, t.Value, writtenBy(t), p.Value, hung, n)
	case r.window(route):
	case known:
		r.Addf(HangBound, p.At, finding.Possible, "an upstream that hangs is waited for at most %d × %v = %v, and the waits between", n, p.Value, time.Duration(n)*p.Value)
	}
}

func writtenBy(t Time) string {
	if t.At.Written() || t.Origin == "" {
		return ""
	}
	return " (" + t.Origin + ", nobody chose it)"
}

// boundByTimeout reports whether the timeout for all attempts ends before the last of them can begin.
func boundByTimeout(route *Route) bool {
	n, known := route.Retry.attempts()
	p, t := route.Retry.PerTry, route.Timeout
	return known && p.Known && p.At.Written() && p.Value > 0 && t.Known && p.Value < t.Value && hangAttempts(t.Value, p.Value) < n
}

// window notes policies that make fewer attempts of what hangs, because none begins after a time. That is what the time is for.
func (r *Report) window(route *Route) bool {
	n, _ := route.Retry.attempts()
	hung, ok := route.windowed()
	if !ok || hung >= n {
		return false
	}
	w, p := route.Window, route.Retry.PerTry
	r.Addf(RetryBoundByTimeout, w.At, finding.Possible, "no attempt begins after %v, and each may take %v%s: an upstream that hangs gets %d of %d attempts and is waited for %v, one that fails at once gets all",
		w.Value, p.Value, writtenBy(p), hung, n, time.Duration(hung)*p.Value)
	return true
}

// windowed is how many attempts of a route begin in its window, if each hangs.
func (r *Route) windowed() (int, bool) {
	n, known := r.Retry.attempts()
	p, w := r.Retry.PerTry, r.Window
	if !known || !w.Known || w.Value <= 0 || !p.Known || p.Value <= 0 {
		return 0, false
	}
	return min(n, hangAttempts(w.Value, p.Value)), true
}

// hangAttempts is how many attempts of a length begin before the end.
func hangAttempts(overall, perTry time.Duration) int {
	return int((overall + perTry - 1) / perTry)
}

// withoutPerTry finds policies that repeat what timed out, without a time for it.
func (r *Report) withoutPerTry(route *Route) {
	retry := route.Retry
	if retry.modes()&(callgraph.Hang|callgraph.Status504) == 0 {
		return // hangs are not meant to be repeated
	}
	strength := finding.Proven
	if route.System.Open {
		strength = finding.Possible
	}
	until := "that of the whole request"
	if route.Timeout.Known {
		until = "that of the whole request, " + route.Timeout.String()
	}
	r.Addf(RetryWithoutPerTry, retry.At, strength, "no attempt has a limit of its own: one that hangs is not repeated, but waited for until the end of the only limit there is, %s", until)
}

// timeout finds limits that somebody took away.
func (r *Report) timeout(route *Route) {
	if !route.Timeout.None() || !route.Timeout.At.Written() {
		return
	}
	strength, why := finding.Proven, "an upstream that hangs keeps the request for ever"
	if route.Streams || route.GRPC || route.streamsByName() { // calls of gRPC may be streams
		strength, why = finding.Possible, "right for exchanges that last, if something else ends those that are dead"
	} else if n, known := route.Retry.attempts(); known && route.Retry.active() && route.Retry.PerTry.Value > 0 {
		why = fmt.Sprintf("only the limits of the attempts, %d × %v, end a request", n, route.Retry.PerTry.Value)
	}
	r.Addf(TimeoutDisabled, route.Timeout.At, strength, "the timeout is switched off: %s", why)
}

// streamsByName reports whether all paths of a route say that its exchanges last.
func (r *Route) streamsByName() bool {
	return len(r.Matches) > 0 && !slices.ContainsFunc(r.Matches, func(m callgraph.RouteMatch) bool { return !NamesStream(m.Path.Text) })
}

// mirrors finds copies that make the load a multiple.
func (r *Report) mirrors(route *Route) {
	sum := 0.0
	for _, m := range route.Mirrors {
		sum += m.Fraction
	}
	if len(route.Mirrors) == 0 {
		return
	}
	strength := finding.Proven
	if sum < r.Options.MaxMirrored {
		strength = finding.Possible
	}
	names := make([]string, len(route.Mirrors))
	for i, m := range route.Mirrors {
		names[i] = fmt.Sprintf("%s (%g %%)", m.Name, 100*m.Fraction)
	}
	r.Addf(MirrorAmplification, route.Mirrors[0].At, strength, "each request is copied to %s: %g requests leave for each that arrives", strings.Join(names, " and "), 1+sum)
}

// faults finds failures that are made up for everyone.
func (r *Report) faults(route *Route) {
	for _, f := range route.Faults {
		if f.Percent == 0 {
			continue
		}
		if route.narrow() {
			r.Addf(FaultInjection, f.At, finding.Possible, "%s of %g %% of the requests that match", f.What, f.Percent)
			continue
		}
		r.Addf(FaultInjection, f.At, "", "%s of %g %% of all requests: no condition limits it to tests", f.What, f.Percent)
	}
}
