// Package genericretry searches the catalogue.
package genericretry

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Retry calls f up to attempts times and returns its first success.
func Retry[T any](ctx context.Context, attempts int, wait time.Duration, f func(context.Context) (T, error)) (T, error) {
	var (
		result T
		err    error
	)
	for range attempts {
		result, err = f(ctx)
		if err == nil {
			return result, nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return result, ctx.Err()
		case <-timer.C:
		}
		wait *= 2
	}
	return result, fmt.Errorf("after %d attempts: %w", attempts, err)
}

type hits struct {
	IDs []string `json:"ids"`
}

// Call searches for lamps.
func Call(ctx context.Context, target string) error {
	found, err := Retry(ctx, 4, time.Millisecond, func(ctx context.Context) (hits, error) {
		return search(ctx, target, "lamp")
	})
	if err != nil {
		return err
	}
	_ = found.IDs
	return nil
}

func search(ctx context.Context, host, words string) (hits, error) {
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+"/search", nil)
	if err != nil {
		return hits{}, err
	}
	query := req.URL.Query()
	query.Set("q", words)
	req.URL.RawQuery = query.Encode()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return hits{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return hits{}, fmt.Errorf("search: %s", resp.Status)
	}
	var h hits
	err = json.NewDecoder(resp.Body).Decode(&h)
	return h, err
}
