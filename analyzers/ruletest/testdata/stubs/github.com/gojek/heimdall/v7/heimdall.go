// Package heimdall has the declarations of github.com/gojek/heimdall/v7 that
// fixtures use.
package heimdall

import "time"

type Backoff interface{ Next(retry int) time.Duration }

type Retriable interface{ NextInterval(retry int) time.Duration }

func NewRetrier(b Backoff) Retriable                                           { return nil }
func NewNoRetrier() Retriable                                                  { return nil }
func NewConstantBackoff(interval, maximumJitterInterval time.Duration) Backoff { return nil }
func NewExponentialBackoff(initial, max time.Duration, factor float64, maximumJitterInterval time.Duration) Backoff {
	return nil
}
