// Package store is for the packages around it only.
package store

import (
	"context"
	"time"

	"peer"
)

// Load tries 8 times, as far as those know who may call it.
func Load(ctx context.Context, url string) (err error) {
	for range 8 {
		if err = peer.Once(ctx, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}
