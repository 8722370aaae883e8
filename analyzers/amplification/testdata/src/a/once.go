package a

import (
	"context"
	"sync"
	"time"

	"peer"
)

type region struct {
	known sync.Once
	name  string
	err   error
}

// of asks where it runs once in the life of the process, however often it is asked.
func (r *region) of(ctx context.Context, url string) (string, error) {
	r.known.Do(func() { r.err = peer.Four(ctx, url) })
	return r.name, r.err
}

// Region asks at most four times, and not twelve.
func Region(ctx context.Context, r *region, url string) (err error) {
	for range 3 {
		if _, err = r.of(ctx, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}
