// Package a holds retries that wait by chance, and some that do not.
package a

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/avast/retry-go/v4"
	"github.com/cenkalti/backoff/v4"
)

type client struct{ http *http.Client }

func (c *client) send(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func (c *client) constant(ctx context.Context, url string) (err error) {
	for range 3 { // want `c.send is repeated after a constant wait without jitter: clients that failed together come back together`
		if err = c.send(ctx, url); err == nil {
			return nil
		}
		time.Sleep(2 * time.Second)
	}
	return err
}

func (c *client) growing(ctx context.Context, url string) error {
	delay := 100 * time.Millisecond
	for i := 0; ; i++ { // want `c.send is repeated after waits that grow without jitter`
		err := c.send(ctx, url)
		if err == nil || i == 4 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(delay):
		}
		delay *= 2
	}
}

func (c *client) linear(ctx context.Context, url string) {
	for i := 1; i <= 5; i++ { // want `c.send is repeated after waits that grow without jitter`
		if err := c.send(ctx, url); err == nil {
			return
		}
		time.Sleep(time.Duration(i) * time.Second)
	}
}

func backOff(n int) time.Duration { return time.Second << n }

// The duration is worked out by a call, which is not written twice.
func (c *client) computed(ctx context.Context, url string) (err error) {
	for i := range 4 { // want `c.send is repeated after waits that grow without jitter`
		if err = c.send(ctx, url); err == nil {
			return nil
		}
		t := time.NewTimer(backOff(i))
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		}
	}
	return err
}

func (c *client) fixed(ctx context.Context, url string) error {
	return retry.Do(func() error { return c.send(ctx, url) }, retry.DelayType(retry.FixedDelay)) // want `retry.Do is repeated after a constant wait without jitter`
}

func (c *client) constantBackOff(ctx context.Context, url string) error {
	b := backoff.WithMaxRetries(backoff.NewConstantBackOff(time.Second), 4)
	return backoff.Retry(func() error { return c.send(ctx, url) }, b) // want `backoff.Retry is repeated after a constant wait without jitter`
}

func (c *client) byDefault(ctx context.Context, url string) error {
	return retry.Do(func() error { return c.send(ctx, url) })
}

func (c *client) exponential(ctx context.Context, url string) error {
	return backoff.Retry(func() error { return c.send(ctx, url) }, backoff.NewExponentialBackOff())
}

// What does not wait is another rule's.
func (c *client) noWait(ctx context.Context, url string) (err error) {
	for range 3 {
		if err = c.send(ctx, url); err == nil {
			return nil
		}
	}
	return err
}

func (c *client) once(ctx context.Context, url string) error {
	err := c.send(ctx, url)
	if err != nil {
		time.Sleep(time.Second)
		err = c.send(ctx, url)
	}
	return err
}

// The peer says when to come again.
func (c *client) told(ctx context.Context, req *http.Request) (*http.Response, error) {
	for i := 0; ; i++ {
		resp, err := c.http.Do(req)
		if err != nil || resp.StatusCode != http.StatusTooManyRequests || i == 3 {
			return resp, err
		}
		seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
		if err != nil {
			return resp, nil
		}
		time.Sleep(time.Duration(seconds) * time.Second)
	}
}

type clock interface{ Delay(n int) time.Duration }

// What cannot be seen may have jitter.
func (c *client) unseen(ctx context.Context, url string, k clock) (err error) {
	for i := range 4 {
		if err = c.send(ctx, url); err == nil {
			return nil
		}
		time.Sleep(k.Delay(i))
	}
	return err
}

// What the beat's failure leads to is not repeated because it fails.
func (c *client) beats(ctx context.Context, url string) {
	t := time.NewTicker(time.Minute)
	failed := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := c.send(ctx, url); err != nil {
				if failed++; failed > 3 {
					_ = c.send(ctx, url+"/register")
					failed = 0
				}
			}
		}
	}
}

// A tick is no retry.
func (c *client) ticks(ctx context.Context, url string) {
	for range time.Tick(time.Minute) {
		_ = c.send(ctx, url)
	}
}
