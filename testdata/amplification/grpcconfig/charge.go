// Package grpcconfig charges customers.
package grpcconfig

import (
	"context"
	_ "embed"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	paymentsv1 "example.com/shop/api/payments/v1"
)

//go:embed service_config.json
var serviceConfig string

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
	_, err = paymentsv1.NewPaymentsClient(conn).Charge(ctx, &paymentsv1.ChargeRequest{
		OrderId:  "o-1",
		Amount:   5450,
		Currency: "EUR",
	})
	return err
}
