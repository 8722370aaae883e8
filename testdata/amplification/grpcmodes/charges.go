// Package grpcmodes lists charges.
package grpcmodes

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	paymentsv1 "example.com/shop/api/payments/v1"
)

const serviceConfig = `{
	"methodConfig": [{
		"name": [{"service": "payments.v1.Payments", "method": "ListCharges"}],
		"retryPolicy": {
			"maxAttempts": 4,
			"initialBackoff": "0.001s",
			"maxBackoff": "0.004s",
			"backoffMultiplier": 2,
			"retryableStatusCodes": ["UNAVAILABLE"]
		}
	}]
}`

// Call lists the charges of two orders. The service limits how many lists it
// makes at a time.
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

	const turns = 3
	for turn := 1; ; turn++ {
		_, err := payments.ListCharges(ctx, &paymentsv1.ListChargesRequest{OrderIds: []string{"o-1", "o-2"}})
		if status.Code(err) != codes.ResourceExhausted || turn == turns {
			return err
		}
		time.Sleep(2 * time.Millisecond)
	}
}
