// Package rpc calls generated gRPC clients.
package rpc

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"shop/payments"
)

func unary(ctx context.Context, c payments.PaymentsClient) {
	c.Charge(context.Background(), nil) // want `payments.PaymentsClient.Charge may wait for ever: it sends a request with grpc.ClientConnInterface.Invoke, and context.Background\(\) sets no time limit`
	c.Charge(ctx, nil)
	own, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	c.Charge(own, nil)
}

// A deadline would end the stream: it is meant to stay open.
func stream(c payments.PaymentsClient) {
	c.WatchPayments(context.Background(), nil)
}

func withConn() error {
	conn, err := grpc.NewClient("payments:443")
	if err != nil {
		return err
	}
	_, err = payments.NewPaymentsClient(conn).Charge(context.TODO(), nil) // want `context.TODO\(\) sets no time limit`
	return err
}
