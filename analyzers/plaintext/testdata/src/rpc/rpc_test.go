package rpc

import (
	"testing"

	"google.golang.org/grpc"
)

// Tests of its own do not make the package one for tests.
func TestDial(t *testing.T) {
	grpc.NewClient("payments:50051", grpc.WithInsecure())
}
