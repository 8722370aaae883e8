// Package backoffv4 delivers webhooks.
package backoffv4

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// Call delivers one event.
func Call(ctx context.Context, target string) error {
	client := &http.Client{Timeout: 250 * time.Millisecond}
	deliver := func() error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+target+"/hooks/paid", strings.NewReader(`{"order": 7}`))
		if err != nil {
			return backoff.Permanent(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode >= 400 && resp.StatusCode < 500 {
			return backoff.Permanent(fmt.Errorf("hook refused: %s", resp.Status))
		}
		if resp.StatusCode >= 500 {
			return fmt.Errorf("hook failed: %s", resp.Status)
		}
		return nil
	}
	policy := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(time.Millisecond),
		backoff.WithMaxInterval(5*time.Millisecond),
	)
	return backoff.Retry(deliver, backoff.WithContext(backoff.WithMaxRetries(policy, 4), ctx))
}
