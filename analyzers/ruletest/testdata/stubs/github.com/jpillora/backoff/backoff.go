// Package backoff has the declarations of github.com/jpillora/backoff that
// fixtures use.
package backoff

import "time"

type Backoff struct {
	Factor   float64
	Jitter   bool
	Min, Max time.Duration
}

func (b *Backoff) Duration() time.Duration                  { return 0 }
func (b *Backoff) ForAttempt(attempt float64) time.Duration { return 0 }
func (b *Backoff) Reset()                                   {}
