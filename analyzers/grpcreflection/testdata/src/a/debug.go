//go:build !production

package main

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"
)

func debugServer() *grpc.Server {
	server := grpc.NewServer()
	reflection.Register(server)
	return server
}
