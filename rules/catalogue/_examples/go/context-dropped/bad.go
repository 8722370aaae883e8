// Package profile reads user profiles from the database.
package profile

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// queryTimeout is the most that one query may take.
const queryTimeout = 2 * time.Second

// A Store reads profiles.
type Store struct {
	DB *sql.DB
}

// Name returns the name of a user. When the caller gives up, the query goes on:
// it has a context of its own.
func (s *Store) Name(ctx context.Context, user int64) (string, error) {
	queryCtx, cancel := context.WithTimeout(context.Background(), queryTimeout)
	defer cancel()
	var name string
	err := s.DB.QueryRowContext(queryCtx, "SELECT name FROM profile WHERE id = $1", user).Scan(&name)
	if err != nil {
		return "", fmt.Errorf("profile of user %d: %w", user, err)
	}
	return name, nil
}
