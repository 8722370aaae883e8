// Package chans calls over connections.
package chans

import (
	"context"

	"google.golang.org/grpc"

	"options"
	"shop/ledger"
	"shop/payments"
)

const config = `{"methodConfig": [{"name": [{}], "retryPolicy": {
	"maxAttempts": 3, "initialBackoff": "0.1s", "maxBackoff": "1s",
	"backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`

type Client struct {
	conn *grpc.ClientConn
	api  payments.PaymentsClient
}

func New(addr string) (*Client, error) {
	conn, err := grpc.NewClient(addr, grpc.WithDefaultServiceConfig(config))
	if err != nil {
		return nil, err
	}
	return &Client{conn: conn, api: payments.NewPaymentsClient(conn)}, nil
}

func (c *Client) Charge(ctx context.Context) {
	c.api.Charge(ctx, nil)                                  // want `^/shop.payments.v1.Payments/Charge over chans.go:24$`
	c.api.WatchPayments(ctx, nil)                           // want `^/shop.payments.v1.Payments/WatchPayments over chans.go:24$`
	c.conn.Invoke(ctx, "/a.B/C", nil, nil)                  // want `^/a.B/C over chans.go:24$`
	payments.NewPaymentsClient(c.conn).GetPayment(ctx, nil) // want `^/shop.payments.v1.Payments/GetPayment over chans.go:24$`
	grpc.Invoke(ctx, "/a.B/C", nil, nil, c.conn)            // want `^/a.B/C over chans.go:24$`
}

func local(ctx context.Context) {
	conn, err := grpc.NewClient("a")
	if err != nil {
		return
	}
	l := ledger.NewLedgerClient(conn)
	l.Post(ctx, nil)       // want `^/shop.ledger.v1.Ledger/Post over chans.go:40$`
	l.GetBalance(ctx, nil) // want `^/shop.ledger.v1.Ledger/get_balance over chans.go:40$`
}

var shared = payments.NewPaymentsClient(must(grpc.NewClient("a")))

func must(conn *grpc.ClientConn, err error) *grpc.ClientConn {
	if err != nil {
		panic(err)
	}
	return conn
}

func global(ctx context.Context) {
	shared.Charge(ctx, nil) // want `over chans.go:49$`
}

func given(ctx context.Context, conn *grpc.ClientConn, api ledger.LedgerClient) {
	payments.NewPaymentsClient(conn).Charge(ctx, nil) // want `over unknown$`
	api.Post(ctx, nil)                                // want `/Post over unknown$`
}

func either(ctx context.Context, retry bool) {
	var conn *grpc.ClientConn
	if retry {
		conn, _ = grpc.NewClient("a", grpc.WithDefaultServiceConfig(config))
	} else {
		conn, _ = grpc.NewClient("a")
	}
	payments.NewPaymentsClient(conn).Charge(ctx, nil) // want `over chans.go:70$`
}

func same(ctx context.Context, tls bool) {
	var conn *grpc.ClientConn
	if tls {
		conn, _ = grpc.NewClient("a", grpc.WithDefaultServiceConfig(config))
	} else {
		conn, _ = grpc.NewClient("a", grpc.WithDefaultServiceConfig(config), grpc.WithInsecure())
	}
	payments.NewPaymentsClient(conn).Charge(ctx, nil) // want `over chans.go:80$`
}

func elsewhere(ctx context.Context) {
	conn, _ := options.Dial("a")
	payments.NewPaymentsClient(conn).Charge(ctx, nil) // want `over options.go:37$`
	own, _ := grpc.NewClient("a")
	options.Payments(own).Charge(ctx, nil) // want `over chans.go:90$`
}

func incomparable(ctx context.Context, n int) {
	var conn *grpc.ClientConn
	if n > 1 {
		conn, _ = grpc.NewClient("a", grpc.WithDefaultServiceConfig(config))
	} else {
		conn, _ = options.Dial("a")
	}
	payments.NewPaymentsClient(conn).Charge(ctx, nil) // want `over unknown$`
}

type wrapper struct{ grpc.ClientConnInterface }

func wrapped(ctx context.Context) {
	conn, _ := grpc.NewClient("a")
	payments.NewPaymentsClient(wrapper{conn}).Charge(ctx, nil)  // want `over unknown$`
	payments.NewPaymentsClient(&wrapper{conn}).Charge(ctx, nil) // want `over unknown$`
}

type embedded struct{ payments.PaymentsClient }

func newEmbedded(conn *grpc.ClientConn) *embedded {
	return &embedded{payments.NewPaymentsClient(conn)}
}

func promoted(ctx context.Context) {
	conn, _ := grpc.NewClient("a")
	e := newEmbedded(conn)
	e.Charge(ctx, nil) // want `over chans.go:119$`
}

func captured(ctx context.Context) {
	conn, _ := grpc.NewClient("a")
	api := payments.NewPaymentsClient(conn)
	go func() {
		api.Charge(ctx, nil) // want `over chans.go:125$`
	}()
}

func dialers(ctx context.Context) {
	conn, _ := options.DialWith("a", grpc.WithDefaultServiceConfig(config))
	payments.NewPaymentsClient(conn).Charge(ctx, nil) // want `over chans.go:133$`
}
