// Package levels has figures about the limits.
package levels

import (
	"context"
	"time"

	"peer"
)

// Four is within the limit.
func Four(ctx context.Context, url string) error { return peer.Four(ctx, url) }

// Five is above the lower limit.
func Five(ctx context.Context, url string) (err error) { // want `into 5`
	for range 5 {
		if err = peer.Once(ctx, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// Ten is not above the higher limit.
func Ten(ctx context.Context, url string) (err error) { // want `into 10`
	for range 10 {
		if err = peer.Once(ctx, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// Eleven is.
func Eleven(ctx context.Context, url string) (err error) { // want `into 11`
	for range 11 {
		if err = peer.Once(ctx, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}
