// Package basket shows what a customer is about to buy.
package basket

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// A Line is one article of a basket.
type Line struct {
	SKU   string
	Cents int64
}

// A Shop knows what articles cost.
type Shop struct {
	DB *sql.DB
}

// Price fills in what each line costs, one query after the other.
func (s *Shop) Price(ctx context.Context, lines []Line) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	for i, line := range lines {
		row := s.DB.QueryRowContext(ctx, "SELECT cents FROM price WHERE sku = $1", line.SKU)
		if err := row.Scan(&lines[i].Cents); err != nil {
			return fmt.Errorf("price of %s: %w", line.SKU, err)
		}
	}
	return nil
}
