// Package retry has the declarations of github.com/avast/retry-go/v4 that
// fixtures use.
package retry

import (
	"context"
	"time"
)

type (
	Config                       struct{ attempts uint }
	Option                       func(*Config)
	RetryableFunc                func() error
	RetryableFuncWithData[T any] func() (T, error)
	DelayTypeFunc                func(n uint, err error, config *Config) time.Duration
)

func Do(f RetryableFunc, opts ...Option) error { return nil }
func DoWithData[T any](f RetryableFuncWithData[T], opts ...Option) (T, error) {
	var zero T
	return zero, nil
}

func Attempts(n uint) Option                                  { return nil }
func UntilSucceeded() Option                                  { return nil }
func Delay(d time.Duration) Option                            { return nil }
func MaxDelay(d time.Duration) Option                         { return nil }
func MaxJitter(d time.Duration) Option                        { return nil }
func DelayType(f DelayTypeFunc) Option                        { return nil }
func Context(ctx context.Context) Option                      { return nil }
func LastErrorOnly(b bool) Option                             { return nil }
func RetryIf(f func(error) bool) Option                       { return nil }
func OnRetry(f func(n uint, err error)) Option                { return nil }
func CombineDelay(delays ...DelayTypeFunc) DelayTypeFunc      { return nil }
func Unrecoverable(err error) error                           { return nil }
func BackOffDelay(n uint, err error, c *Config) time.Duration { return 0 }
func FixedDelay(n uint, err error, c *Config) time.Duration   { return 0 }
func RandomDelay(n uint, err error, c *Config) time.Duration  { return 0 }
