// Package again nests retries.
package again

import (
	"context"
	"time"

	"peer"
)

// Sync tries 3 × 4 times.
func Sync(ctx context.Context) (err error) {
	for range 3 {
		if err = peer.Get(ctx, "https://example.com/a"); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}
