// Payments charges and refunds customers.
package main

import (
	"context"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"example.com/shop/internal/env"
	"example.com/shop/internal/payments"
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("service", "payments"))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		slog.Error("payments ended", "err", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	lis, err := net.Listen("tcp", env.String("PAYMENTS_ADDR", ":9082"))
	if err != nil {
		return err
	}
	return payments.Run(ctx, payments.ConfigFromEnv(), lis)
}
