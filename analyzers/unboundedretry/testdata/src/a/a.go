// Package a holds retries that something ends, and some that nothing does.
package a

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"github.com/avast/retry-go/v4"
	"github.com/cenkalti/backoff/v4"
)

type order struct{ id string }

type client struct{ http *http.Client }

func (c *client) send(ctx context.Context, o order) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, "https://orders.example/"+o.id, nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func (c *client) connect(ctx context.Context) error { return c.send(ctx, order{}) }

func (c *client) endless(ctx context.Context, o order) {
	for { // want `nothing ends this retry: while c.send fails it is repeated for ever, without a limit on attempts or time`
		if err := c.send(ctx, o); err == nil {
			return
		}
		time.Sleep(time.Second)
	}
}

func (c *client) endlessWithResult(ctx context.Context, o order) (string, error) {
	for { // want `nothing ends this retry`
		err := c.send(ctx, o)
		if err == nil {
			return o.id, nil
		}
		log.Print(err)
		time.Sleep(time.Second)
	}
}

func (c *client) noWait(ctx context.Context, o order) {
	err := errors.New("not sent yet")
	for err != nil { // want `nothing ends this retry: while c.send fails`
		err = c.send(ctx, o)
	}
}

// Another failure than that of the attempt is no limit.
func (c *client) prepared(ctx context.Context, url string) error {
	for { // want `nothing ends this retry: while c.http.Do fails`
		req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
		if err != nil {
			return err
		}
		resp, err := c.http.Do(req)
		if err == nil {
			return resp.Body.Close()
		}
		time.Sleep(time.Second)
	}
}

// Which failures are repeated does not say how often.
func (c *client) classified(ctx context.Context, o order) error {
	for { // want `nothing ends this retry: while c.send fails`
		err := c.send(ctx, o)
		if err == nil || errors.Is(err, io.ErrUnexpectedEOF) || isFatal(err) {
			return err
		}
		time.Sleep(time.Second)
	}
}

func isFatal(err error) bool { return errors.Is(err, http.ErrNotSupported) }

// The limit does not count one kind of failure.
func (c *client) uncounted(ctx context.Context, o order) {
	n := 0
	for { // want `the limit of this retry does not hold: on some way to the next attempt it is not counted`
		err := c.send(ctx, o)
		if err == nil {
			return
		}
		if errors.Is(err, http.ErrHandlerTimeout) {
			continue
		}
		n++
		if n > 3 {
			return
		}
	}
}

func (c *client) recursive(ctx context.Context, o order) error {
	if err := c.send(ctx, o); err != nil {
		time.Sleep(time.Second)
		return c.recursive(ctx, o) // want `nothing ends this retry: while it fails, c.recursive calls itself again`
	}
	return nil
}

// Half of a batch is less than the batch.
func (c *client) split(ctx context.Context, orders []order) error {
	err := c.send(ctx, orders[0])
	if err != nil && len(orders) > 1 {
		return c.split(ctx, orders[:len(orders)/2])
	}
	return err
}

// A wait for a dependency at start-up keeps the process from telling that it
// cannot start.
func (c *client) waitForPeer(ctx context.Context) {
	for { // want `nothing ends this retry: while c.connect fails`
		if err := c.connect(ctx); err == nil {
			return
		}
		time.Sleep(time.Second)
	}
}

func (c *client) constantBackOff(ctx context.Context, o order) error {
	return backoff.Retry(func() error { return c.send(ctx, o) }, backoff.NewConstantBackOff(time.Second)) // want `backoff.Retry repeats what fails for ever: it is given no limit`
}

func (c *client) zeroAttempts(ctx context.Context, o order) error {
	return retry.Do(func() error { return c.send(ctx, o) }, retry.Attempts(0)) // want `retry.Do repeats what fails for ever`
}

// By default an exponential backoff stops after 15 minutes.
func (c *client) exponentialBackOff(ctx context.Context, o order) error {
	return backoff.Retry(func() error { return c.send(ctx, o) }, backoff.NewExponentialBackOff())
}

func (c *client) backOffWithContext(ctx context.Context, o order) error {
	return backoff.Retry(func() error { return c.send(ctx, o) }, backoff.WithContext(backoff.NewConstantBackOff(time.Second), ctx))
}

func (c *client) tenAttempts(ctx context.Context, o order) error {
	return retry.Do(func() error { return c.send(ctx, o) })
}

func (c *client) counted(ctx context.Context, o order) (err error) {
	for i := 0; i < 3; i++ {
		if err = c.send(ctx, o); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func (c *client) countedAtTheEnd(ctx context.Context, o order) error {
	for n := 1; ; n++ {
		err := c.send(ctx, o)
		if err == nil {
			return nil
		}
		if n == 5 {
			return fmt.Errorf("gave up: %w", err)
		}
	}
}

func (c *client) configured(ctx context.Context, o order, limit int) error {
	for n := 0; ; n++ {
		err := c.send(ctx, o)
		if err == nil || n >= limit {
			return err
		}
	}
}

func (c *client) timed(ctx context.Context, o order) error {
	for start := time.Now(); ; {
		err := c.send(ctx, o)
		if err == nil || time.Since(start) > time.Minute {
			return err
		}
		time.Sleep(time.Second)
	}
}

func (c *client) supervised(ctx context.Context) error {
	for {
		err := c.connect(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func (c *client) stopped(ctx context.Context, stop chan struct{}) {
	for {
		if err := c.connect(ctx); err == nil {
			return
		}
		select {
		case <-stop:
			return
		case <-time.After(time.Second):
		}
	}
}

func (c *client) contextChecked(ctx context.Context, o order) error {
	for ctx.Err() == nil {
		if err := c.send(ctx, o); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return ctx.Err()
}

type policy struct{ left int }

func (p *policy) next() bool { p.left--; return p.left >= 0 }

// What the policy says cannot be seen here, so it may be a limit.
func (c *client) byPolicy(ctx context.Context, o order, p *policy) (err error) {
	for p.next() {
		if err = c.send(ctx, o); err == nil {
			return nil
		}
	}
	return err
}

func (c *client) shouldStop(ctx context.Context, o order, p interface{ Stop(error) bool }) error {
	for {
		err := c.send(ctx, o)
		if err == nil || p.Stop(err) {
			return err
		}
	}
}

// Work that comes from a channel is no repetition.
func (c *client) worker(ctx context.Context, jobs chan order) {
	for o := range jobs {
		if err := c.send(ctx, o); err != nil {
			log.Print(err)
		}
	}
}

func (c *client) ticks(ctx context.Context) {
	for range time.Tick(time.Minute) {
		if err := c.connect(ctx); err != nil {
			log.Print(err)
		}
	}
}

// What is repeated may reach nothing.
func throughInterface(w io.Writer, f func() error) {
	for {
		if err := f(); err == nil {
			return
		}
		time.Sleep(time.Second)
	}
}
