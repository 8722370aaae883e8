// Package countedloop reads exchange rates.
package countedloop

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

const maxAttempts = 4

var client = &http.Client{Timeout: 300 * time.Millisecond}

// Call reads the rates that the service at target publishes.
func Call(ctx context.Context, target string) error {
	var err error
	for attempt := 0; attempt < maxAttempts; attempt++ {
		if attempt > 0 {
			time.Sleep(time.Duration(attempt) * 2 * time.Millisecond)
		}
		if err = fetch(ctx, "http://"+target+"/v1/rates"); err == nil {
			return nil
		}
	}
	return fmt.Errorf("rates: gave up after %d attempts: %w", maxAttempts, err)
}

func fetch(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("unexpected status %s", resp.Status)
	}
	return nil
}
