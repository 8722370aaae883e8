// Package blank assigns errors to the blank identifier. Comments decide, so
// there are none that say what is wanted: in the functions called lost it is a
// finding, in the others it is not.
package blank

import (
	"context"
	"database/sql"

	"github.com/redis/go-redis/v9"
)

func lostAlone(ctx context.Context, db *sql.DB) {
	_, _ = db.ExecContext(ctx, "UPDATE t SET a = 1")
}

func lostFarFromTheComment(ctx context.Context, db *sql.DB) {
	// The update of the counter.

	_, _ = db.ExecContext(ctx, "UPDATE t SET a = 1")
}

func lostBesideAValue(ctx context.Context, db *sql.DB) *sql.Rows {
	// The names of all customers.
	rows, _ := db.QueryContext(ctx, "SELECT name FROM t")
	return rows
}

func lostOfACommand(ctx context.Context, rdb *redis.Client) string {
	v, _ := rdb.Get(ctx, "k").Result()
	return v
}

func lostByVal(ctx context.Context, rdb *redis.Client) string {
	return rdb.Get(ctx, "k").Val()
}

func markedAbove(ctx context.Context, db *sql.DB) {
	// Losing a point of this metric does no harm.
	_, _ = db.ExecContext(ctx, "UPDATE t SET a = 1")
}

func markedBeside(ctx context.Context, db *sql.DB) *sql.Rows {
	_, _ = db.ExecContext(ctx, "UPDATE t SET a = 1") // only statistics
	rows, _ := db.QueryContext(ctx, "SELECT 1")      // no rows if it fails
	return rows
}

func markedReturn(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, "q"); err != nil {
		return nil // the cache is only there to be fast
	}
	return nil
}
