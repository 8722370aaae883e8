package orders

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc/reflection"

	inventoryv1 "example.com/shop/api/inventory/v1"
	"example.com/shop/internal/audit"
	"example.com/shop/internal/carrier"
	"example.com/shop/internal/env"
	"example.com/shop/internal/httpx"
	"example.com/shop/internal/pay"
	"example.com/shop/internal/rpc"
)

const (
	// requestLimit has room for three charges of two seconds each.
	requestLimit      = 8 * time.Second
	inventoryLimit    = time.Second
	reconcileInterval = 5 * time.Minute
	developmentStock  = 100 // pieces of each article
)

// Config is what the service needs to know.
type Config struct {
	PaymentsAddr string
	CAFile       string // who signs payments' certificate; empty for the system's
	CarrierURL   string // empty if nothing is shipped from here
	CarrierToken string
	PrintLabels  bool
	AuditURL     string // empty for production's
	DBDriver     string // empty for orders in memory
	DBSource     string
	Reflection   bool // let gRPC clients list the services
}

// ConfigFromEnv reads the configuration.
func ConfigFromEnv() (Config, error) {
	payments, err := env.Required("ORDERS_PAYMENTS_ADDR")
	if err != nil {
		return Config{}, err
	}
	labels, err := env.Bool("ORDERS_PRINT_LABELS")
	if err != nil {
		return Config{}, err
	}
	reflect, err := env.Bool("ORDERS_GRPC_REFLECTION")
	if err != nil {
		return Config{}, err
	}
	return Config{
		PaymentsAddr: payments,
		CAFile:       env.String("SHOP_CA_FILE", ""),
		CarrierURL:   env.String("ORDERS_CARRIER_URL", ""),
		CarrierToken: env.String("ORDERS_CARRIER_TOKEN", ""),
		PrintLabels:  labels,
		AuditURL:     env.String("ORDERS_AUDIT_URL", ""),
		DBDriver:     env.String("ORDERS_DB_DRIVER", ""),
		DBSource:     env.String("ORDERS_DB_SOURCE", ""),
		Reflection:   reflect,
	}, nil
}

// Run serves the HTTP API on api and the inventory on inventory until ctx ends.
func Run(ctx context.Context, cfg Config, api, inventory net.Listener) error {
	creds, err := rpc.Credentials(cfg.PaymentsAddr, cfg.CAFile)
	if err != nil {
		return err
	}
	payments, err := pay.New(cfg.PaymentsAddr, pay.WithCredentials(creds), pay.WithCallTimeout(2*time.Second))
	if err != nil {
		return err
	}
	defer payments.Close()
	store, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	if c, ok := store.(io.Closer); ok {
		defer c.Close()
	}
	s := &Service{store: store, stock: NewStock(initialStock()), payments: payments, trail: audit.New(cfg.AuditURL)}
	if cfg.CarrierURL != "" {
		s.parcels = newDispatcher(carrier.NewSession(cfg.CarrierURL, cfg.CarrierToken), store, cfg.PrintLabels)
		defer s.parcels.close()
	}
	defer s.reconcileEvery(reconcileInterval)()
	return serve(ctx, cfg, s, api, inventory)
}

// serve runs both servers; when one ends, the other is asked to.
func serve(ctx context.Context, cfg Config, s *Service, api, inventory net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	srv := rpc.NewServer(inventoryLimit)
	inventoryv1.RegisterInventoryServer(srv, s.stock)
	if cfg.Reflection {
		reflection.Register(srv)
	}
	grpcEnded := make(chan error, 1)
	go func() {
		defer stop()
		grpcEnded <- rpc.Serve(ctx, inventory, srv)
	}()
	err := httpx.Serve(ctx, api, httpx.Deadline(requestLimit, s.routes()))
	stop()
	if grpcErr := <-grpcEnded; err == nil {
		err = grpcErr
	}
	return err
}

func openStore(ctx context.Context, cfg Config) (Store, error) {
	if cfg.DBDriver == "" {
		slog.Warn("orders are kept in memory")
		return new(MemoryStore), nil
	}
	store, err := OpenSQL(ctx, cfg.DBDriver, cfg.DBSource)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return store, nil
}

func initialStock() map[string]int {
	pieces := make(map[string]int)
	for _, sku := range []string{"mug-blue", "mug-red", "teapot", "kettle"} {
		pieces[sku] = developmentStock
	}
	return pieces
}
