package policy

import (
	"slices"
	"strconv"

	"github.com/commslint/commslint/rules"
)

// Ids of the rules, which rules/catalogue/mesh.cue describes.
const (
	RetryNonIdempotent  = "mesh/retry-nonidempotent"
	RetryWithoutBudget  = "mesh/retry-without-budget"
	RetryWithoutPerTry  = "mesh/retry-without-per-try-timeout"
	RetryBoundByTimeout = "mesh/retry-bound-by-timeout"
	RetryCount          = "mesh/retry-count"
	RetryWithoutEffect  = "mesh/retry-without-effect"
	PerTryNotBelow      = "mesh/per-try-not-below-timeout"
	HangBound           = "mesh/hang-bound"
	UnknownRetryOn      = "mesh/unknown-retry-on"
	UnlimitedRetries    = "mesh/unlimited-retries"
	DefaultRetries      = "mesh/default-retries"
	TimeoutDisabled     = "mesh/timeout-disabled"
	NoTimeout           = "mesh/no-timeout"
	MirrorAmplification = "mesh/mirror-amplification"
	FaultInjection      = "mesh/fault-injection"
	PlaintextUpstream   = "mesh/plaintext-upstream"
	UnknownField        = "mesh/unknown-field"
	Invalid             = "mesh/invalid"
)

// ids are all of them.
var ids = []string{
	RetryNonIdempotent, RetryWithoutBudget, RetryWithoutPerTry, RetryBoundByTimeout, RetryCount, RetryWithoutEffect, PerTryNotBelow,
	HangBound, UnknownRetryOn, UnlimitedRetries, DefaultRetries, TimeoutDisabled, NoTimeout, MirrorAmplification, FaultInjection,
	PlaintextUpstream, UnknownField, Invalid,
}

// Implements reports whether a rule is one of those that are asked of policies.
func Implements(rule string) bool { return slices.Contains(ids, rule) }

// Options are the parameters of the rules. DefaultOptions has those of the catalogue.
type Options struct {
	// MaxBreaker is from how many concurrent retries on a circuit breaker limits nothing.
	MaxBreaker int
	// MaxAttempts is how many attempts a policy may make.
	MaxAttempts int
	// MaxMirrored is which share of the requests may be copied, 1 for all.
	MaxMirrored float64
	// IdempotencyHeaders are the headers that carry an idempotency key.
	IdempotencyHeaders []string
}

// NewOptions takes the parameters of the rules from param, which gives the value of a rule's
// parameter in flag syntax.
func NewOptions(param func(rule, name string) string) Options {
	number := func(rule, name string) int {
		n, _ := strconv.Atoi(param(rule, name))
		return n
	}
	list := rules.Param{Type: "strings"}
	return Options{
		MaxBreaker:         number(RetryWithoutBudget, "max-retries"),
		MaxAttempts:        number(RetryCount, "max"),
		MaxMirrored:        float64(number(MirrorAmplification, "max-percent")) / 100,
		IdempotencyHeaders: list.Split(param(RetryNonIdempotent, "headers")),
	}
}

// DefaultOptions are those of the catalogue.
func DefaultOptions() Options {
	return NewOptions(func(rule, name string) string {
		r, _ := rules.Lookup(rule)
		if r == nil {
			return ""
		}
		for _, p := range r.Params {
			if p.Name == name {
				return p.Default
			}
		}
		return ""
	})
}
