// Package rates looks up currency exchange rates.
package rates

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// refreshTimeout covers the whole exchange: connecting, sending, waiting and
// reading the body.
const refreshTimeout = 2 * time.Second

// A Client asks the rates service.
type Client struct {
	http *http.Client
	base string
}

// NewClient returns a client of the rates service at base.
func NewClient(base string) *Client {
	return &Client{http: &http.Client{Timeout: refreshTimeout}, base: base}
}

// Refresh fetches the rates of a currency. It waits at most as long as the
// client allows, and less if ctx ends first.
func (c *Client) Refresh(ctx context.Context, currency string) ([]byte, error) {
	target := c.base + "/v1/rates/" + url.PathEscape(currency)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, fmt.Errorf("rates of %s: %w", currency, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("rates of %s: %w", currency, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("rates of %s: %w", currency, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("rates of %s: status %s", currency, resp.Status)
	}
	return body, nil
}
