package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/envoycfg/effective"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

// retry runs the rules about the retry policy of a route.
func (c *checker) retry(r *effective.Route) {
	p := r.Retry
	if p == nil {
		return
	}
	c.words(p)
	if p.PerTryIgnored {
		c.ignoredPerTry(r)
	}
	if !p.Active() {
		return
	}
	c.attempts(p)
	c.repeatsUnsafe(r)
	c.hangs(r)
	c.outOfTime(r)
	c.unlimited(r)
}

// words finds conditions that Envoy does not know.
func (c *checker) words(p *effective.Retry) {
	for _, condition := range p.Conditions {
		at := condition.At
		if !condition.Unknown || p.RetryOn.Node == nil || at.Start < int(p.RetryOn.Node.Start) || at.Start >= int(p.RetryOn.Node.End) {
			continue // a status, which is not one of retry_on
		}
		f := finding.Finding{
			Rule: unknownRetryOn, Location: at.Location,
			Message: fmt.Sprintf("Envoy does not know the condition %q and drops it without a word", condition.Word),
		}
		if p.Modes() == 0 {
			f.Message += ": nothing is sent again"
		}
		if near, ok := rules.Nearest(condition.Word, policy.EnvoyWords()); ok {
			f.Message += fmt.Sprintf("; did you mean %s?", near)
			if at.End-at.Start == len(condition.Word) {
				f.Fixes = []finding.Fix{{Message: "write " + near, Edits: []finding.Edit{at.Replace(near)}}}
			}
		} else if _, err := strconv.Atoi(condition.Word); err == nil {
			f.Message += "; a status is listed in retriable_status_codes, with the word retriable-status-codes here"
		}
		c.report(f)
	}
}

// ignoredPerTry reports a per-try timeout that Envoy drops.
func (c *checker) ignoredPerTry(r *effective.Route) {
	p := r.Retry
	f := finding.Finding{
		Rule: perTryNotBelow, Location: p.PerTry.At,
		Message: fmt.Sprintf("Envoy drops this timeout of %v, which is not below that of the route, %s: an attempt that hangs takes all the time and is never repeated", p.PerTry.Value, r.Timeout),
	}
	if r.Timeout.Chosen {
		f.Related = []finding.Related{{Location: r.Timeout.At, Message: "the timeout of the route"}}
	}
	if p.Retries.Known {
		each := r.Timeout.Value / time.Duration(1+p.Retries.Value)
		each = each.Truncate(time.Millisecond)
		if each > 0 {
			text := strconv.FormatFloat(each.Seconds(), 'f', -1, 64) + "s"
			f.Fixes = []finding.Fix{{Message: "give each attempt its share of the timeout, " + text, Edits: replacement(p.Get("per_try_timeout"), text)}}
		}
	}
	c.report(f)
}

// hangs finds policies that never repeat what hangs, though their conditions ask for it.
func (c *checker) hangs(r *effective.Route) {
	p := r.Retry
	if p.PerTry.Chosen || p.PerTryIdle.Chosen || p.Modes()&callgraph.Hang == 0 || mayGain(p.Message) {
		return
	}
	message := fmt.Sprintf("no attempt has a timeout of its own: one that hangs takes all of the route's %s, and is not repeated", r.Timeout)
	switch {
	case !r.Timeout.Known:
		message = "no attempt has a timeout of its own: one that hangs takes all the time of the route, and is not repeated"
	case r.Timeout.Value == 0:
		message = "no attempt has a timeout of its own, and neither has the route: one that hangs is not repeated"
	}
	c.reportf(retryWithoutPerTry, p.At(), "%s", message)
}

// attempts says how many there are, aloud where there are many.
func (c *checker) attempts(p *effective.Retry) {
	if !p.Retries.Known || !p.Retries.Chosen {
		return
	}
	f := finding.Finding{
		Rule: retryCount, Location: p.Retries.At,
		Message: fmt.Sprintf("one request becomes up to %d: the first and %d more", 1+p.Retries.Value, p.Retries.Value),
	}
	if 1+p.Retries.Value <= c.opt.MaxAttempts {
		f.Strength = finding.Possible
	}
	c.report(f)
}

