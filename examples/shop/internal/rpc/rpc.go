// Package rpc holds what the shop's gRPC servers and clients share.
package rpc

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

// Credentials returns what a client of addr needs: nothing on this machine,
// TLS everywhere else. An empty caFile stands for the system's authorities.
func Credentials(addr, caFile string) (credentials.TransportCredentials, error) {
	if loopback(addr) {
		return insecure.NewCredentials(), nil
	}
	if caFile == "" {
		return credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12}), nil
	}
	creds, err := credentials.NewClientTLSFromFile(caFile, "")
	if err != nil {
		return nil, fmt.Errorf("authorities for %s: %w", addr, err)
	}
	return creds, nil
}

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// NewServer returns a server that gives every unary call at most limit and
// turns away clients that ping too often.
func NewServer(limit time.Duration, opts ...grpc.ServerOption) *grpc.Server {
	return grpc.NewServer(append([]grpc.ServerOption{
		grpc.UnaryInterceptor(deadline(limit)),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 20 * time.Second}),
	}, opts...)...)
}

func deadline(limit time.Duration) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		return handle(ctx, req)
	}
}

// Serve answers calls on lis until ctx ends, then lets the calls under way
// finish. It closes lis.
func Serve(ctx context.Context, lis net.Listener, srv *grpc.Server) error {
	go func() {
		<-ctx.Done()
		srv.GracefulStop()
	}()
	slog.Info("serving gRPC", "addr", lis.Addr().String())
	return srv.Serve(lis)
}
