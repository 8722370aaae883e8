// Package pages lists all orders.
package pages

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

type page struct {
	Orders []string `json:"orders"`
	Next   string   `json:"next"`
}

type client struct {
	base string
	http *http.Client
}

// Call lists the orders of a customer.
func Call(ctx context.Context, target string) error {
	c := &client{base: "http://" + target, http: &http.Client{Timeout: 300 * time.Millisecond}}
	var orders []string
	token := ""
	for {
		p, err := c.page(ctx, token)
		if err != nil {
			return err
		}
		orders = append(orders, p.Orders...)
		if p.Next == "" {
			return nil
		}
		token = p.Next
	}
}

// page reads one page, and reads it again if that fails.
func (c *client) page(ctx context.Context, token string) (*page, error) {
	const reads = 3
	for read := 1; ; read++ {
		p, err := c.read(ctx, token)
		if err == nil || read == reads {
			return p, err
		}
		time.Sleep(time.Millisecond)
	}
}

func (c *client) read(ctx context.Context, token string) (*page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/orders", nil)
	if err != nil {
		return nil, err
	}
	req.URL.RawQuery = url.Values{"page_token": {token}}.Encode()
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("orders: %s", resp.Status)
	}
	var p page
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
		return nil, err
	}
	return &p, nil
}
