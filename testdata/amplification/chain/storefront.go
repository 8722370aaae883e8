// Package chain runs the storefront with the orders service beside it.
package chain

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"example.com/amplification/chain/internal/orders"
)

// Call starts the orders service, which charges at target, and buys something
// there.
func Call(ctx context.Context, target string) error {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: orders.NewServer(target).Handler(), ReadHeaderTimeout: time.Second}
	go srv.Serve(lis)
	defer srv.Close()
	return (&storefront{orders: lis.Addr().String()}).buy(ctx, "teapot")
}

type storefront struct {
	orders string
}

func (s *storefront) buy(ctx context.Context, sku string) error {
	const attempts = 2
	for attempt := 1; ; attempt++ {
		err := s.order(ctx, sku)
		if err == nil || attempt == attempts {
			return err
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (s *storefront) order(ctx context.Context, sku string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.orders+"/v1/orders", strings.NewReader(sku))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("order: %s", resp.Status)
	}
	return nil
}
