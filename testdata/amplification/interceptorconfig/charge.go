// Package interceptorconfig reads charges from a region that comes and goes.
package interceptorconfig

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	paymentsv1 "example.com/shop/api/payments/v1"
)

const serviceConfig = `{
	"methodConfig": [{
		"name": [{"service": "payments.v1.Payments"}],
		"retryPolicy": {
			"maxAttempts": 3,
			"initialBackoff": "0.001s",
			"maxBackoff": "0.004s",
			"backoffMultiplier": 2,
			"retryableStatusCodes": ["UNAVAILABLE"]
		}
	}]
}`

// secondChance returns an interceptor that repeats a failed call once, after
// a pause.
func secondChance(pause time.Duration) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		err := invoker(ctx, method, req, reply, cc, opts...)
		if err == nil {
			return nil
		}
		time.Sleep(pause)
		return invoker(ctx, method, req, reply, cc, opts...)
	}
}

// Call reads one charge.
func Call(ctx context.Context, target string) error {
	conn, err := grpc.NewClient(target,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithChainUnaryInterceptor(secondChance(2*time.Millisecond)),
	)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = paymentsv1.NewPaymentsClient(conn).GetCharge(ctx, &paymentsv1.GetChargeRequest{ChargeId: "ch-1"})
	return err
}
