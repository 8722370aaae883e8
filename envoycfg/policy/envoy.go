package policy

import "time"

// Envoy's defaults, by the comments of its protos. Whatever configures Envoy comes to them where it says nothing else.
const (
	EnvoyTimeout  = 15 * time.Second      // RouteAction.timeout
	EnvoyRetries  = 1                     // RetryPolicy.num_retries
	EnvoyBaseWait = 25 * time.Millisecond // RetryPolicy.RetryBackOff.base_interval
	// EnvoyWaitFactor times the base is the longest wait between attempts (RetryBackOff.max_interval).
	EnvoyWaitFactor = 10
	EnvoyMaxWait    = EnvoyWaitFactor * EnvoyBaseWait
	// EnvoyBreaker is how many retries to a cluster may be under way at a time (CircuitBreakers.Thresholds.max_retries).
	EnvoyBreaker = 3
	// EnvoyBudget and EnvoyBudgetMin are those of a retry_budget that says nothing (CircuitBreakers.Thresholds.RetryBudget).
	EnvoyBudget    = 0.2
	EnvoyBudgetMin = 3
)

// EnvoyWait is the longest that Envoy waits between attempts altogether: before retry n it is at
// most (2ⁿ−1) × base, and never more than the maximum (router_filter.rst).
func EnvoyWait(retries int, base, maximum time.Duration) time.Duration {
	var sum time.Duration
	for n := 1; n <= retries; n++ {
		wait := maximum
		if n < 20 && base <= maximum/(1<<n-1) {
			wait = (1<<n - 1) * base
		}
		sum += wait
		if wait == maximum {
			return sum + time.Duration(retries-n)*maximum
		}
	}
	return sum
}
