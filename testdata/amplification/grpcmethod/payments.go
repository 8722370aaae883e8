// Package grpcmethod pays and looks at what was paid.
package grpcmethod

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	paymentsv1 "example.com/shop/api/payments/v1"
)

const serviceConfig = `{
	"methodConfig": [
		{
			"name": [{"service": "payments.v1.Payments"}],
			"retryPolicy": {
				"maxAttempts": 5,
				"initialBackoff": "0.001s",
				"maxBackoff": "0.003s",
				"backoffMultiplier": 2,
				"retryableStatusCodes": ["UNAVAILABLE"]
			}
		},
		{
			"name": [{"service": "payments.v1.Payments", "method": "Charge"}],
			"retryPolicy": {
				"maxAttempts": 2,
				"initialBackoff": "0.001s",
				"maxBackoff": "0.003s",
				"backoffMultiplier": 2,
				"retryableStatusCodes": ["UNAVAILABLE"]
			}
		},
		{
			"name": [{"service": "payments.v1.Payments", "method": "Refund"}]
		}
	]
}`

// Call takes stock of an order's payments.
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

	_, chargeErr := payments.Charge(ctx, &paymentsv1.ChargeRequest{OrderId: "o-4"})
	_, refundErr := payments.Refund(ctx, &paymentsv1.RefundRequest{ChargeId: "ch-0"})
	_, listErr := payments.ListCharges(ctx, &paymentsv1.ListChargesRequest{OrderIds: []string{"o-4"}})
	return errors.Join(chargeErr, refundErr, listErr)
}
