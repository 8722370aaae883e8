// Package postretryable places orders.
package postretryable

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

type shop struct {
	base   string
	client *retryablehttp.Client
}

func newShop(base string) *shop {
	client := retryablehttp.NewClient()
	client.HTTPClient.Timeout = 300 * time.Millisecond
	client.RetryMax = 3
	client.RetryWaitMin = time.Millisecond
	client.RetryWaitMax = 2 * time.Millisecond
	client.Logger = nil
	return &shop{base: base, client: client}
}

func (s *shop) place(ctx context.Context, order []byte) error {
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, s.base+"/orders", order)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("order: %s", resp.Status)
	}
	return nil
}

// Call places an order.
func Call(ctx context.Context, target string) error {
	return newShop("http://"+target).place(ctx, []byte(`{"sku": "teapot"}`))
}
