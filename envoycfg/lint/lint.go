// Package lint finds what makes a configuration of Envoy dangerous: requests that may hang, retries that may
// repeat what was done or multiply what fails, faults and copies that clients may order, secrets and
// clear text. A rule speaks of effective values, and says whose choice they are.
//
//	result := lint.Check([]lint.File{{Name: "front/envoy.yaml", Text: text}}, lint.NewOptions(param))
//
// Files that are given together are read together: routes of one may name clusters of another.
package lint

import (
	"fmt"
	"path"
	"slices"

	"github.com/commslint/commslint/envoycfg/effective"
	"github.com/commslint/commslint/envoycfg/xds"
	"github.com/commslint/commslint/finding"
)

// Ids of the rules, which rules/catalogue/envoy.cue describes.
const (
	unknownRetryOn     = "envoy/unknown-retry-on"
	perTryNotBelow     = "envoy/per-try-not-below-timeout"
	deadMaxRetries     = "envoy/dead-max-retries"
	retryNonIdempotent = "envoy/retry-nonidempotent"
	retryWithoutBudget = "envoy/retry-without-budget"
	retryWithoutPerTry = "envoy/retry-without-per-try-timeout"
	retryCount         = "envoy/retry-count"
	retryBound         = "envoy/retry-bound-by-timeout"
	clientDrivenRetry  = "envoy/client-driven-retry"
	mirrorFromHeader   = "envoy/mirror-from-header"
	mirrorAmplifies    = "envoy/mirror-amplification"
	clientDrivenFault  = "envoy/client-driven-fault"
	timeoutDisabled    = "envoy/timeout-disabled"
	grpcUnbounded      = "envoy/grpc-timeout-unbounded"
	adminExposed       = "envoy/admin-exposed"
	hedgingUnsafe      = "envoy/hedging-nonidempotent"
	tcpAttempts        = "envoy/tcp-connect-attempts"
	inlineSecret       = "envoy/inline-secret"
	plaintextUpstream  = "envoy/plaintext-upstream"
	plaintextListener  = "envoy/plaintext-listener"
	noRequestTimeout   = "envoy/no-request-timeout"
	checkOverlap       = "envoy/health-check-overlap"
	checkFlapping      = "envoy/health-check-flapping"
	upgradeIdle        = "envoy/upgrade-idle-timeout"
	deadRuntimeLimit   = "envoy/dead-runtime-limit"
	breakerOfOne       = "envoy/breaker-of-one"
	pendingBelow       = "envoy/pending-below-connections"
	authzFailsOpen     = "envoy/authz-fails-open"
	defaultTimeout     = "envoy/default-timeout"
	defaultConnect     = "envoy/default-connect-timeout"
	noBreaker          = "envoy/no-circuit-breaker"
	noOutlier          = "envoy/no-outlier-detection"
	noHealthCheck      = "envoy/no-health-check"
	noOverload         = "envoy/no-overload-manager"
	optionalClientCert = "envoy/optional-client-certificate"
	dynamicResources   = "envoy/dynamic-resources"
)

// ids are all of them.
var ids = []string{
	unknownRetryOn, perTryNotBelow, deadMaxRetries, retryNonIdempotent, retryWithoutBudget, retryWithoutPerTry, retryCount, retryBound, clientDrivenRetry,
	mirrorFromHeader, mirrorAmplifies, clientDrivenFault, timeoutDisabled, grpcUnbounded, adminExposed, hedgingUnsafe, tcpAttempts,
	inlineSecret, plaintextUpstream, plaintextListener, noRequestTimeout, checkOverlap, checkFlapping, upgradeIdle, deadRuntimeLimit,
	breakerOfOne, pendingBelow, authzFailsOpen, defaultTimeout, defaultConnect, noBreaker, noOutlier, noHealthCheck, noOverload,
	optionalClientCert, dynamicResources, xds.RuleInvalid, xds.RuleDeprecated,
}

// Implements reports whether a rule is one of this package.
func Implements(rule string) bool { return slices.Contains(ids, rule) }

// checker gathers the findings of one run.
type checker struct {
	opt      Options
	config   *effective.Config
	byFile   map[*xds.File]*contents
	named    map[string]bool // the files, by the last part of their names
	findings []finding.Finding
	seen     map[spot]bool
}

// contents are the parts of a configuration that one file has.
type contents struct {
	listeners    []*effective.Listener
	routeConfigs []*effective.RouteConfig
	admin        string // see destination
}

func newChecker(files []*xds.File, opt Options) *checker {
	c := &checker{
		opt: opt, config: effective.Resolve(files),
		byFile: map[*xds.File]*contents{}, named: map[string]bool{}, seen: map[spot]bool{},
	}
	for _, f := range files {
		c.byFile[f] = &contents{}
		c.named[path.Base(f.Name)] = true
	}
	for _, b := range c.config.Bootstraps {
		c.byFile[b.File].admin = destination(b.Get("admin.address").Message())
	}
	for _, l := range c.config.Listeners {
		in := c.byFile[l.File]
		in.listeners = append(in.listeners, l)
	}
	for _, rc := range c.config.RouteConfigs {
		in := c.byFile[rc.File]
		in.routeConfigs = append(in.routeConfigs, rc)
	}
	return c
}

// A spot is what a finding is about. What several routes share is reported once.
type spot struct {
	rule string
	at   finding.Location
}

// report adds a finding, unless the rule has spoken of the place.
func (c *checker) report(f finding.Finding) {
	id := spot{f.Rule, f.Location}
	if c.seen[id] {
		return
	}
	c.seen[id] = true
	f.Level = finding.Error
	if f.Strength == "" {
		f.Strength = finding.Proven
	}
	f.Related = slices.DeleteFunc(f.Related, func(r finding.Related) bool { return r.Line == 0 })
	f.Fixes = slices.DeleteFunc(f.Fixes, func(fix finding.Fix) bool { return len(fix.Edits) == 0 })
	c.findings = append(c.findings, f)
}

func (c *checker) reportf(rule string, at finding.Location, format string, args ...any) {
	c.report(finding.Finding{Rule: rule, Location: at, Message: fmt.Sprintf(format, args...)})
}
