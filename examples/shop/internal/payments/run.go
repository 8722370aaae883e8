package payments

import (
	"context"
	"expvar"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/reflection"

	paymentsv1 "example.com/shop/api/payments/v1"
	"example.com/shop/internal/acquirer"
	"example.com/shop/internal/env"
	"example.com/shop/internal/rpc"
)

// callLimit leaves the clients, which wait for two seconds, time to read the
// answer.
const callLimit = 1900 * time.Millisecond

// Config is what the service needs to know.
type Config struct {
	AcquirerURL      string // empty for the sandbox
	AcquirerAdminURL string // empty for no limits
	OpsAddr          string // where metrics are served; empty for nowhere
	CertFile         string // empty for clear text
	KeyFile          string
}

// ConfigFromEnv reads the configuration.
func ConfigFromEnv() Config {
	return Config{
		AcquirerURL:      env.String("PAYMENTS_ACQUIRER_URL", ""),
		AcquirerAdminURL: env.String("PAYMENTS_ACQUIRER_ADMIN_URL", ""),
		OpsAddr:          env.String("PAYMENTS_OPS_ADDR", ":8082"),
		CertFile:         env.String("PAYMENTS_TLS_CERT_FILE", ""),
		KeyFile:          env.String("PAYMENTS_TLS_KEY_FILE", ""),
	}
}

// Run serves payments on lis until ctx ends.
func Run(ctx context.Context, cfg Config, lis net.Listener) error {
	var opts []grpc.ServerOption
	if cfg.CertFile != "" {
		creds, err := credentials.NewServerTLSFromFile(cfg.CertFile, cfg.KeyFile)
		if err != nil {
			return fmt.Errorf("payments certificate: %w", err)
		}
		opts = append(opts, grpc.Creds(creds))
	}
	var limits acquirer.Limits
	if cfg.AcquirerAdminURL != "" {
		var err error
		if limits, err = acquirer.NewGateway(cfg.AcquirerAdminURL).Limits(ctx); err != nil {
			return err
		}
	}
	if cfg.OpsAddr != "" {
		go serveOps(cfg.OpsAddr)
	}
	srv := rpc.NewServer(callLimit, opts...)
	paymentsv1.RegisterPaymentsServer(srv, NewServer(bank(cfg), limits))
	reflection.Register(srv)
	return rpc.Serve(ctx, lis, srv)
}

func bank(cfg Config) Acquirer {
	if cfg.AcquirerURL == "" {
		return acquirer.Sandbox{}
	}
	return acquirer.New(cfg.AcquirerURL)
}

func serveOps(addr string) {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", expvar.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	slog.Error("operations endpoint ended", "err", http.ListenAndServe(addr, mux))
}
