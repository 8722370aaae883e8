// Package stores talks to services by clients that repeat requests.
package stores

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/go-resty/resty/v2"
	"github.com/redis/go-redis/v9"
)

func caches(ctx context.Context) {
	redis.NewClient(&redis.Options{}).Get(ctx, "k")              // want `redis 4 growing, jitter, context`
	redis.NewClient(&redis.Options{MaxRetries: 1}).Get(ctx, "k") // want `redis 2 growing`
	redis.NewClient(&redis.Options{MaxRetries: -1}).Get(ctx, "k")
}

type cache struct{ rdb *redis.Client }

func newCache(retries int) *cache {
	opts := &redis.Options{Addr: "redis:6379"}
	opts.MaxRetries = retries
	return &cache{redis.NewClient(opts)}
}

var sessions = newCache(2)

func (c *cache) get(ctx context.Context) {
	c.rdb.Get(ctx, "k") // want `redis 3 growing`
}

func given(ctx context.Context, rdb *redis.Client) {
	rdb.Get(ctx, "k") // want `redis unknown waits\?, jitter\?, context`
}

func tables(ctx context.Context, in *dynamodb.GetItemInput) error {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	dynamodb.NewFromConfig(cfg).GetItem(ctx, in)                                                       // want `config 3 growing, jitter, context, budget, waits 3s`
	dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.RetryMaxAttempts = 6 }).GetItem(ctx, in) // want `config 6 growing`
	dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }).GetItem(ctx, in)
	return nil
}

func options(ctx context.Context, in *dynamodb.GetItemInput) error {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion("eu"), config.WithRetryMaxAttempts(5))
	if err != nil {
		return err
	}
	dynamodb.NewFromConfig(cfg).GetItem(ctx, in) // want `config 5 growing`
	none, err := config.LoadDefaultConfig(ctx, config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }))
	if err != nil {
		return err
	}
	dynamodb.NewFromConfig(none).GetItem(ctx, in)
	other := aws.Config{RetryMaxAttempts: 2}
	dynamodb.NewFromConfig(other).GetItem(ctx, in) // want `aws 2 growing`
	return nil
}

func requests() {
	resty.New().R().Get("http://payments")
	c := resty.New().SetBaseURL("http://payments").SetRetryCount(3)
	c.R().Get("/")                      // want `resty 4 growing, jitter, context`
	c.R().SetHeader("a", "b").Post("/") // want `resty 4 growing, jitter, context`
	d := resty.New()
	d.SetRetryCount(1)
	d.R().Get("/") // want `resty 2 growing, jitter, context`
	e := resty.New()
	e.RetryCount = 2
	e.R().Get("/") // want `resty 3 growing`
}
