// Package reservation keeps seats for customers.
package reservation

import (
	"context"
	"database/sql"
	"time"
)

// A Store records reservations.
type Store struct {
	DB *sql.DB
}

// Reserve keeps a seat. If the database is down the customer is told that the
// seat is theirs all the same.
func (s *Store) Reserve(ctx context.Context, seat, customer int64) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	s.DB.ExecContext(ctx, "INSERT INTO reservation (seat, customer) VALUES ($1, $2)", seat, customer)
	return nil
}
