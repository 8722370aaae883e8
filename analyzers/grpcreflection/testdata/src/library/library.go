// Package library makes servers for other packages.
package library

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"
)

func NewServer() *grpc.Server {
	server := grpc.NewServer()
	reflection.Register(server) // want `gRPC reflection`
	return server
}

type Orders struct{}

func (o *Orders) Register(server *grpc.Server) {
	server.RegisterService(nil, o)
	reflection.Register(server) // want `gRPC reflection`
}

// EnableReflection is for those who want it.
func EnableReflection(server *grpc.Server) { reflection.Register(server) }

type Options struct{ Reflection bool }

func NewServerWith(opts Options) *grpc.Server {
	server := grpc.NewServer()
	if opts.Reflection {
		reflection.Register(server)
	}
	return server
}
