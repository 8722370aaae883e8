// Package grpccap charges customers who wait long.
package grpccap

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	paymentsv1 "example.com/shop/api/payments/v1"
)

const serviceConfig = `{
	"methodConfig": [{
		"name": [{"service": "payments.v1.Payments", "method": "Charge"}],
		"retryPolicy": {
			"maxAttempts": 10,
			"initialBackoff": "0.001s",
			"maxBackoff": "0.005s",
			"backoffMultiplier": 1.5,
			"retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED"]
		}
	}]
}`

// Call charges for one order.
func Call(ctx context.Context, target string) error {
	conn, err := grpc.NewClient(target,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(serviceConfig),
	)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = paymentsv1.NewPaymentsClient(conn).Charge(ctx, &paymentsv1.ChargeRequest{OrderId: "o-2"})
	return err
}
