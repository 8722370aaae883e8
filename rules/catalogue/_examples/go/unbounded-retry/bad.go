// Package stock asks the warehouse what it has.
package stock

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// A Client asks the warehouse.
type Client struct {
	HTTP *http.Client
}

// NewClient returns a Client that waits at most a second for an answer.
func NewClient() *Client { return &Client{HTTP: &http.Client{Timeout: time.Second}} }

// List returns the list of what is in stock. While the warehouse is down it tries on,
// even after the caller has gone.
func (c *Client) List(ctx context.Context, url string) []byte {
	for {
		list, retry, err := c.once(ctx, url)
		if err == nil || !retry {
			return list
		}
		time.Sleep(time.Second/2 + rand.N(time.Second))
	}
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
