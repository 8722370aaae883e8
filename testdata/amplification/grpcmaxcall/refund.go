// Package grpcmaxcall gives money back.
package grpcmaxcall

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	paymentsv1 "example.com/shop/api/payments/v1"
)

const patient = `{"methodConfig": [{
	"name": [{}],
	"retryPolicy": {
		"maxAttempts": 8,
		"initialBackoff": "0.001s",
		"maxBackoff": "0.004s",
		"backoffMultiplier": 2,
		"retryableStatusCodes": ["UNAVAILABLE"]
	}
}]}`

type refunds struct {
	conn *grpc.ClientConn
	api  paymentsv1.PaymentsClient
}

func dial(addr string) (*refunds, error) {
	conn, err := grpc.NewClient(addr,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(patient),
		grpc.WithMaxCallAttempts(7),
	)
	if err != nil {
		return nil, fmt.Errorf("payments: %w", err)
	}
	return &refunds{conn: conn, api: paymentsv1.NewPaymentsClient(conn)}, nil
}

// Call gives one charge back.
func Call(ctx context.Context, target string) error {
	r, err := dial(target)
	if err != nil {
		return err
	}
	defer r.conn.Close()
	_, err = r.api.Refund(ctx, &paymentsv1.RefundRequest{ChargeId: "ch-1", RequestId: "rq-1"})
	return err
}
