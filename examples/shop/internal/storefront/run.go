package storefront

import (
	"context"
	"net"
	"time"

	"example.com/shop/internal/env"
	"example.com/shop/internal/httpx"
	"example.com/shop/internal/orderapi"
	"example.com/shop/internal/rates"
	"example.com/shop/internal/rpc"
	"example.com/shop/internal/stock"
)

const (
	// requestLimit has room for three orders of three seconds each.
	requestLimit    = 12 * time.Second
	trackingTimeout = 2 * time.Second
	ratesInterval   = 15 * time.Minute
)

// Config is what the service needs to know.
type Config struct {
	OrdersURL     string
	InventoryAddr string // empty for production's
	PaymentsAddr  string
	CAFile        string // who signs payments' certificate; empty for the system's
	RatesURL      string // empty for production's
	TrackingURL   string
}

// ConfigFromEnv reads the configuration.
func ConfigFromEnv() (Config, error) {
	orders, err := env.Required("STOREFRONT_ORDERS_URL")
	if err != nil {
		return Config{}, err
	}
	payments, err := env.Required("STOREFRONT_PAYMENTS_ADDR")
	if err != nil {
		return Config{}, err
	}
	return Config{
		OrdersURL:     orders,
		InventoryAddr: env.String("STOREFRONT_INVENTORY_ADDR", ""),
		PaymentsAddr:  payments,
		CAFile:        env.String("SHOP_CA_FILE", ""),
		RatesURL:      env.String("STOREFRONT_RATES_URL", ""),
		TrackingURL:   env.String("STOREFRONT_TRACKING_URL", "https://tracking.carrier.example"),
	}, nil
}

// Run serves browsers on lis until ctx ends.
func Run(ctx context.Context, cfg Config, lis net.Listener) error {
	creds, err := rpc.Credentials(cfg.PaymentsAddr, cfg.CAFile)
	if err != nil {
		return err
	}
	inventory, err := stock.Dial(cfg.InventoryAddr)
	if err != nil {
		return err
	}
	defer inventory.Close()
	table := rates.New(cfg.RatesURL)
	defer table.KeepFresh(ratesInterval)()
	s := &Server{
		orders:       orderapi.New(cfg.OrdersURL),
		stock:        inventory,
		rates:        table,
		tracking:     httpx.NewClient(trackingTimeout),
		trackingURL:  cfg.TrackingURL,
		paymentsAddr: cfg.PaymentsAddr,
		paymentsTLS:  creds,
	}
	return httpx.Serve(ctx, lis, httpx.Deadline(requestLimit, s.routes()))
}
