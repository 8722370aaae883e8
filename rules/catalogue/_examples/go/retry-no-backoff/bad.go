// Package stock asks the warehouse what it has.
package stock

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// attempts is the most times that a request is sent.
const attempts = 3

// A Client asks the warehouse.
type Client struct {
	HTTP *http.Client
}

// NewClient returns a Client that waits at most a second for an answer.
func NewClient() *Client { return &Client{HTTP: &http.Client{Timeout: time.Second}} }

// List returns the list of what is in stock. What failed is asked again at once.
func (c *Client) List(ctx context.Context, url string) (list []byte, err error) {
	for range attempts {
		var retry bool
		if list, retry, err = c.once(ctx, url); err == nil || !retry {
			return list, err
		}
	}
	return nil, err
}

// once fetches a document; retry says that it may be there later.
func (c *Client) once(ctx context.Context, url string) (body []byte, retry bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, false, err
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, true, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, resp.StatusCode == http.StatusServiceUnavailable, fmt.Errorf("stock: %s", resp.Status)
	}
	body, err = io.ReadAll(resp.Body)
	return body, err != nil, err
}
