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

// Price fills in what each line costs, with one query for all.
func (s *Shop) Price(ctx context.Context, lines []Line) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	skus := make([]string, len(lines))
	for i, line := range lines {
		skus[i] = line.SKU
	}
	rows, err := s.DB.QueryContext(ctx, "SELECT sku, cents FROM price WHERE sku = ANY($1)", skus)
	if err != nil {
		return fmt.Errorf("prices: %w", err)
	}
	defer rows.Close()
	cents := make(map[string]int64)
	for rows.Next() {
		var line Line
		if err := rows.Scan(&line.SKU, &line.Cents); err != nil {
			return fmt.Errorf("prices: %w", err)
		}
		cents[line.SKU] = line.Cents
	}
	for i := range lines {
		lines[i].Cents = cents[lines[i].SKU]
	}
	return rows.Err()
}
