package grpcconfig

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/tree"
)

// policy judges what an entry says about repeating calls, by itself.
func (c *checker) policy(m *MethodConfig) {
	if p := m.Retry; p != nil {
		c.capped(p.node, p.MaxAttempts)
		c.growth(p)
		c.permanent(p)
		c.fits(m)
	}
	if p := m.Hedging; p != nil {
		c.capped(p.node, p.MaxAttempts)
		if c.source.Go != nil || c.source.ByGo {
			c.at(hedgingIgnored, c.keyOf(m.node, "hedgingPolicy"), "", "grpc-go has no hedging and leaves hedgingPolicy out: each call is sent once")
		}
	}
}

// capped reports more attempts than clients make.
func (c *checker) capped(policy *tree.Node, attempts int) {
	if attempts > c.opt.MaxAttempts {
		c.at(maxAttempts, c.locate(get(policy, "maxAttempts")), finding.Warning,
			"maxAttempts is %d, and clients make at most %d attempts%s", attempts, c.opt.MaxAttempts, unlessTold(c.source.MaxAttempts))
	}
}

// unlessTold qualifies a limit that the clients may be given another one for.
func unlessTold(known int) string {
	if known > 0 {
		return ""
	}
	return " unless they are told otherwise (gRFC A6)"
}

// growth reports waits that do not grow.
func (c *checker) growth(p *RetryPolicy) {
	if p.InitialBackoff <= 0 || p.MaxBackoff <= 0 || p.Multiplier <= 0 {
		return
	}
	switch {
	case p.MaxBackoff < p.InitialBackoff:
		c.at(backoff, c.locate(get(p.node, "maxBackoff")), finding.Warning,
			"maxBackoff is %s and initialBackoff %s: each wait is %s, and the waits never grow", seconds(p.MaxBackoff), seconds(p.InitialBackoff), seconds(p.MaxBackoff))
	case p.Multiplier < 1:
		c.at(backoff, c.locate(get(p.node, "backoffMultiplier")), finding.Warning,
			"backoffMultiplier is %s: the waits shrink while the server stays away", get(p.node, "backoffMultiplier").Text)
	case p.Multiplier == 1 || p.MaxBackoff == p.InitialBackoff:
		c.at(backoff, c.keyOf(p.node, "backoffMultiplier"), finding.Note, "the waits do not grow: each is %s", seconds(p.InitialBackoff))
	}
}

// permanent reports codes that AIP-194 wants clients not to retry.
func (c *checker) permanent(p *RetryPolicy) {
	var never, seldom []string
	var at, seldomAt *tree.Node
	for _, code := range p.Codes {
		switch {
		case slices.Contains(c.opt.PermanentCodes, code.String()):
			never = append(never, code.String())
			at = firstNode(at, code.node)
		case code.Number != codeUnavailable:
			seldom = append(seldom, code.String())
			seldomAt = firstNode(seldomAt, code.node)
		}
	}
	if len(never) > 0 {
		c.at(retryCode, c.locate(at), finding.Warning, "calls are sent again after %s: %s", list(never), whyNever(never))
	}
	if len(seldom) > 0 {
		c.at(retryCode, c.locate(seldomAt), finding.Note, "calls are sent again after %s, which sending the same again seldom cures (AIP-194)", list(seldom))
	}
}

func firstNode(a, b *tree.Node) *tree.Node {
	if a != nil {
		return a
	}
	return b
}

// whyNever says why none of some codes is to be retried.
func whyNever(codes []string) string {
	if len(codes) > 1 {
		return "none of these is cured by sending the same again (AIP-194)"
	}
	switch codes[0] {
	case "DEADLINE_EXCEEDED":
		return "the deadline of a call is that of all its attempts, so what is left for another is next to nothing (gRFC A6, AIP-194)"
	case "CANCELLED":
		return "who cancelled the call does not want it any more (AIP-194)"
	case "OK":
		return "this is no failure, and clients look at it for failures only"
	}
	return "sending the same again gives the same answer (AIP-194)"
}

// fits reports a policy whose waits alone take longer than the call may.
func (c *checker) fits(m *MethodConfig) {
	p := m.Retry
	if !p.valid || m.Timeout == nil || *m.Timeout <= 0 {
		return
	}
	attempts := min(p.MaxAttempts, c.opt.MaxAttempts)
	var sum time.Duration
	for i := range attempts - 1 {
		if sum = addTime(sum, p.wait(i)); sum >= *m.Timeout {
			c.report(finding.Finding{
				Rule: backoffExceedsTimeout, Location: c.locate(m.timeout),
				Message: fmt.Sprintf("the timeout of %s ends the call while it waits for attempt %d of %d: the waits before it come to %s, and a deadline is that of all attempts",
					seconds(*m.Timeout), i+2, attempts, seconds(sum)),
				Related: []finding.Related{{Location: c.location(startOf(p.node)), Message: "the waits"}},
			})
			return
		}
	}
}

