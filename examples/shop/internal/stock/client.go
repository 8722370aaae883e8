// Package stock is the client of the inventory service, which orders serves.
package stock

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	inventoryv1 "example.com/shop/api/inventory/v1"
)

// DefaultAddr is where the inventory service is found in production.
const DefaultAddr = "inventory.shop.internal:9081"

const callTimeout = time.Second

// Reads are repeated once, and not at all while more than half of them fail.
const serviceConfig = `{
  "methodConfig": [{
    "name": [{"service": "inventory.v1.Inventory"}],
    "timeout": "1s",
    "retryPolicy": {
      "maxAttempts": 2,
      "initialBackoff": "0.05s",
      "maxBackoff": "0.2s",
      "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }],
  "retryThrottling": {"maxTokens": 20, "tokenRatio": 0.5}
}`

// Client asks for stock levels. Its methods may be called concurrently.
type Client struct {
	conn *grpc.ClientConn
	api  inventoryv1.InventoryClient
}

// Dial returns a client of the inventory service at addr, or at DefaultAddr
// if addr is empty. It connects when it is first used.
func Dial(addr string) (*Client, error) {
	if addr == "" {
		addr = DefaultAddr
	}
	conn, err := grpc.NewClient(addr,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(serviceConfig),
	)
	if err != nil {
		return nil, fmt.Errorf("inventory at %q: %w", addr, err)
	}
	return &Client{conn: conn, api: inventoryv1.NewInventoryClient(conn)}, nil
}

// Close ends the client's connections.
func (c *Client) Close() error { return c.conn.Close() }

// Available returns how many pieces of sku can be sold.
func (c *Client) Available(ctx context.Context, sku string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	resp, err := c.api.GetStock(ctx, &inventoryv1.GetStockRequest{Sku: sku})
	if err != nil {
		return 0, fmt.Errorf("stock of %s: %w", sku, err)
	}
	return int(resp.GetStock().GetAvailable()), nil
}

// AvailableAll returns how many pieces of each of skus can be sold.
func (c *Client) AvailableAll(ctx context.Context, skus []string) (map[string]int, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	resp, err := c.api.BatchGetStock(ctx, &inventoryv1.BatchGetStockRequest{Skus: skus})
	if err != nil {
		return nil, fmt.Errorf("stock of %d articles: %w", len(skus), err)
	}
	all := make(map[string]int, len(skus))
	for _, s := range resp.GetStocks() {
		all[s.GetSku()] = int(s.GetAvailable())
	}
	return all, nil
}
