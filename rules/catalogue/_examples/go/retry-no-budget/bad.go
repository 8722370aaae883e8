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
	URL  string // of the list
}

// NewClient returns a Client that waits at most a second for an answer.
func NewClient(url string) *Client {
	return &Client{HTTP: &http.Client{Timeout: time.Second}, URL: url}
}

// ServeHTTP answers with the list of what is in stock.
func (c *Client) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	list, err := c.list(r.Context(), c.URL)
	if err != nil {
		http.Error(w, "no list", http.StatusBadGateway)
		return
	}
	w.Write(list)
}

// list fetches the list. While the warehouse is down, each request becomes three.
func (c *Client) list(ctx context.Context, url string) (list []byte, err error) {
	for attempt := range attempts {
		var retry bool
		if list, retry, err = c.once(ctx, url); err == nil || !retry {
			return list, err
		}
		if err := pause(ctx, attempt); err != nil {
			return nil, err
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
