// Package retrier has the declarations of github.com/eapache/go-resiliency
// that fixtures use.
package retrier

import (
	"context"
	"time"
)

type Classifier interface{ Classify(error) int }

type Retrier struct{ n int }

func New(backoff []time.Duration, class Classifier) *Retrier                              { return nil }
func (r *Retrier) WithInfiniteRetry() *Retrier                                            { return r }
func (r *Retrier) SetJitter(jit float64)                                                  {}
func (r *Retrier) Run(work func() error) error                                            { return nil }
func (r *Retrier) RunCtx(ctx context.Context, work func(ctx context.Context) error) error { return nil }
func ConstantBackoff(n int, amount time.Duration) []time.Duration                         { return nil }
func ExponentialBackoff(n int, initialAmount time.Duration) []time.Duration               { return nil }
