// Package stock asks the warehouse what it has.
package stock

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"
)

// attempts is the most times that a request is sent.
const attempts = 3

// A budget allows one retry for ten requests that went well, and some to begin with.
type budget struct{ tenths atomic.Int64 }

// maxTenths is how much can be saved up: ten retries.
const maxTenths = 100

func (b *budget) earn() {
	if b.tenths.Add(1) > maxTenths {
		b.tenths.Store(maxTenths)
	}
}

// spend reports whether a retry may be made.
func (b *budget) spend() bool {
	if b.tenths.Add(-10) < 0 {
		b.tenths.Add(10)
		return false
	}
	return true
}

// A Client asks the warehouse.
type Client struct {
	HTTP *http.Client
	URL  string // of the list

	budget budget
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

// list fetches the list. While the warehouse is down, the budget is soon spent.
func (c *Client) list(ctx context.Context, url string) (list []byte, err error) {
	for attempt := range attempts {
		var retry bool
		if list, retry, err = c.once(ctx, url); err == nil {
			c.budget.earn()
			return list, nil
		}
		if !retry || !c.budget.spend() {
			return nil, err
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
