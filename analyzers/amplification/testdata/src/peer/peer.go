// Package peer sends requests, once and more often.
package peer

import (
	"context"
	"net/http"
	"time"
)

// Once tries once.
func Once(ctx context.Context, url string) error {
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

// Four tries 4 times.
func Four(ctx context.Context, url string) (err error) {
	for range 4 {
		if err = Once(ctx, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}
