// Package grpcloop charges customers, and does not give up easily.
package grpcloop

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

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

const chargeAttempts = 4

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
	payments := paymentsv1.NewPaymentsClient(conn)

	for attempt := 1; attempt <= chargeAttempts; attempt++ {
		_, err = payments.Charge(ctx, &paymentsv1.ChargeRequest{OrderId: "o-5"})
		if code := status.Code(err); code != codes.Unavailable && code != codes.DeadlineExceeded {
			return err
		}
		time.Sleep(time.Duration(attempt) * time.Millisecond)
	}
	return fmt.Errorf("charge: %w", err)
}
