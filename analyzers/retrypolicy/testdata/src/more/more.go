// Package more repeats functions by further libraries.
package more

import (
	"context"
	"net/http"
	"time"

	"github.com/eapache/go-resiliency/retrier"
	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/failsafehttp"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/failsafe-go/failsafe-go/timeout"
	"github.com/gojek/heimdall/v7"
	"github.com/gojek/heimdall/v7/httpclient"
	"github.com/jpillora/backoff"
	sethvargo "github.com/sethvargo/go-retry"
	"golang.org/x/time/rate"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/retry"
)

func get() error {
	resp, err := http.Get("http://payments")
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func getContext(ctx context.Context) error { return get() }

func marked(ctx context.Context, n uint64) {
	b := sethvargo.NewExponential(time.Second)
	sethvargo.Do(ctx, b, getContext)                                                                          // want `retry.Do unbounded growing, no jitter, context, marked`
	sethvargo.Do(ctx, sethvargo.WithMaxRetries(n, b), getContext)                                             // want `retry.Do param1\+1 growing, no jitter, context, marked`
	sethvargo.Do(ctx, sethvargo.WithMaxRetries(2, sethvargo.WithJitter(time.Second, b)), getContext)          // want `retry.Do 3 growing, jitter, context, marked`
	sethvargo.Do(ctx, sethvargo.WithMaxDuration(time.Minute, sethvargo.NewConstant(time.Second)), getContext) // want `retry.Do unbounded constant, no jitter, context, within 1m0s, marked`
	sethvargo.Constant(ctx, time.Second, getContext)                                                          // want `retry.Constant unbounded constant, no jitter, context, marked`
	_ = sethvargo.RetryableError(get())                                                                       // want `retryable`
}

func resiliency(ctx context.Context) {
	r := retrier.New(retrier.ConstantBackoff(3, time.Second), nil)
	r.Run(get) // want `retrier.Retrier..Run 4 constant, no jitter, no context, waits 3s`
	e := retrier.New(retrier.ExponentialBackoff(2, time.Second), nil)
	e.SetJitter(0.5)
	e.RunCtx(ctx, getContext)                                                              // want `retrier.Retrier..RunCtx 3 growing, jitter, context, waits 6s`
	retrier.New([]time.Duration{time.Second, time.Minute}, nil).Run(get)                   // want `Run 3 waits\?, no jitter`
	retrier.New(retrier.ConstantBackoff(3, time.Second), nil).WithInfiniteRetry().Run(get) // want `Run unbounded constant`
}

func kubernetes(ctx context.Context) {
	retry.RetryOnConflict(retry.DefaultRetry, get) // want `retry.RetryOnConflict 5 constant, jitter, no context, waits 44ms`
	b := retry.DefaultBackoff
	b.Steps = 9
	retry.OnError(b, func(error) bool { return true }, get)                                                                       // want `retry.OnError 9 growing, jitter, no context`
	retry.OnError(wait.Backoff{Steps: 3, Duration: time.Second, Factor: 2}, func(error) bool { return true }, get)                // want `retry.OnError 3 growing, no jitter, no context, waits 3s`
	wait.ExponentialBackoff(wait.Backoff{Steps: 4, Duration: time.Second}, func() (bool, error) { return true, get() })           // want `wait.ExponentialBackoff 4 constant, no jitter, no context, waits 3s, opaque, poll`
	wait.PollUntilContextTimeout(ctx, time.Second, time.Minute, true, func(context.Context) (bool, error) { return true, get() }) // want `wait.PollUntilContextTimeout unbounded constant, no jitter, context, within 1m0s, opaque, poll`
}

func waits(ctx context.Context, l *rate.Limiter) {
	b := &backoff.Backoff{Jitter: true}
	time.Sleep(b.Duration()) // want `delay growing jitter` `waits true, context false`
	c := &backoff.Backoff{Min: time.Second}
	time.Sleep(c.ForAttempt(3)) // want `delay growing no jitter` `waits true, context false`
	l.Wait(ctx)                 // want `waits false, context true`
}

func policies(ctx context.Context) {
	failsafe.With[any](retrypolicy.NewWithDefaults[any]()).Run(get) // want `Run 3 at once, no jitter, context`
	p := retrypolicy.NewBuilder[any]().WithMaxAttempts(5).WithBackoff(time.Second, time.Minute).WithJitterFactor(0.1).Build()
	failsafe.With[any](p, timeout.New[any](time.Second)).WithContext(ctx).Run(get) // want `Run 5 growing, jitter, context`
	failsafe.With[any](timeout.New[any](time.Second)).Run(get)                     // want `Run 1 waits\?`
	failsafe.With[any](p, retrypolicy.NewWithDefaults[any]()).Run(get)             // want `Run 5 growing.*; .*Run 3 at once`
	b := retrypolicy.NewBuilder[any]()
	b.HandleErrors(context.Canceled).WithMaxRetries(1)
	failsafe.With[any](b.Build()).Run(get) // want `Run 2 at once`

	rt := failsafehttp.NewRoundTripper(nil, failsafehttp.NewRetryPolicyBuilder().WithMaxRetries(3).Build())
	(&http.Client{Transport: rt}).Get("http://payments") // want `failsafehttp 4 at once, no jitter, context, Retry-After`
}

func clients(n int) {
	httpclient.NewClient().Get("http://payments", nil)
	httpclient.NewClient(httpclient.WithRetryCount(3)).Post("http://payments", nil, nil) // want `httpclient 4 at once, no jitter, no context`
	c := httpclient.NewClient(
		httpclient.WithHTTPTimeout(time.Second),
		httpclient.WithRetryCount(n),
		httpclient.WithRetrier(heimdall.NewRetrier(heimdall.NewExponentialBackoff(time.Second, time.Minute, 2, time.Second))))
	c.Get("http://payments", nil) // want `httpclient param0\+1 growing, jitter, no context`
}
