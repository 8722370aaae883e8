// Package grpcmiddleware lists charges.
package grpcmiddleware

import (
	"context"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"

	paymentsv1 "example.com/shop/api/payments/v1"
)

// Call lists the charges of an order.
func Call(ctx context.Context, target string) error {
	conn, err := grpc.NewClient(target,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithUnaryInterceptor(retry.UnaryClientInterceptor(
			retry.WithMax(4),
			retry.WithCodes(codes.Unavailable, codes.ResourceExhausted),
			retry.WithBackoff(retry.BackoffLinear(time.Millisecond)),
		)),
	)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = paymentsv1.NewPaymentsClient(conn).ListCharges(ctx, &paymentsv1.ListChargesRequest{OrderIds: []string{"o-1"}})
	return err
}
