// Package b has functions with limits of their own.
package b

import (
	"context"
	"net/http"
	"time"
)

// Slow allows itself half a minute.
func Slow(ctx context.Context, url string) error { // want Slow:"takes 30s"
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return get(ctx, url)
}

// Detached goes on when its caller has gone.
func Detached(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	return get(ctx, url)
}

// Given is told how long it may take.
func Given(ctx context.Context, url string, d time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return get(ctx, url)
}

// Retry makes five attempts of two seconds each.
func Retry(ctx context.Context, url string) (err error) { // want Retry:"takes 8.4s"
	for range 5 {
		try, cancel := context.WithTimeout(ctx, 2*time.Second)
		err = get(try, url)
		cancel()
		if err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

func get(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
