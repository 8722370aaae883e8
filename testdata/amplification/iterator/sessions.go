// Package iterator ends sessions.
package iterator

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// attempts yields the numbers of up to n attempts, and waits before all but
// the first.
func attempts(ctx context.Context, n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 1; i <= n; i++ {
			if i > 1 {
				select {
				case <-ctx.Done():
					return
				case <-time.After(time.Millisecond << i):
				}
			}
			if !yield(i) {
				return
			}
		}
	}
}

// Call ends the session.
func Call(ctx context.Context, target string) error {
	client := &http.Client{Timeout: 300 * time.Millisecond}
	var err error
	for range attempts(ctx, 3) {
		if err = end(ctx, client, "http://"+target+"/sessions/current"); err == nil {
			return nil
		}
	}
	return err
}

func end(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("session: %s", resp.Status)
	}
	return nil
}
