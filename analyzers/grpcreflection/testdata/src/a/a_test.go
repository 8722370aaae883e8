package main

import (
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"
)

func TestServer(t *testing.T) {
	reflection.Register(grpc.NewServer())
}
