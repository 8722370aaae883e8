// Package optiondefaults asks for thumbnails.
package optiondefaults

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Options says how patient a Client is. The zero value will do.
type Options struct {
	Attempts int           // 3 if not positive
	Timeout  time.Duration // of one attempt
}

const (
	defaultAttempts = 3
	defaultTimeout  = 300 * time.Millisecond
)

// A Client asks the image service.
type Client struct {
	base     string
	attempts int
	http     *http.Client
}

// New returns a client of the image service at base.
func New(base string, o Options) *Client {
	if o.Attempts <= 0 {
		o.Attempts = defaultAttempts
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	return &Client{base: base, attempts: o.Attempts, http: &http.Client{Timeout: o.Timeout}}
}

// Thumbnail asks for a small copy of an image.
func (c *Client) Thumbnail(ctx context.Context) error {
	var err error
	for i := range c.attempts {
		if i > 0 {
			time.Sleep(time.Millisecond)
		}
		if err = c.post(ctx, "/thumbnails"); err == nil {
			return nil
		}
	}
	return err
}

func (c *Client) post(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, resp.Status)
	}
	return nil
}

// Call asks for one thumbnail.
func Call(ctx context.Context, target string) error {
	return New("http://"+target, Options{}).Thumbnail(ctx)
}