// outOfTime finds attempts that the timeout of the route leaves no room for.
func (c *checker) outOfTime(r *effective.Route) {
	p, limit := r.Retry, r.Timeout
	per, known := p.EffectivePerTry()
	if !known || per == 0 || !limit.Known || limit.Value == 0 || !p.Retries.Known || p.Modes()&callgraph.Hang == 0 {
		return
	}
	fit := uint64((limit.Value + per - 1) / per) // one begins as soon as the one before has ended
	if attempts := 1 + p.Retries.Value; fit < attempts {
		c.report(finding.Finding{
			Rule: retryBound, Location: p.Get("per_try_timeout").At(),
			Message: fmt.Sprintf("%d attempts of %v do not fit into the %s of the route: an upstream that hangs gets %d, and one that fails at once %d", attempts, per, limit, fit, attempts),
			Related: []finding.Related{{Location: limit.At, Message: "the timeout of the route"}},
		})
	}
}

// unlimited finds retries that neither a budget nor a breaker limits. What is defined elsewhere is not known.
func (c *checker) unlimited(r *effective.Route) {
	for _, t := range r.Targets {
		b := t.Cluster.Breaker(r.Priority)
		if b == nil || b.Budget != nil || !b.MaxRetries.Known || b.MaxRetries.Value < c.opt.MaxBreaker || mayGain(b.Message) {
			continue
		}
		c.report(finding.Finding{
			Rule: retryWithoutBudget, Location: b.MaxRetries.At,
			Message: fmt.Sprintf("up to %d retries may be under way at a time, and there is no retry_budget: while cluster %q fails, it gets each request %s", b.MaxRetries.Value, t.Name, times(r.Retry)),
			Related: []finding.Related{{Location: r.Retry.At(), Message: "the retries, " + whose(r.Retry)}},
		})
	}
}

// times is "up to 3 times".
func times(p *effective.Retry) string {
	if !p.Retries.Known {
		return "as often as the policy says"
	}
	return fmt.Sprintf("up to %d times", 1+p.Retries.Value)
}

// whose is "of the virtual host".
func whose(p *effective.Retry) string { return "of " + p.From }

// grpcModes are the failures of gRPC calls.
const grpcModes = callgraph.GRPCDeadlineExceeded | callgraph.GRPCInternal | callgraph.GRPCResourceExhausted | callgraph.GRPCUnavailable

// repeatsUnsafe finds retries of requests that the upstream may have done.
func (c *checker) repeatsUnsafe(r *effective.Route) {
	if r.Match.Connect {
		return
	}
	methods, none := r.Methods()
	if none {
		return
	}
	f, ok := c.unsafeRepetition(r.Retry, methods, r.Match.GRPC)
	if !ok || slices.ContainsFunc(r.Get("match.headers").Messages(), c.isKey) {
		return
	}
	if r.Match.GRPC && readsByName(r.Match) {
		f.Strength = finding.Possible
	}
	if r.Retry.From != "the route" {
		f.Related = append(f.Related, finding.Related{Location: r.Action.At(), Message: "a route that the policy " + whose(r.Retry) + " is in force for"})
	}
	c.report(f)
}

// unsafeRepetition is the finding of a policy that repeats what must not be done twice, of requests with the
// methods, all if there are none; false if it repeats no such request.
func (c *checker) unsafeRepetition(p *effective.Retry, routed []string, grpc bool) (finding.Finding, bool) {
	worst := policy.Worst(p.Conditions)
	methods, by := unsafeRequests(p, routed)
	if worst.Danger == policy.Safe || len(methods) == 0 {
		return finding.Finding{}, false
	}
	what := strings.Join(methods, " and ") + " are"
	if len(methods) == 1 {
		what = methods[0] + " is"
	}
	if grpc || worst.Modes != 0 && worst.Modes&^grpcModes == 0 {
		what = "gRPC calls, which are POST, are"
	}
	f := finding.Finding{
		Rule: retryNonIdempotent, Location: worst.At.Location, Strength: worst.Danger.Strength(),
		Message: fmt.Sprintf("%s sent again on %s, when the upstream may have done the work: %s in all", what, worst.Word, times(p)),
	}
	switch {
	case by != nil:
		f.Related = append(f.Related, finding.Related{Location: by.At(), Message: "the matchers are alternatives, and this one takes " + methods[0]})
	case !p.Restricted && len(routed) == 0 && !grpc:
		f.Message += "; nothing restricts the methods"
	}
	return f, true
}

