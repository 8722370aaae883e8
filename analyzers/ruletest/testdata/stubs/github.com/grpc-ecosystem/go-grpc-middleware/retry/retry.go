// Package grpc_retry has the declarations of
// github.com/grpc-ecosystem/go-grpc-middleware/retry that fixtures use; no body
// does anything.
package grpc_retry

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

type CallOption struct{ grpc.EmptyCallOption }

type (
	BackoffFunc        func(attempt uint) time.Duration
	BackoffFuncContext func(ctx context.Context, attempt uint) time.Duration
)

func Disable() CallOption                                 { return CallOption{} }
func WithMax(maxRetries uint) CallOption                  { return CallOption{} }
func WithBackoff(bf BackoffFunc) CallOption               { return CallOption{} }
func WithBackoffContext(bf BackoffFuncContext) CallOption { return CallOption{} }
func WithCodes(retryCodes ...codes.Code) CallOption       { return CallOption{} }
func WithPerRetryTimeout(timeout time.Duration) CallOption {
	return CallOption{}
}

func BackoffLinear(waitBetween time.Duration) BackoffFunc { return nil }
func BackoffLinearWithJitter(waitBetween time.Duration, jitterFraction float64) BackoffFunc {
	return nil
}
func BackoffExponential(scalar time.Duration) BackoffFunc { return nil }
func BackoffExponentialWithJitter(scalar time.Duration, jitterFraction float64) BackoffFunc {
	return nil
}

func UnaryClientInterceptor(optFuncs ...CallOption) grpc.UnaryClientInterceptor   { return nil }
func StreamClientInterceptor(optFuncs ...CallOption) grpc.StreamClientInterceptor { return nil }
