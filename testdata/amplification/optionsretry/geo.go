// Package optionsretry finds the place of an address.
package optionsretry

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

type retryOptions struct {
	MaxAttempts int
	Initial     time.Duration
	Max         time.Duration
	Retryable   func(error) bool
}

var geocoding = retryOptions{
	MaxAttempts: 5,
	Initial:     time.Millisecond,
	Max:         4 * time.Millisecond,
	Retryable:   func(error) bool { return true },
}

func retry(ctx context.Context, o retryOptions, op func() error) error {
	delay := o.Initial
	for attempt := 1; ; attempt++ {
		err := op()
		if err == nil {
			return nil
		}
		if attempt >= o.MaxAttempts || !o.Retryable(err) {
			return err
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return ctx.Err()
		}
		delay = min(2*delay, o.Max)
	}
}

// Call finds the warehouse.
func Call(ctx context.Context, target string) error {
	client := &http.Client{Timeout: 250 * time.Millisecond}
	return retry(ctx, geocoding, func() error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+target+"/geocode/warehouse", nil)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("geocode: %s", resp.Status)
		}
		return nil
	})
}
