// Package orders is the orders service: it takes orders, has them paid and
// hands them to the carrier. It also answers for the stock that they consume.
package orders

import (
	"context"
	"errors"
	"time"
)

// A Status says how far an order has come.
type Status string

const (
	Pending   Status = "pending" // stored, not yet known to be paid
	Paid      Status = "paid"
	Declined  Status = "declined"
	Shipped   Status = "shipped"
	Cancelled Status = "cancelled"
)

// A Line is one article of an order.
type Line struct {
	SKU        string `json:"sku"`
	Quantity   int    `json:"quantity"`
	PriceCents int64  `json:"price_cents"`
}

// An Order is what a customer wants and what became of it.
type Order struct {
	ID         string    `json:"id"`
	CustomerID string    `json:"customer_id"`
	Status     Status    `json:"status"`
	Currency   string    `json:"currency"`
	Lines      []Line    `json:"lines"`
	TotalCents int64     `json:"total_cents"`
	ChargeID   string    `json:"charge_id,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
}

// ErrNotFound means that no order has the id.
var ErrNotFound = errors.New("no such order")

// A Store keeps orders. Every method answers within the store's own limit.
type Store interface {
	// Put stores a new order, or all of a known one's fields.
	Put(ctx context.Context, o Order) error
	// Get returns ErrNotFound if there is no such order.
	Get(ctx context.Context, id string) (Order, error)
	// List returns up to limit orders with ids after the given one, by id.
	List(ctx context.Context, after string, limit int) ([]Order, error)
	// PendingSince returns the orders that were stored before t and are pending.
	PendingSince(ctx context.Context, t time.Time) ([]Order, error)
}
