// Package b is a store that another package uses.
package b

import (
	"context"
	"database/sql"
)

type User struct{ Name string }

type Store struct {
	DB    *sql.DB
	names map[string]*User
}

// ByID reads one user.
func (s *Store) ByID(ctx context.Context, id string) (*User, error) { // want ByID:"asks by parameter .2."
	var u User
	err := s.DB.QueryRowContext(ctx, "SELECT name FROM users WHERE id = $1", id).Scan(&u.Name)
	return &u, err
}

// Cached reads one user, from memory if it can.
func (s *Store) Cached(ctx context.Context, id string) (*User, error) { // want Cached:"asks by parameter .2."
	if u, ok := s.names[id]; ok {
		return u, nil
	}
	return s.ByID(ctx, id)
}

// ByIDs reads many at once.
func (s *Store) ByIDs(ctx context.Context, ids []string) error {
	_, err := s.DB.QueryContext(ctx, "SELECT name FROM users WHERE id = ANY($1)", ids)
	return err
}
