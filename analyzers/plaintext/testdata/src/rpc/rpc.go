// Package rpc makes gRPC channels.
package rpc

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

func direct() {
	grpc.NewClient("payments:50051", grpc.WithTransportCredentials(insecure.NewCredentials())) // want `this gRPC channel sends clear text to payments`
	grpc.NewClient("dns:///payments.shop.svc.cluster.local:50051", grpc.WithInsecure())        // want `to payments\.shop\.svc\.cluster\.local`
}

func fromEnvironment(ctx context.Context) {
	grpc.DialContext(ctx, os.Getenv("PAYMENTS"), grpc.WithInsecure()) // want `to whatever its target names`
}

func Dial(target string) (*grpc.ClientConn, error) {
	creds := insecure.NewCredentials() // want `to whatever its target names`
	opts := []grpc.DialOption{grpc.WithTransportCredentials(creds)}
	opts = append(opts, grpc.WithUserAgent("shop"))
	return grpc.NewClient(target, opts...)
}

// The condition is about the channel, not about its credentials.
func onDemand(target string) {
	if target != "" {
		grpc.NewClient(target, grpc.WithInsecure()) // want `to whatever its target names`
	}
}

// Not reported.

func fine(port string, target string) {
	grpc.NewClient("localhost:50051", grpc.WithTransportCredentials(insecure.NewCredentials()))
	grpc.NewClient("127.0.0.1:50051", grpc.WithInsecure())
	grpc.NewClient(fmt.Sprintf("localhost:%s", port), grpc.WithInsecure())
	grpc.NewClient(":50051", grpc.WithInsecure())
	grpc.NewClient("unix:///run/shop.sock", grpc.WithInsecure())
	grpc.NewClient("passthrough:///bufnet", grpc.WithInsecure(),
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return nil, nil }))
	grpc.NewClient(target, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{})))
}

func Chosen(target string, plain bool) {
	creds := credentials.NewTLS(&tls.Config{})
	if plain {
		creds = insecure.NewCredentials()
	}
	grpc.NewClient(target, grpc.WithTransportCredentials(creds))
}

func Collected(target string, plain bool) {
	var opts []grpc.DialOption
	if plain {
		opts = append(opts, grpc.WithInsecure())
	} else {
		opts = append(opts, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{})))
	}
	grpc.NewClient(target, opts...)
}

func Passed(target string, opts ...grpc.DialOption) { grpc.NewClient(target, opts...) }
