// Package orderapi is the client of the orders service's HTTP API, which
// api/openapi/orders.yaml describes.
package orderapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"example.com/shop/internal/httpx"
	"example.com/shop/internal/retry"
)

const (
	requestTimeout = 3 * time.Second
	placeAttempts  = 3
	pause          = 100 * time.Millisecond
)

// A Line is one article of an order.
type Line struct {
	SKU        string `json:"sku"`
	Quantity   int    `json:"quantity"`
	PriceCents int64  `json:"price_cents"`
}

// A NewOrder is what a customer wants.
type NewOrder struct {
	CustomerID string `json:"customer_id"`
	Currency   string `json:"currency"`
	Lines      []Line `json:"lines"`
}

// An Order is what the orders service made of it.
type Order struct {
	ID         string `json:"id"`
	Status     string `json:"status"`
	TotalCents int64  `json:"total_cents"`
	Currency   string `json:"currency"`
	ChargeID   string `json:"charge_id"`
}

// Client talks to the orders service. Its methods may be called concurrently.
type Client struct {
	base string
	http *http.Client
}

// New returns a client of the orders service at base, such as
// "https://orders.shop.internal".
func New(base string) *Client {
	return &Client{base: base, http: httpx.NewClient(requestTimeout)}
}

// Place places an order. A failed attempt is repeated twice, because orders
// restarts with every deployment and a lost checkout is a lost customer.
func (c *Client) Place(ctx context.Context, o NewOrder) (*Order, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encode order: %w", err)
	}
	for attempt := 1; ; attempt++ {
		placed, err := c.post(ctx, body)
		if err == nil {
			return placed, nil
		}
		if attempt == placeAttempts {
			return nil, fmt.Errorf("order not placed in %d attempts: %w", attempt, err)
		}
		if err := retry.Wait(ctx, pause<<attempt); err != nil {
			return nil, err
		}
	}
}

func (c *Client) post(ctx context.Context, body []byte) (*Order, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/v1/orders", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return nil, httpx.Unexpected(resp)
	}
	var placed Order
	if err := httpx.ReadJSON(resp.Body, &placed); err != nil {
		return nil, err
	}
	return &placed, nil
}

// Get returns an order. It asks a second time if the service was not able to
// answer.
func (c *Client) Get(ctx context.Context, id string) (*Order, error) {
	var o *Order
	policy := retry.Policy{Attempts: 2, Base: pause, Retry: unavailable}
	err := retry.Do(ctx, policy, func(ctx context.Context) (err error) {
		o, err = c.get(ctx, id)
		return err
	})
	return o, err
}

func (c *Client) get(ctx context.Context, id string) (*Order, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/v1/orders/"+url.PathEscape(id), nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, httpx.Unexpected(resp)
	}
	var o Order
	if err := httpx.ReadJSON(resp.Body, &o); err != nil {
		return nil, err
	}
	return &o, nil
}

// NotFound tells whether the orders service does not know the order.
func NotFound(err error) bool {
	var unexpected *httpx.StatusError
	return errors.As(err, &unexpected) && unexpected.Status == http.StatusNotFound
}

func unavailable(err error) bool {
	var unexpected *httpx.StatusError
	if errors.As(err, &unexpected) {
		return unexpected.Status >= http.StatusInternalServerError
	}
	return true
}
