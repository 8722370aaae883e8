// Package grpcdisabled charges customers behind a mesh that repeats.
package grpcdisabled

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	paymentsv1 "example.com/shop/api/payments/v1"
)

const serviceConfig = `{
	"methodConfig": [{
		"name": [{"service": "payments.v1.Payments"}],
		"retryPolicy": {
			"maxAttempts": 4,
			"initialBackoff": "0.001s",
			"maxBackoff": "0.005s",
			"backoffMultiplier": 2,
			"retryableStatusCodes": ["UNAVAILABLE"]
		}
	}]
}`

// Call charges for one order.
func Call(ctx context.Context, target string) error {
	conn, err := grpc.NewClient(target,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithDisableRetry(),
	)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = paymentsv1.NewPaymentsClient(conn).Charge(ctx, &paymentsv1.ChargeRequest{OrderId: "o-3"})
	return err
}
