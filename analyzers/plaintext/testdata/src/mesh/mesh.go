// Package mesh is checked with mesh-encrypts.
package mesh

import (
	"net/http"

	"google.golang.org/grpc"
)

func calls() {
	http.Get("http://orders/v1/orders")
	grpc.NewClient("payments:50051", grpc.WithInsecure())
}
