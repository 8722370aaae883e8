// Package grpc_middleware has the declarations of
// github.com/grpc-ecosystem/go-grpc-middleware that fixtures use; no body does
// anything.
package grpc_middleware

import "google.golang.org/grpc"

func ChainUnaryClient(interceptors ...grpc.UnaryClientInterceptor) grpc.UnaryClientInterceptor {
	return nil
}

func ChainStreamClient(interceptors ...grpc.StreamClientInterceptor) grpc.StreamClientInterceptor {
	return nil
}
