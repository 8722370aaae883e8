// Package peer is a client that tries again itself, and a helper that does it for
// others.
package peer

import (
	"context"
	"net/http"
	"time"
)

// Get tries 4 times.
func Get(ctx context.Context, url string) (err error) {
	for range 4 {
		if err = Once(ctx, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

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

// Store is implemented by Client.
type Store interface {
	Load(ctx context.Context, key string) error
}

// Client is a Store that tries twice.
type Client struct{ base string }

// Load tries twice.
func (c *Client) Load(ctx context.Context, key string) error {
	url := c.base + key
	err := Once(ctx, url)
	if err != nil {
		err = Once(ctx, url)
	}
	return err
}
