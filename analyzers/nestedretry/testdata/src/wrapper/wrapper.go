// Package wrapper retries by a helper of its own.
package wrapper

import (
	"context"
	"time"

	"again"
	"peer"
)

func retry(attempts int, f func() error) (err error) {
	for i := 0; i < attempts; i++ {
		if err = f(); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func nested(ctx context.Context) error {
	return retry(5, func() error { // want `the loop in retry \(up to 5 attempts\) around the loop in Get \(up to 4 attempts\), so that .* up to 20 times`
		return peer.Get(ctx, "https://example.com/a")
	})
}

func single(ctx context.Context) error {
	return retry(5, func() error { return peer.Once(ctx, "https://example.com/a") })
}

func disabled(ctx context.Context) error {
	return retry(1, func() error { return peer.Get(ctx, "https://example.com/a") })
}

// What is nested in another package is reported there.
func elsewhere(ctx context.Context) error { return again.Sync(ctx) }
