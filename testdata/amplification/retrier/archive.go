// Package retrier archives documents.
package retrier

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// A retrier counts attempts and waits between them.
type retrier struct {
	max   int
	wait  time.Duration
	tries int
}

func newRetrier(max int, wait time.Duration) *retrier {
	return &retrier{max: max, wait: wait}
}

// next reports whether another attempt may start.
func (r *retrier) next(ctx context.Context) bool {
	if r.tries >= r.max {
		return false
	}
	if r.tries > 0 {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(r.wait):
		}
		r.wait *= 2
	}
	r.tries++
	return true
}

// Call archives a contract.
func Call(ctx context.Context, target string) error {
	var err error
	r := newRetrier(4, time.Millisecond)
	for r.next(ctx) {
		err = store(ctx, "http://"+target+"/archive/contracts/31")
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("archive: %w", err)
}

func store(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, strings.NewReader("signed"))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}
