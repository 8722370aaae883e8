// Package stores calls databases and caches.
package stores

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

func query(db *sql.DB, ctx context.Context) {
	db.Query("select 1")                              // want `\(\*sql.DB\).Query may wait for ever`
	db.QueryContext(context.Background(), "select 1") // want `context.Background\(\) sets no time limit`
	db.QueryContext(ctx, "select 1")
}

func pool(p *pgxpool.Pool) {
	p.Query(context.Background(), "select 1") // want `\(\*pgxpool.Pool\).Query may wait for ever: context.Background\(\) sets no time limit`
}

// Redis sockets time out by default.
func cache(c *redis.Client) {
	c.Get(context.Background(), "k")
}

// One transaction is one defect: where it begins.
func transaction(db *sql.DB) error {
	tx, err := db.Begin() // want `\(\*sql.DB\).Begin may wait for ever`
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return tx.Commit()
}

func boundedTransaction(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	return tx.Commit()
}
