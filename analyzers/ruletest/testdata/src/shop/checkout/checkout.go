// Package checkout calls a service through each kind of stub.
package checkout

import (
	"context"
	"net/http"

	"connectrpc.com/connect"
	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"shop/payments"
	"shop/payments/paymentsconnect"
)

func overGRPC(ctx context.Context) error {
	conn, err := grpc.NewClient("payments:50051", // want `calls google.golang.org/grpc.NewClient`
		grpc.WithTransportCredentials(insecure.NewCredentials())) // want `calls .*grpc.WithTransportCredentials` `calls .*insecure.NewCredentials`
	if err != nil {
		return err
	}
	client := payments.NewPaymentsClient(conn)             // want `calls shop/payments.NewPaymentsClient`
	_, err = client.Charge(ctx, &payments.ChargeRequest{}) // want `calls \(shop/payments.PaymentsClient\).Charge`
	return err
}

func overConnect(ctx context.Context) error {
	client := paymentsconnect.NewPaymentsClient(http.DefaultClient, "http://payments") // want `calls shop/payments/paymentsconnect.NewPaymentsClient`
	_, err := client.Charge(ctx, connect.NewRequest(&payments.ChargeRequest{}))        // want `calls .*PaymentsClient\).Charge` `calls connectrpc.com/connect.NewRequest`
	return err
}

func cached(ctx context.Context, rdb *redis.Client) string {
	return rdb.Get(ctx, "order").Val() // want `calls \(github.com/redis/go-redis/v9.cmdable\).Get` `calls .*StringCmd\).Val`
}
