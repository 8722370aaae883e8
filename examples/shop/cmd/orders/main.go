// Orders takes orders, has them paid and ships them.
package main

import (
	"context"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"example.com/shop/internal/env"
	"example.com/shop/internal/orders"
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("service", "orders"))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		slog.Error("orders ended", "err", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	cfg, err := orders.ConfigFromEnv()
	if err != nil {
		return err
	}
	api, err := net.Listen("tcp", env.String("ORDERS_ADDR", ":8081"))
	if err != nil {
		return err
	}
	inventory, err := net.Listen("tcp", env.String("ORDERS_INVENTORY_ADDR", ":9081"))
	if err != nil {
		return err
	}
	return orders.Run(ctx, cfg, api, inventory)
}
