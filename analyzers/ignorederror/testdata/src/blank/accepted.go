package blank

import (
	"context"
	"database/sql"

	"github.com/redis/go-redis/v9"
)

func acceptedAbove(ctx context.Context, rdb *redis.Client) {
	// we don't care set successfully or not
	go rdb.Set(ctx, "k", 1, 0)
	// Failure here doesn’t matter: the next request sets it again.
	rdb.Set(ctx, "k", 1, 0)
	/* whether it works or not */
	rdb.Set(ctx, "k", 1, 0)
	// Warm the cache. This is not
	// critical.
	rdb.Set(ctx, "k", 1, 0)
}

func acceptedBeside(ctx context.Context, rdb *redis.Client, db *sql.DB) {
	rdb.Set(ctx, "k", 1, 0)                      // best-effort
	rdb.Set(ctx, "k", 1, 0)                      //nolint:errcheck
	go db.ExecContext(ctx, "UPDATE t SET a = 1") // fire and forget
	db.ExecContext(
		ctx, "UPDATE t SET a = 1",
	) // errors are ignored on purpose
}

func acceptedBesideAValue(ctx context.Context, db *sql.DB) *sql.Rows {
	// Ignore the error: no rows will do.
	rows, _ := db.QueryContext(ctx, "SELECT name FROM t")
	return rows
}

func acceptedTurnedNil(ctx context.Context, db *sql.DB) error {
	// Non-fatal.
	if _, err := db.ExecContext(ctx, "q"); err != nil {
		return nil
	}
	return nil
}

func acceptedGoroutine(ctx context.Context, db *sql.DB) {
	// Fire and forget.
	go func() {
		println("saving")
		db.ExecContext(ctx, "UPDATE t SET a = 1")
	}()
}

func lostWithPlainComment(ctx context.Context, rdb *redis.Client) {
	// Set the cached value.
	rdb.Set(ctx, "k", 1, 0)
}

func lostWithRefusal(ctx context.Context, rdb *redis.Client) {
	// The error of this must not be ignored.
	rdb.Set(ctx, "k", 1, 0)
}

func lostWithPlan(ctx context.Context, rdb *redis.Client) {
	rdb.Set(ctx, "k", 1, 0) // TODO: error ignored for now
}

func lostIgnoringOther(ctx context.Context, db *sql.DB) *sql.Rows {
	// Customers that asked to be ignored are left out.
	rows, _ := db.QueryContext(ctx, "SELECT name FROM t")
	return rows
}

func lostAfterMark(ctx context.Context, rdb *redis.Client) {
	// Best effort.
	rdb.Set(ctx, "k", 1, 0)

	rdb.Get(ctx, "k")
}

func lostBelowOtherMark(ctx context.Context, rdb *redis.Client) {
	rdb.Set(ctx, "k", 1, 0) // best effort
	rdb.Get(ctx, "k")
}
