// Package rates looks up currency exchange rates.
package rates

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// A Client asks the rates service.
type Client struct {
	http *http.Client
	base string
}

// NewClient returns a client of the rates service at base.
func NewClient(base string) *Client {
	return &Client{http: &http.Client{}, base: base}
}

// Refresh fetches the rates of a currency. Nothing limits how long it waits:
// neither the client nor the context has a time limit.
func (c *Client) Refresh(currency string) ([]byte, error) {
	target := c.base + "/v1/rates/" + url.PathEscape(currency)
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, target, nil)
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