// wait is the nominal wait before attempt i+2, around which clients vary it.
func (p *RetryPolicy) wait(i int) time.Duration {
	return addTime(0, min(float64(p.InitialBackoff)*math.Pow(p.Multiplier, float64(i)), float64(p.MaxBackoff)))
}

// addTime adds to a duration what may be more than one can hold.
func addTime[T time.Duration | float64](d time.Duration, more T) time.Duration {
	if sum := float64(d) + float64(more); sum < math.MaxInt64 {
		return time.Duration(math.Round(sum))
	}
	return math.MaxInt64
}

// throttling reports a config that lets clients repeat whatever share of the calls
// fails.
func (c *checker) throttling() {
	if c.throttle != nil {
		return
	}
	for _, m := range c.Methods {
		if m.Retry.repeats() || m.Hedging.repeats() {
			c.at(noRetryThrottling, c.location(startOf(c.file.Root)), "",
				"calls are repeated, and nothing limits that while most of them fail: there is no retryThrottling")
			return
		}
	}
}

// known are the load balancing policies that a gRPC client may have
// (service_config.proto, message LoadBalancingConfig; grpc-go v1.85.0, package balancer).
var known = []string{
	"pick_first", "pick_first_experimental", "round_robin", "weighted_round_robin", "weighted_round_robin_experimental", "grpclb", "priority_experimental",
	"weighted_target_experimental", "outlier_detection", "outlier_detection_experimental", "rls", "rls_experimental",
	"xds_cluster_manager_experimental", "cds_experimental", "xds_cluster_resolver_experimental", "xds_cluster_impl_experimental",
	"xds_override_host_experimental", "xds_wrr_locality_experimental", "ring_hash_experimental", "least_request_experimental",
	"lrs_experimental", "eds_experimental", "xds", "xds_experimental", "random_subsetting_experimental", "cluster_resolver_experimental", "endpointsharding",
}

// balancing reports policies that no client is known to have.
func (c *checker) balancing() {
	isKnown := func(name string) bool { return oneOf(known, name) || oneOf(c.opt.Policies, name) }
	if c.balancer != nil && !isKnown(strings.ToLower(c.balancer.Text)) {
		c.unknownPolicy(c.balancer, c.locate(c.balancer), c.balancer.Text, "clients take pick_first instead, without a word")
	}
	if c.balancers == nil || c.balancers.Kind != tree.Array {
		return
	}
	var unknown []*tree.Member
	for _, entry := range c.balancers.Items {
		if len(entry.Members) != 1 || isKnown(entry.Members[0].Key) {
			return // what comes first and is known is taken
		}
		unknown = append(unknown, &entry.Members[0])
	}
	if len(unknown) == 0 {
		return
	}
	m := unknown[0]
	c.unknownPolicy(m.Value, c.location(m.Value.File.Location(m.KeyStart, m.KeyEnd)), m.Key, "a client that does not have it refuses the whole config")
}

// unknownPolicy reports a name that may be that of a policy of the user's own.
func (c *checker) unknownPolicy(n *tree.Node, at finding.Location, name, effect string) {
	f := finding.Finding{
		Rule: loadBalancing, Location: at, Strength: finding.Likely,
		Message: fmt.Sprintf("%q is no load balancing policy of gRPC: %s", name, effect),
	}
	if near, ok := nearest(name, known); ok {
		f.Message += fmt.Sprintf("; did you mean %q?", near)
	}
	c.report(f)
}

// deadline reports entries that leave calls without a time limit.
func (c *checker) deadline(m *MethodConfig) {
	if m.timeout != nil || len(m.Names) == 0 || c.onlyStreams(m) {
		return
	}
	if m.WaitForReady {
		c.at(waitForReady, c.keyOf(m.node, "waitForReady"), "",
			"waitForReady without a timeout: while no server can be reached, a call to which the caller gives no deadline waits for ever")
		return
	}
	c.at(noDeadline, c.location(startOf(m.node)), "", "calls of %s have no deadline unless the caller gives one: there is no timeout", list(namesOf(m)))
}

func namesOf(m *MethodConfig) (names []string) {
	for _, n := range m.Names {
		names = append(names, n.String())
	}
	return names
}
