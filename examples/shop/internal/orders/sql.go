package orders

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const queryTimeout = 2 * time.Second

// SQLStore keeps orders in a PostgreSQL table:
//
//	CREATE TABLE orders (
//		id         text PRIMARY KEY,
//		status     text NOT NULL,
//		created_at timestamptz NOT NULL,
//		document   text NOT NULL
//	)
type SQLStore struct {
	db *sql.DB
}

// OpenSQL opens the database that driver finds under dsn. The driver must be
// linked in. Close the store when it is no longer needed.
func OpenSQL(ctx context.Context, driver, dsn string) (*SQLStore, error) {
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, fmt.Errorf("orders database: %w", err)
	}
	db.SetMaxOpenConns(20)
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("orders database: %w", err)
	}
	return &SQLStore{db: db}, nil
}

// Close ends the store's connections.
func (s *SQLStore) Close() error { return s.db.Close() }

// Put implements Store.
func (s *SQLStore) Put(ctx context.Context, o Order) error {
	doc, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encode order %s: %w", o.ID, err)
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	_, err = s.db.ExecContext(ctx, `
		INSERT INTO orders (id, status, created_at, document) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET status = excluded.status, document = excluded.document`,
		o.ID, string(o.Status), o.CreatedAt, string(doc))
	if err != nil {
		return fmt.Errorf("store order %s: %w", o.ID, err)
	}
	return nil
}

// Get implements Store.
func (s *SQLStore) Get(ctx context.Context, id string) (Order, error) {
	found, err := s.query(ctx, `SELECT document FROM orders WHERE id = $1`, id)
	if err != nil {
		return Order{}, err
	}
	if len(found) == 0 {
		return Order{}, ErrNotFound
	}
	return found[0], nil
}

// List implements Store.
func (s *SQLStore) List(ctx context.Context, after string, limit int) ([]Order, error) {
	return s.query(ctx, `SELECT document FROM orders WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
}

// PendingSince implements Store.
func (s *SQLStore) PendingSince(ctx context.Context, t time.Time) ([]Order, error) {
	return s.query(ctx, `SELECT document FROM orders WHERE status = $1 AND created_at < $2 ORDER BY id`, string(Pending), t)
}

func (s *SQLStore) query(ctx context.Context, query string, args ...any) (found []Order, err error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var doc []byte
		if err := rows.Scan(&doc); err != nil {
			return nil, fmt.Errorf("read orders: %w", err)
		}
		var o Order
		if err := json.Unmarshal(doc, &o); err != nil {
			return nil, fmt.Errorf("read orders: %w", err)
		}
		found = append(found, o)
	}
	return found, rows.Err()
}
