// Storefront answers customers' browsers.
package main

import (
	"context"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"example.com/shop/internal/env"
	"example.com/shop/internal/storefront"
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("service", "storefront"))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		slog.Error("storefront ended", "err", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	cfg, err := storefront.ConfigFromEnv()
	if err != nil {
		return err
	}
	lis, err := net.Listen("tcp", env.String("STOREFRONT_ADDR", ":8080"))
	if err != nil {
		return err
	}
	return storefront.Run(ctx, cfg, lis)
}
