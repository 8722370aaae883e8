// Package retry repeats calls that may be repeated.
package retry

import (
	"context"
	"math/rand/v2"
	"time"
)

// A Policy says how often and how fast a call is repeated.
type Policy struct {
	Attempts int           // the first one included
	Base     time.Duration // upper end of the first wait; it doubles each time
	Retry    func(error) bool
}

// Do calls f until it succeeds, its error is not worth another attempt, the
// attempts are used up or ctx ends. It returns f's last error.
func Do(ctx context.Context, p Policy, f func(context.Context) error) error {
	for attempt := 1; ; attempt++ {
		err := f(ctx)
		if err == nil || attempt >= p.Attempts || !p.Retry(err) {
			return err
		}
		if Wait(ctx, p.Base<<(attempt-1)) != nil {
			return err
		}
	}
}

// Wait sleeps for a random time below limit, or until ctx ends, whose error it
// then returns.
func Wait(ctx context.Context, limit time.Duration) error {
	t := time.NewTimer(rand.N(max(limit, 1)))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
