// Package backoff has the declarations of github.com/cenkalti/backoff/v4 that
// fixtures use.
package backoff

import (
	"context"
	"time"
)

type BackOff interface {
	NextBackOff() time.Duration
	Reset()
}

type BackOffContext interface {
	BackOff
	Context() context.Context
}

type (
	Operation                func() error
	OperationWithData[T any] func() (T, error)
	Notify                   func(error, time.Duration)
	ExponentialBackOffOpts   func(*ExponentialBackOff)
)

type ExponentialBackOff struct {
	InitialInterval     time.Duration
	RandomizationFactor float64
	Multiplier          float64
	MaxInterval         time.Duration
	MaxElapsedTime      time.Duration
	Stop                time.Duration
}

func (b *ExponentialBackOff) NextBackOff() time.Duration { return 0 }
func (b *ExponentialBackOff) Reset()                     {}

type ConstantBackOff struct{ Interval time.Duration }

func (b *ConstantBackOff) NextBackOff() time.Duration { return 0 }
func (b *ConstantBackOff) Reset()                     {}

type ZeroBackOff struct{}

func (b *ZeroBackOff) NextBackOff() time.Duration { return 0 }
func (b *ZeroBackOff) Reset()                     {}

type StopBackOff struct{}

func (b *StopBackOff) NextBackOff() time.Duration { return 0 }
func (b *StopBackOff) Reset()                     {}

func NewExponentialBackOff(opts ...ExponentialBackOffOpts) *ExponentialBackOff { return nil }
func NewConstantBackOff(d time.Duration) *ConstantBackOff                      { return nil }
func WithInitialInterval(d time.Duration) ExponentialBackOffOpts               { return nil }
func WithRandomizationFactor(f float64) ExponentialBackOffOpts                 { return nil }
func WithMultiplier(f float64) ExponentialBackOffOpts                          { return nil }
func WithMaxInterval(d time.Duration) ExponentialBackOffOpts                   { return nil }
func WithMaxElapsedTime(d time.Duration) ExponentialBackOffOpts                { return nil }

func WithMaxRetries(b BackOff, max uint64) BackOff              { return nil }
func WithContext(b BackOff, ctx context.Context) BackOffContext { return nil }
func Permanent(err error) error                                 { return nil }
func Retry(o Operation, b BackOff) error                        { return nil }
func RetryNotify(o Operation, b BackOff, n Notify) error        { return nil }
func RetryWithData[T any](o OperationWithData[T], b BackOff) (T, error) {
	var zero T
	return zero, nil
}
