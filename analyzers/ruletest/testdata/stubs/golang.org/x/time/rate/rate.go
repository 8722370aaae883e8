// Package rate has the declarations of golang.org/x/time/rate that fixtures use.
package rate

import "context"

type Limit float64

type Limiter struct{ n int }

func NewLimiter(r Limit, b int) *Limiter          { return nil }
func (l *Limiter) Allow() bool                    { return true }
func (l *Limiter) Wait(ctx context.Context) error { return nil }
