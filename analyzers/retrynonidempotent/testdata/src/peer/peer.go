// Package peer sends requests for others.
package peer

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Charge posts once.
func Charge(ctx context.Context, body io.Reader) error {
	return Send(ctx, http.MethodPost, "https://pay.example.com/charges", body)
}

// Send sends once.
func Send(ctx context.Context, method, url string, body io.Reader) error {
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("answer: %s", resp.Status)
	}
	return nil
}

// ChargeOnce posts with a key of the caller's.
func ChargeOnce(ctx context.Context, key string, body io.Reader) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://pay.example.com/charges", body)
	if err != nil {
		return err
	}
	req.Header.Set("Idempotency-Key", key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// Do sends any request up to 3 times.
func Do(req *http.Request) (resp *http.Response, err error) {
	for range 3 {
		if resp, err = http.DefaultClient.Do(req); err == nil {
			return resp, nil
		}
		time.Sleep(time.Second)
	}
	return nil, err
}

// Retry calls f up to 3 times.
func Retry(f func() error) (err error) {
	for range 3 {
		if err = f(); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// NewCharge makes a request.
func NewCharge(ctx context.Context, body io.Reader) (*http.Request, error) {
	return http.NewRequestWithContext(ctx, http.MethodPost, "https://pay.example.com/charges", body)
}
