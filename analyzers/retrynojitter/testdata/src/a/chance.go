package a

import (
	"context"
	"math/rand"
	"time"
)

func (c *client) chance(ctx context.Context, url string) (err error) {
	for i := range 4 {
		if err = c.send(ctx, url); err == nil {
			return nil
		}
		d := time.Second << i
		time.Sleep(d/2 + time.Duration(rand.Int63n(int64(d/2))))
	}
	return err
}

// Here rand is taken.
func (c *client) afterChance(ctx context.Context, url string) {
	for range 10 { // want `c.send is repeated after a constant wait without jitter`
		if err := c.send(ctx, url); err == nil {
			return
		}
		time.Sleep(time.Second)
	}
}

// An untyped constant cannot be added to.
func (c *client) bare(ctx context.Context, url string) int {
	for range 10 { // want `c.send is repeated after a constant wait without jitter`
		if err := c.send(ctx, url); err == nil {
			return 1
		}
		time.Sleep(1000000)
	}
	return 0
}
