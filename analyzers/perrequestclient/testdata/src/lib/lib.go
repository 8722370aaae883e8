// Package lib is a library: what it makes for one call is likely, not proven,
// to be made for each request.
package lib

import (
	"context"
	"database/sql"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"google.golang.org/grpc"

	"shop/payments"
)

type Client struct {
	http *http.Client
	conn *grpc.ClientConn
	db   *sql.DB
}

func NewClient() *Client { // want NewClient:`makes http.Transport`
	t := &http.Transport{MaxIdleConns: 10}
	c := &Client{http: &http.Client{Transport: t}}
	return c
}

func Charge(ctx context.Context, addr string) error {
	conn, err := grpc.NewClient(addr) // want `grpc.NewClient makes a connection pool for each call of Charge: no connection is used twice, and each costs a handshake$`
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = payments.NewPaymentsClient(conn).Charge(ctx, nil)
	return err
}

func (c *Client) Names(ctx context.Context) error {
	db, err := sql.Open("postgres", "dsn") // want `sql.Open makes a connection pool for each call of Names: no connection is used twice, and each costs a handshake; nothing closes it either`
	if err != nil {
		return err
	}
	return names(ctx, db)
}

func names(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "SELECT 1")
	return err
}

func Fetch(url string) (*http.Response, error) {
	c := http.Client{Transport: &http.Transport{}} // want `http.Transport makes a connection pool for each call of Fetch: no connection is used twice, and each costs a handshake; nothing closes it either`
	return c.Get(url)
}

func FetchThroughOwn(url string) (*http.Response, error) {
	return NewClient().http.Get(url) // want `NewClient \(http.Transport\) makes a connection pool for each call of FetchThroughOwn`
}

func Put(ctx context.Context) error {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	_, err = dynamodb.NewFromConfig(cfg).PutItem(ctx, nil) // want `dynamodb.NewFromConfig makes a connection pool for each call of Put`
	return err
}

func (c *Client) Put(ctx context.Context) error {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(c.http))
	if err != nil {
		return err
	}
	_, err = dynamodb.NewFromConfig(cfg).PutItem(ctx, nil)
	return err
}

func Shared(url string) (*http.Response, error) {
	return (&http.Client{}).Get(url)
}

func Default(url string) (*http.Response, error) {
	c := &http.Client{Transport: http.DefaultTransport}
	return c.Get(url)
}

func Unpooled(url string) (*http.Response, error) {
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return c.Get(url)
}

func (c *Client) reconnect(ctx context.Context, addr string) error {
	conn, err := grpc.NewClient(addr)
	if err != nil {
		return err
	}
	c.conn = conn
	_, err = payments.NewPaymentsClient(conn).Charge(ctx, nil)
	return err
}

func (c *Client) Lazy(ctx context.Context) error {
	if c.db == nil {
		db, err := sql.Open("postgres", "dsn")
		if err != nil {
			return err
		}
		c.db = db
	}
	return names(ctx, c.db)
}

var (
	once   sync.Once
	shared *sql.DB
	pool   = sync.OnceValue(func() *sql.DB {
		db, _ := sql.Open("postgres", "dsn")
		return db
	})
)

func Once(ctx context.Context) error {
	once.Do(func() { shared, _ = sql.Open("postgres", "dsn") })
	if err := names(ctx, pool()); err != nil {
		return err
	}
	return names(ctx, shared)
}

func Migrate(ctx context.Context, dsn string) error {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	return names(ctx, db)
}

func Consume(ctx context.Context, jobs <-chan string) error {
	db, err := sql.Open("postgres", "dsn")
	if err != nil {
		return err
	}
	defer db.Close()
	for range jobs {
		if err := names(ctx, db); err != nil {
			return err
		}
	}
	select {}
}

// PerformHealthCheck connects anew on purpose.
func PerformHealthCheck(ctx context.Context, addr string) error {
	conn, err := grpc.NewClient(addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = payments.NewPaymentsClient(conn).Charge(ctx, nil)
	return err
}

func Shopping(ctx context.Context, addr string) error {
	conn, err := grpc.NewClient(addr) // want `grpc.NewClient makes a connection pool for each call of Shopping`
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = payments.NewPaymentsClient(conn).Charge(ctx, nil)
	return err
}

func Maybe(ctx context.Context, addr string, fast bool) error {
	if fast {
		return nil
	}
	conn, err := grpc.NewClient(addr) // want `grpc.NewClient may make a connection pool for each call of Maybe`
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = payments.NewPaymentsClient(conn).Charge(ctx, nil)
	return err
}
