// Package levels multiplies to different numbers.
package levels

import (
	"context"
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
