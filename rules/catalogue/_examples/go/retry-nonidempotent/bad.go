// Package payment charges cards.
package payment

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// attempts is the most times that a request is sent.
const attempts = 3

// A Client charges cards.
type Client struct {
	HTTP *http.Client
	URL  string
}

// NewClient returns a Client that waits at most a second for an answer.
func NewClient(url string) *Client {
	return &Client{HTTP: &http.Client{Timeout: time.Second}, URL: url}
}

// Charge charges a card. If the answer is lost, the card is charged once more for
// each attempt.
func (c *Client) Charge(ctx context.Context, body []byte) (err error) {
	for attempt := range attempts {
		var retry bool
		if retry, err = c.charge(ctx, body); err == nil || !retry {
			return err
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
	return err
}

func (c *Client) charge(ctx context.Context, body []byte) (retry bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return true, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return resp.StatusCode == http.StatusServiceUnavailable, fmt.Errorf("charge: %s", resp.Status)
	}
	return false, nil
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
