// Package a holds retries that wait, and some that do not.
package a

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"time"

	"github.com/avast/retry-go/v4"
	"github.com/cenkalti/backoff/v4"
)

type client struct {
	http *http.Client
	db   *sql.DB
}

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

func (c *client) three(ctx context.Context, url string) (err error) {
	for range 3 { // want `c.send is repeated without a wait: all 3 attempts follow each other at once, while the peer has no time to recover`
		if err = c.send(ctx, url); err == nil {
			return nil
		}
	}
	return err
}

func (c *client) configured(ctx context.Context, url string, limit int) (err error) {
	for i := 0; i < limit; i++ { // want `c.send is repeated without a wait: all attempts follow each other at once`
		if err = c.send(ctx, url); err == nil {
			return nil
		}
	}
	return err
}

func (c *client) endless(ctx context.Context, url string) {
	for ctx.Err() == nil { // want `c.send is repeated without a wait: all attempts`
		if err := c.send(ctx, url); err == nil {
			return
		}
	}
}

func (c *client) zeroBackOff(ctx context.Context, url string) error {
	return backoff.Retry(func() error { return c.send(ctx, url) }, backoff.WithMaxRetries(&backoff.ZeroBackOff{}, 4)) // want `backoff.Retry is repeated without a wait: all 5 attempts`
}

func (c *client) jumping(ctx context.Context, url string) error {
	n := 0
again: // want `c.send is repeated without a wait: all 5 attempts`
	err := c.send(ctx, url)
	if err != nil {
		n++
		if n < 5 {
			goto again
		}
	}
	return err
}

func (c *client) waits(ctx context.Context, url string) (err error) {
	for range 3 {
		if err = c.send(ctx, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func (c *client) pause() { time.Sleep(time.Second) }

func (c *client) waitsElsewhere(ctx context.Context, url string) (err error) {
	for range 3 {
		if err = c.send(ctx, url); err == nil {
			return nil
		}
		c.pause()
	}
	return err
}

// A single second attempt, as over a connection that went stale.
func (c *client) twice(ctx context.Context, url string) error {
	err := c.send(ctx, url)
	if err != nil {
		err = c.send(ctx, url)
	}
	return err
}

func (c *client) twiceInALoop(ctx context.Context, url string) (err error) {
	for range 2 {
		if err = c.send(ctx, url); err == nil {
			return nil
		}
	}
	return err
}

// The library waits by itself.
func (c *client) library(ctx context.Context, url string) error {
	return retry.Do(func() error { return c.send(ctx, url) })
}

// Each attempt goes to another peer.
func (c *client) rotating(ctx context.Context, urls []string) (err error) {
	for i := 0; i < 3; i++ {
		if err = c.send(ctx, urls[i%len(urls)]); err == nil {
			return nil
		}
	}
	return err
}

func (c *client) sendTo(ctx context.Context, urls []string, n int) error {
	return c.send(ctx, urls[n%len(urls)])
}

func (c *client) rotatingBelow(ctx context.Context, urls []string) (err error) {
	for i := 0; i < 3; i++ {
		if err = c.sendTo(ctx, urls, i); err == nil {
			return nil
		}
	}
	return err
}

var errConflict = errors.New("somebody else has changed it")

func (c *client) put(ctx context.Context, url, old, value string) error {
	if err := c.send(ctx, url); err != nil {
		return errConflict
	}
	return nil
}

// The next attempt is made with what has changed.
func (c *client) optimistic(ctx context.Context, url, old, value string) error {
	for range 5 {
		err := c.put(ctx, url, old, value)
		if !errors.Is(err, errConflict) {
			return err
		}
	}
	return errConflict
}

// What the channel waits for cannot be seen.
func (c *client) signalled(ctx context.Context, url string, ready chan error) (err error) {
	for range 5 {
		if err = c.send(ctx, url); err == nil {
			return nil
		}
		<-ready
	}
	return err
}

type pacer interface{ Wait(context.Context) error }

func (c *client) paced(ctx context.Context, url string, p pacer) (err error) {
	for range 5 {
		if err := p.Wait(ctx); err != nil {
			return err
		}
		if err = c.send(ctx, url); err == nil {
			return nil
		}
	}
	return err
}

func (c *client) pages(ctx context.Context, urls []string) error {
	for _, url := range urls {
		if err := c.send(ctx, url); err != nil {
			return err
		}
	}
	return nil
}

// A RateLimiter waits, where the loop does not show it.
type RateLimiter interface{ Wait(context.Context) error }

func (c *client) sendLimited(ctx context.Context, l RateLimiter, url string) error {
	if err := l.Wait(ctx); err != nil {
		return err
	}
	return c.send(ctx, url)
}

func (c *client) limited(ctx context.Context, l RateLimiter, url string) (err error) {
	for range 5 {
		if err = c.sendLimited(ctx, l, url); err == nil {
			return nil
		}
	}
	return err
}
