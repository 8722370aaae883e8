// Package ticker waits for a service to become ready.
package ticker

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

const probes = 5

// Call waits until target is ready.
func Call(ctx context.Context, target string) error {
	tick := time.NewTicker(3 * time.Millisecond)
	defer tick.Stop()
	for failures := 0; ; {
		err := probe(ctx, "http://"+target+"/readyz")
		if err == nil {
			return nil
		}
		failures++
		if failures == probes {
			return fmt.Errorf("not ready: %w", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func probe(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 250*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("probe: %s", resp.Status)
	}
	return nil
}
