// Package acquirer talks to the bank that moves the money.
package acquirer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"example.com/shop/internal/httpx"
	"example.com/shop/internal/retry"
)

// Two attempts of this length end before the payments service gives up on
// the call that they belong to.
const requestTimeout = 800 * time.Millisecond

// ErrDeclined means that the bank refused the card.
var ErrDeclined = errors.New("card declined")

// Client talks to the bank over HTTP. Its methods may be called concurrently.
type Client struct {
	base string
	http *http.Client
}

// New returns a client of the bank at base.
func New(base string) *Client {
	return &Client{base: base, http: httpx.NewClient(requestTimeout)}
}

// Authorise takes amount from the customer's card and returns the bank's
// reference. The bank treats requests with the same key as one.
func (c *Client) Authorise(ctx context.Context, key, customerID string, amount int64, currency string) (string, error) {
	body, err := json.Marshal(map[string]any{"customer": customerID, "amount": amount, "currency": currency})
	if err != nil {
		return "", fmt.Errorf("encode authorisation: %w", err)
	}
	var reference string
	policy := retry.Policy{Attempts: 2, Base: 20 * time.Millisecond, Retry: temporary}
	err = retry.Do(ctx, policy, func(ctx context.Context) (err error) {
		reference, err = c.authorise(ctx, key, body)
		return err
	})
	return reference, err
}

func (c *Client) authorise(ctx context.Context, key string, body []byte) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/authorisations", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	resp, err := c.http.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusCreated:
	case http.StatusPaymentRequired:
		return "", ErrDeclined
	default:
		return "", httpx.Unexpected(resp)
	}
	var authorised struct {
		Reference string `json:"reference"`
	}
	if err := httpx.ReadJSON(resp.Body, &authorised); err != nil {
		return "", err
	}
	return authorised.Reference, nil
}

// Reverse gives an authorisation back.
func (c *Client) Reverse(ctx context.Context, reference string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, c.base+"/authorisations/"+reference, nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("reverse %s: %w", reference, err)
	}
	if resp.StatusCode != http.StatusOK {
		return httpx.Unexpected(resp)
	}
	defer resp.Body.Close()
	var reversed struct {
		Done bool `json:"done"`
	}
	if err := httpx.ReadJSON(resp.Body, &reversed); err != nil {
		return err
	}
	if !reversed.Done {
		return fmt.Errorf("reverse %s: the bank did not", reference)
	}
	return nil
}

func temporary(err error) bool {
	var unexpected *httpx.StatusError
	if errors.As(err, &unexpected) {
		return unexpected.Status >= http.StatusInternalServerError
	}
	return !errors.Is(err, ErrDeclined)
}
