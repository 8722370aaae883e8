// Package sethvargoretry reads secrets.
package sethvargoretry

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/sethvargo/go-retry"
)

type vault struct {
	addr   string
	client *http.Client
}

// Call reads the database password.
func Call(ctx context.Context, target string) error {
	v := &vault{addr: "http://" + target, client: &http.Client{Timeout: 300 * time.Millisecond}}
	backoff := retry.WithMaxRetries(3, retry.NewFibonacci(time.Millisecond))
	return retry.Do(ctx, backoff, func(ctx context.Context) error {
		return v.read(ctx, "/secrets/db")
	})
}

func (v *vault) read(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.addr+path, nil)
	if err != nil {
		return err
	}
	resp, err := v.client.Do(req)
	if err != nil {
		return retry.RetryableError(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 500 {
		return retry.RetryableError(fmt.Errorf("vault: %s", resp.Status))
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("vault: %s", resp.Status)
	}
	return nil
}
