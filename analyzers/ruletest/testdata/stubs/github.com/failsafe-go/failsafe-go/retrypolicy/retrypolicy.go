// Package retrypolicy has the declarations of
// github.com/failsafe-go/failsafe-go/retrypolicy that fixtures use.
package retrypolicy

import (
	"time"

	"github.com/failsafe-go/failsafe-go"
)

type RetryPolicy[R any] interface{ failsafe.Policy[R] }

type Builder[R any] interface {
	HandleErrors(errs ...error) Builder[R]
	WithMaxAttempts(n int) Builder[R]
	WithMaxRetries(n int) Builder[R]
	WithBackoff(delay, maxDelay time.Duration) Builder[R]
	WithJitterFactor(f float64) Builder[R]
	Build() RetryPolicy[R]
}

func NewWithDefaults[R any]() RetryPolicy[R] { return nil }
func NewBuilder[R any]() Builder[R]          { return nil }
