package a

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// A pipeline only queues; Exec sends, and has the error.
func queued(ctx context.Context, rdb *redis.Client) error {
	pipe := rdb.Pipeline()
	pipe.Set(ctx, "k", 1, 0)
	_, err := pipe.Exec(ctx)
	return err
}
