// Package pay is the client of the payments service.
package pay

import (
	"context"
	"crypto/tls"
	_ "embed"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	paymentsv1 "example.com/shop/api/payments/v1"
)

//go:embed service_config.json
var serviceConfig string

const defaultCallTimeout = 2 * time.Second

// Client talks to the payments service. Its methods may be called concurrently.
type Client struct {
	conn    *grpc.ClientConn
	api     paymentsv1.PaymentsClient
	timeout time.Duration
}

type options struct {
	creds   credentials.TransportCredentials
	timeout time.Duration
}

// An Option changes how a client is made.
type Option func(*options)

// WithCredentials replaces TLS with the system's authorities.
func WithCredentials(creds credentials.TransportCredentials) Option {
	return func(o *options) { o.creds = creds }
}

// WithCallTimeout sets how long one charge or refund may take, two seconds
// unless set.
func WithCallTimeout(d time.Duration) Option {
	return func(o *options) { o.timeout = d }
}

// New returns a client of the payments service at addr. It connects when it
// is first used.
func New(addr string, opts ...Option) (*Client, error) {
	o := options{
		creds:   credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12}),
		timeout: defaultCallTimeout,
	}
	for _, opt := range opts {
		opt(&o)
	}
	conn, err := grpc.NewClient(addr,
		grpc.WithTransportCredentials(o.creds),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 5 * time.Second}),
	)
	if err != nil {
		return nil, fmt.Errorf("payments at %q: %w", addr, err)
	}
	return &Client{conn: conn, api: paymentsv1.NewPaymentsClient(conn), timeout: o.timeout}, nil
}

// Close ends the client's connections.
func (c *Client) Close() error { return c.conn.Close() }

// Charge takes amount, in the currency's smallest unit, from the customer.
// A declined card is a charge in that state and not an error.
func (c *Client) Charge(ctx context.Context, orderID, customerID string, amount int64, currency string) (*paymentsv1.Charge, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	resp, err := c.api.Charge(ctx, &paymentsv1.ChargeRequest{
		OrderId:    orderID,
		CustomerId: customerID,
		Amount:     amount,
		Currency:   currency,
	})
	if err != nil {
		return nil, err
	}
	return resp.GetCharge(), nil
}

// Refund gives a charge back. Calls with the same requestID are one refund.
func (c *Client) Refund(ctx context.Context, chargeID, requestID string) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	_, err := c.api.Refund(ctx, &paymentsv1.RefundRequest{ChargeId: chargeID, RequestId: requestID})
	return err
}

// Get returns one charge. The caller says how long it may take.
func (c *Client) Get(ctx context.Context, chargeID string) (*paymentsv1.Charge, error) {
	resp, err := c.api.GetCharge(ctx, &paymentsv1.GetChargeRequest{ChargeId: chargeID})
	if err != nil {
		return nil, err
	}
	return resp.GetCharge(), nil
}

// List returns the charges of the given orders. With thousands of orders it
// takes a while, so the caller says how long it may.
func (c *Client) List(ctx context.Context, orderIDs []string) ([]*paymentsv1.Charge, error) {
	resp, err := c.api.ListCharges(ctx, &paymentsv1.ListChargesRequest{OrderIds: orderIDs})
	if err != nil {
		return nil, err
	}
	return resp.GetCharges(), nil
}

// Transient tells whether the same call may succeed later.
func Transient(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded:
		return true
	}
	return false
}
