// Package rpc makes gRPC servers.
package rpc

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
)

func plain() *grpc.Server {
	return grpc.NewServer() // want `no keepalive enforcement policy`
}

func enforced() *grpc.Server {
	return grpc.NewServer(grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{}))
}

func collected() *grpc.Server {
	var opts []grpc.ServerOption
	opts = append(opts, grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{}))
	return grpc.NewServer(opts...)
}

func Unknown(opts ...grpc.ServerOption) *grpc.Server { return grpc.NewServer(opts...) }