// patch runs the rules about policies in a patch of an EnvoyFilter. The routes that it is merged into are not
// known, and neither are their methods.
func (c *checker) patch(m *xds.Message) {
	if !m.Is("envoy.config.route.v3.RetryPolicy") {
		return
	}
	p := effective.NewRetry(m, "the patch")
	c.words(p)
	if f, ok := c.unsafeRepetition(p, nil, false); ok && p.Active() {
		if f.Strength == finding.Proven {
			f.Strength = finding.Likely
		}
		c.report(f)
	}
}

// unsafeRequests lists the methods of requests that are sent again and must not be, of those that are
// routed, and the matcher of the policy that lets one through. Where only requests with some header are
// sent again, clients say which may be, and nothing is known to be wrong.
func unsafeRequests(p *effective.Retry, routed []string) (methods []string, by *xds.Message) {
	matchers := p.Get("retriable_request_headers").Messages()
	for _, method := range policy.UnsafeMethods {
		if len(routed) > 0 && !slices.Contains(routed, method) {
			continue
		}
		if len(matchers) == 0 {
			methods = append(methods, method)
			continue
		}
		i := slices.IndexFunc(matchers, func(m *xds.Message) bool {
			return m.Get("name").String() == ":method" && slices.Contains(effective.MethodsOf(m), method)
		})
		if i >= 0 {
			methods = append(methods, method)
			by = matchers[i]
		}
	}
	return methods, by
}

// isKey reports whether a matcher asks for an idempotency key.
func (c *checker) isKey(m *xds.Message) bool {
	name := m.Get("name").String()
	return !m.Get("invert_match").IsTrue() && slices.ContainsFunc(c.opt.IdempotencyHeaders, func(h string) bool { return strings.EqualFold(h, name) })
}

// readsByName reports whether a path is that of one gRPC method whose name begins as those that read do.
func readsByName(m effective.Match) bool {
	if m.Path.Kind != callgraph.ExactPath {
		return false
	}
	method := m.Path.Text[strings.LastIndexByte(m.Path.Text, '/')+1:]
	return slices.ContainsFunc([]string{"Get", "List", "Search", "Find", "Count", "Check", "Watch"}, func(verb string) bool { return strings.HasPrefix(method, verb) })
}

// hedging finds requests that are sent again while the first attempt runs on.
func (c *checker) hedging(r *effective.Route) {
	if r.Hedge == nil || !r.Hedge.OnPerTryTimeout || !r.Retry.Active() {
		return
	}
	when := "after a time that is filled in later"
	at := r.Retry.PerTry.At
	if per, known := r.Retry.EffectivePerTry(); known {
		limit := r.Retry.TryLimit() // that of a silent attempt fires as well (onPerTryIdleTimeout)
		if limit == 0 {
			return // nothing fires it
		}
		if when = "after " + limit.String(); limit != per {
			at = r.Retry.PerTryIdle.At
		}
	}
	routed, none := r.Methods()
	methods, _ := unsafeRequests(r.Retry, routed)
	if none || len(methods) == 0 || slices.ContainsFunc(r.Get("match.headers").Messages(), c.isKey) {
		return
	}
	f := finding.Finding{
		Rule: hedgingUnsafe, Location: r.Hedge.Get("hedge_on_per_try_timeout").At(),
		Message: fmt.Sprintf("%s is sent again %s while the first attempt runs on, so that both may do the work", methods[0], when),
		Related: []finding.Related{{Location: at, Message: "when it is sent again"}},
	}
	if r.Match.GRPC && readsByName(r.Match) {
		f.Strength = finding.Possible
	}
	c.report(f)
}
