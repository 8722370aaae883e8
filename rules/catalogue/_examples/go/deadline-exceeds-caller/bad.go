// Package stock asks the warehouse what it has.
package stock

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// A Warehouse counts what is left.
type Warehouse struct {
	DB *sql.DB
}

// Left answers within a second, and so never gets to the three seconds that the
// query is meant to have.
func (w *Warehouse) Left(ctx context.Context, sku string) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	query, done := context.WithTimeout(ctx, 3*time.Second)
	defer done()
	if err := w.DB.QueryRowContext(query, "SELECT left FROM stock WHERE sku = $1", sku).Scan(&n); err != nil {
		return 0, fmt.Errorf("stock of %s: %w", sku, err)
	}
	return n, nil
}
