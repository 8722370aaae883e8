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

// attempts is the most times that a request is sent.
const attempts = 3

// A Client asks the warehouse.
type Client struct {
	HTTP *http.Client
}

// NewClient returns a Client that waits at most a second for an answer.
func NewClient() *Client { return &Client{HTTP: &http.Client{Timeout: time.Second}} }

// List returns the list of what is in stock. A list that does not exist is asked for
// three times, too.
func (c *Client) List(ctx context.Context, url string) (list []byte, err error) {
	for attempt := range attempts {
		if list, err = c.once(ctx, url); err == nil {
			return list, nil
		}
		if err := pause(ctx, attempt); err != nil {
			return nil, err
		}
	}
	return nil, err
}

// once fetches a document.
func (c *Client) once(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("stock: %s", resp.Status)
	}
	return io.ReadAll(resp.Body)
}

// pause waits twice as long after each attempt, with jitter.
func pause(ctx context.Context, attempt int) error {
	base := 100 * time.Millisecond << attempt
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(base/2 + rand.N(base)):
		return nil
	}
}
