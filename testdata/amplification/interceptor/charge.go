// Package interceptor reads charges.
package interceptor

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	paymentsv1 "example.com/shop/api/payments/v1"
)

const attempts = 3

// again repeats calls that the server did not answer.
func again(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	var err error
	for attempt := 0; attempt < attempts; attempt++ {
		err = invoker(ctx, method, req, reply, cc, opts...)
		if status.Code(err) != codes.Unavailable {
			return err
		}
		time.Sleep(time.Millisecond << attempt)
	}
	return err
}

// Call reads one charge.
func Call(ctx context.Context, target string) error {
	conn, err := grpc.NewClient(target,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithUnaryInterceptor(again),
	)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = paymentsv1.NewPaymentsClient(conn).GetCharge(ctx, &paymentsv1.GetChargeRequest{ChargeId: "ch-1"})
	return err
}
