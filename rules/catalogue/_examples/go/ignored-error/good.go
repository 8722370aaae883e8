// Package reservation keeps seats for customers.
package reservation

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// A Store records reservations.
type Store struct {
	DB *sql.DB
}

// Reserve keeps a seat, or says why it could not.
func (s *Store) Reserve(ctx context.Context, seat, customer int64) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err := s.DB.ExecContext(ctx, "INSERT INTO reservation (seat, customer) VALUES ($1, $2)", seat, customer)
	if err != nil {
		return fmt.Errorf("reserve seat %d: %w", seat, err)
	}
	return nil
}
