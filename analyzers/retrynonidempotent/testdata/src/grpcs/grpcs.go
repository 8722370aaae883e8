// Package grpcs has connections that repeat calls.
package grpcs

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

func afterDeadline(creds credentials.TransportCredentials) (*grpc.ClientConn, error) {
	return grpc.NewClient("payments:443", grpc.WithTransportCredentials(creds), // want `the connection repeats /pay.v1.Payments/Charge after .*DEADLINE_EXCEEDED`
		grpc.WithDefaultServiceConfig(`{"methodConfig": [{"name": [{"service": "pay.v1.Payments", "method": "Charge"}],
			"retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 2,
			"retryableStatusCodes": ["UNAVAILABLE", "DEADLINE_EXCEEDED"]}}]}`))
}

// UNAVAILABLE is what the server, or its absence, says before it does anything.
func afterUnavailable(creds credentials.TransportCredentials) (*grpc.ClientConn, error) {
	return grpc.NewClient("payments:443", grpc.WithTransportCredentials(creds),
		grpc.WithDefaultServiceConfig(`{"methodConfig": [{"name": [{"service": "pay.v1.Payments", "method": "Charge"}],
			"retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 2,
			"retryableStatusCodes": ["UNAVAILABLE"]}}]}`))
}

// A method that reads may be repeated.
func read(creds credentials.TransportCredentials) (*grpc.ClientConn, error) {
	return grpc.NewClient("payments:443", grpc.WithTransportCredentials(creds),
		grpc.WithDefaultServiceConfig(`{"methodConfig": [{"name": [{"service": "pay.v1.Payments", "method": "GetPayment"}],
			"retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 2,
			"retryableStatusCodes": ["INTERNAL"]}}]}`))
}
