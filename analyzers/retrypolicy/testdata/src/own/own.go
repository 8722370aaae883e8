// Package own repeats functions.
package own

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/avast/retry-go/v4"
	"github.com/cenkalti/backoff/v4"
)

func get() error {
	resp, err := http.Get("http://payments")
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func cenkalti(ctx context.Context) {
	backoff.Retry(get, backoff.NewExponentialBackOff()) // want `backoff.Retry unbounded growing, jitter, no context, within 15m0s`
	b := backoff.NewExponentialBackOff()
	b.MaxElapsedTime = time.Minute
	b.RandomizationFactor = 0
	backoff.Retry(get, b)                                                                                                                                                                                                                 // want `backoff.Retry unbounded growing, no jitter, no context, within 1m0s`
	backoff.Retry(get, backoff.WithMaxRetries(b, 3))                                                                                                                                                                                      // want `backoff.Retry 4 growing, no jitter, no context, within 1m0s`
	backoff.Retry(get, backoff.WithContext(b, ctx))                                                                                                                                                                                       // want `backoff.Retry unbounded growing, no jitter, context, within 1m0s`
	backoff.Retry(get, backoff.NewConstantBackOff(time.Second))                                                                                                                                                                           // want `backoff.Retry unbounded constant, no jitter, no context`
	backoff.Retry(get, &backoff.ZeroBackOff{})                                                                                                                                                                                            // want `backoff.Retry unbounded at once, no jitter, no context`
	backoff.Retry(get, &backoff.StopBackOff{})                                                                                                                                                                                            // want `backoff.Retry 1 at once, no jitter, no context`
	backoff.Retry(get, backoff.WithMaxRetries(&backoff.ConstantBackOff{Interval: 5}, 0))                                                                                                                                                  // want `backoff.Retry 1 constant, no jitter, no context`
	backoff.Retry(get, backoff.NewExponentialBackOff(backoff.WithMaxElapsedTime(0)))                                                                                                                                                      // want `backoff.Retry unbounded growing, jitter, no context$`
	backoff.RetryWithData(func() (int, error) { return 0, get() }, backoff.WithMaxRetries(backoff.NewExponentialBackOff(backoff.WithInitialInterval(time.Second), backoff.WithMultiplier(2), backoff.WithMaxInterval(3*time.Second)), 3)) // want `backoff.RetryWithData 4 growing, jitter, no context, within 15m0s, waits 9s`
}

var shared = backoff.WithMaxRetries(backoff.NewConstantBackOff(time.Second), 2)

type service struct {
	wait    backoff.BackOff
	retries uint64
}

func newService() *service {
	return &service{wait: backoff.WithMaxRetries(&backoff.ZeroBackOff{}, 1), retries: 6}
}

func (s *service) run(unknown backoff.BackOff, n uint64) {
	backoff.Retry(get, shared)                                    // want `backoff.Retry 3 constant, no jitter`
	backoff.Retry(get, s.wait)                                    // want `backoff.Retry 2 at once`
	backoff.Retry(get, backoff.WithMaxRetries(unknown, n))        // want `backoff.Retry param2\+1 waits\?, jitter\?, context\?`
	backoff.Retry(get, backoff.WithMaxRetries(shared, s.retries)) // want `backoff.Retry 7 constant`
	backoff.Retry(get, unknown)                                   // want `backoff.Retry unknown waits\?, jitter\?, context\?`
}

func sleeps(b backoff.BackOff) {
	wait := b.NextBackOff() // want `delay waits\? jitter\?`
	time.Sleep(wait)        // want `waits true, context false`
	e := backoff.NewExponentialBackOff()
	time.Sleep(e.NextBackOff())             // want `delay growing jitter` `waits true, context false`
	_ = backoff.Permanent(errors.New("no")) // want `permanent`
}

type config struct {
	Retry struct{ Max uint }
}

func avast(ctx context.Context, cfg *config, opts ...retry.Option) {
	retry.Do(get)                                                                                 // want `retry.Do 10 growing, jitter, no context, waits 1m42.2s`
	retry.Do(get, retry.Attempts(3))                                                              // want `retry.Do 3 growing, jitter, no context, waits 600ms`
	retry.Do(get, retry.Attempts(0))                                                              // want `retry.Do unbounded growing, jitter, no context`
	retry.Do(get, retry.UntilSucceeded(), retry.Context(ctx))                                     // want `retry.Do unbounded growing, jitter, context`
	retry.Do(get, retry.Attempts(cfg.Retry.Max))                                                  // want `retry.Do param1.Retry.Max growing`
	retry.Do(get, retry.Attempts(cfg.Retry.Max+1))                                                // want `retry.Do param1.Retry.Max\+1 growing`
	retry.Do(get, opts...)                                                                        // want `retry.Do unknown waits\?, jitter\?, context\?`
	retry.Do(get, append(opts, retry.Attempts(2))...)                                             // want `retry.Do unknown waits\?, jitter\?, context\?`
	retry.Do(get, retry.DelayType(retry.FixedDelay), retry.Delay(time.Second), retry.Attempts(5)) // want `retry.Do 5 constant, no jitter, no context, waits 8s`
	retry.Do(get, retry.DelayType(retry.CombineDelay(retry.BackOffDelay, retry.RandomDelay)))     // want `retry.Do 10 growing, jitter, no context`
	retry.Do(get, retry.DelayType(func(uint, error, *retry.Config) time.Duration { return 0 }))   // want `retry.Do 10 waits\?, jitter\?, no context`
	retry.DoWithData(func() (int, error) { return 0, get() }, retry.Attempts(2))                  // want `retry.DoWithData 2 growing`
	func() {
		retry.Do(get, retry.Attempts(cfg.Retry.Max)) // want `retry.Do cfg.Retry.Max growing`
	}()
	defaults := []retry.Option{retry.Attempts(4), retry.DelayType(retry.BackOffDelay)}
	retry.Do(get, defaults...)                            // want `retry.Do 4 growing, no jitter`
	retry.Do(get, append(defaults, retry.Attempts(7))...) // want `retry.Do 7 growing, no jitter`
}
