// Package options makes what other packages dial with.
package options

import (
	"context"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"google.golang.org/grpc"

	"shop/payments"
)

const config = `{"methodConfig": [{"name": [{}], "retryPolicy": {
	"maxAttempts": 3, "initialBackoff": "0.1s", "maxBackoff": "1s",
	"backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`

// Default returns what every client is made with.
func Default(extra ...grpc.DialOption) []grpc.DialOption {
	return append([]grpc.DialOption{grpc.WithDefaultServiceConfig(config), Retrying()}, extra...)
}

// Retrying repeats unary calls.
func Retrying() grpc.DialOption { return grpc.WithChainUnaryInterceptor(Interceptor(), Log) }

// Interceptor repeats unary calls.
func Interceptor() grpc.UnaryClientInterceptor {
	return retry.UnaryClientInterceptor(retry.WithMax(2))
}

// Log only looks on.
func Log(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return invoker(ctx, method, req, reply, cc, opts...)
}

// Dial makes a connection.
func Dial(addr string) (*grpc.ClientConn, error) {
	return grpc.NewClient(addr, Default()...)
}

// DialWith makes a connection with the caller's options.
func DialWith(addr string, extra ...grpc.DialOption) (*grpc.ClientConn, error) {
	opts := append([]grpc.DialOption{grpc.WithInsecure()}, extra...)
	conn, err := grpc.NewClient(addr, opts...)
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// Payments makes a stub.
func Payments(conn *grpc.ClientConn) payments.PaymentsClient { return payments.NewPaymentsClient(conn) }
