package lint

import (
	"strconv"

	"github.com/commslint/commslint/rules"
)

// Options are the parameters of the rules. DefaultOptions has those of the catalogue.
type Options struct {
	// IdempotencyHeaders are the headers that carry an idempotency key.
	IdempotencyHeaders []string
	// MaxBreaker is from how many concurrent retries on a circuit breaker limits nothing.
	MaxBreaker uint64
	// MaxAttempts is how many attempts a policy may make, the first included.
	MaxAttempts uint64
	// MirroredShare is from which share of the requests on copies are reported, 1 for all.
	MirroredShare float64
	// MaxConnects is how many attempts to connect may follow each other without a wait.
	MaxConnects uint64
}

// NewOptions takes the parameters of the rules from param, which gives the value of a rule's parameter
// in flag syntax.
func NewOptions(param func(rule, name string) string) Options {
	number := func(rule, name string) int {
		n, _ := strconv.Atoi(param(rule, name))
		return max(n, 0)
	}
	list := rules.Param{Type: "strings"}
	return Options{
		IdempotencyHeaders: list.Split(param(retryNonIdempotent, "headers")),
		MaxBreaker:         uint64(number(retryWithoutBudget, "max-retries")),
		MaxAttempts:        uint64(number(retryCount, "max")),
		MirroredShare:      float64(number(mirrorAmplifies, "percent")) / 100,
		MaxConnects:        uint64(number(tcpAttempts, "max")),
	}
}

// DefaultOptions are those of the catalogue.
func DefaultOptions() Options {
	return NewOptions(func(rule, name string) string {
		r, ok := rules.Lookup(rule)
		if !ok {
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
