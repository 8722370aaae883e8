// Package retry has the declarations of
// github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry that
// fixtures use; no body does anything.
package retry

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

type CallOption struct{ grpc.EmptyCallOption }

type (
	BackoffFunc     func(ctx context.Context, attempt uint) time.Duration
	RetriableFunc   func(err error) bool
	OnRetryCallback func(ctx context.Context, attempt uint, err error)
)

func Disable() CallOption                                  { return CallOption{} }
func WithMax(maxRetries uint) CallOption                   { return CallOption{} }
func WithBackoff(bf BackoffFunc) CallOption                { return CallOption{} }
func WithOnRetryCallback(fn OnRetryCallback) CallOption    { return CallOption{} }
func WithCodes(retryCodes ...codes.Code) CallOption        { return CallOption{} }
func WithPerRetryTimeout(timeout time.Duration) CallOption { return CallOption{} }
func WithRetriable(retriableFunc RetriableFunc) CallOption { return CallOption{} }

func BackoffLinear(waitBetween time.Duration) BackoffFunc { return nil }
func BackoffLinearWithJitter(waitBetween time.Duration, jitterFraction float64) BackoffFunc {
	return nil
}
func BackoffExponential(scalar time.Duration) BackoffFunc { return nil }
func BackoffExponentialWithJitter(scalar time.Duration, jitterFraction float64) BackoffFunc {
	return nil
}
func BackoffExponentialWithJitterBounded(scalar time.Duration, jitterFrac float64, maxBound time.Duration) BackoffFunc {
	return nil
}

func UnaryClientInterceptor(optFuncs ...CallOption) grpc.UnaryClientInterceptor   { return nil }
func StreamClientInterceptor(optFuncs ...CallOption) grpc.StreamClientInterceptor { return nil }
