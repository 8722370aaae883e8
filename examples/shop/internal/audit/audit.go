// Package audit reports what happened to an order to the audit trail.
package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"example.com/shop/internal/httpx"
)

// DefaultURL is where the audit trail is collected in production.
const DefaultURL = "http://audit.shop.internal:9400/v1/events"

const recordTimeout = time.Second

// An Event is one line of the trail.
type Event struct {
	OrderID string    `json:"order_id"`
	What    string    `json:"what"`
	At      time.Time `json:"at"`
}

// A Trail takes events.
type Trail struct {
	url  string
	http *http.Client
}

// New returns the trail at url, or at DefaultURL if url is empty.
func New(url string) *Trail {
	if url == "" {
		url = DefaultURL
	}
	return &Trail{url: url, http: httpx.NewClient(recordTimeout)}
}

// Record adds an event to the trail.
func (t *Trail) Record(ctx context.Context, e Event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := t.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		return httpx.Unexpected(resp)
	}
	return nil
}
