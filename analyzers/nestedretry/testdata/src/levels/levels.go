// Package levels multiplies to different numbers.
package levels

import (
	"context"
	"net/http"
	"time"

	"peer"
)

type config struct{ attempts int }

func eight(ctx context.Context, url string) error {
	err := peer.Get(ctx, url)
	if err != nil {
		err = peer.Get(ctx, url) // want `up to 8 times`
	}
	return err
}

func twelve(ctx context.Context) (err error) {
	for range 3 { // want `up to 12 times`
		if err = peer.Get(ctx, "https://example.com/a"); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func (c *config) unknown(ctx context.Context) (err error) {
	for range c.attempts { // want `an unknown number of attempts`
		if err = peer.Get(ctx, "https://example.com/a"); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func unbounded(ctx context.Context) {
	for { // want `attempts without limit.* around .*, so that .* is sent without limit`
		if peer.Get(ctx, "https://example.com/a") == nil {
			return
		}
		time.Sleep(time.Second)
	}
}

func once(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func twice(ctx context.Context, url string) error {
	err := once(ctx, url)
	if err != nil {
		err = once(ctx, url)
	}
	return err
}

// few multiplies two attempts by what may as well be one.
func (c *config) few(ctx context.Context) (err error) {
	for range c.attempts {
		if err = twice(ctx, "https://example.com/a"); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// six does so by three.
func six(ctx context.Context) (err error) {
	for range 3 { // want `up to 6 times`
		if err = twice(ctx, "https://example.com/a"); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}
