// Package again repeats what failed.
package again

import (
	"context"
	"errors"
	"time"
)

// ErrPermanent marks failures that another attempt does not cure.
var ErrPermanent = errors.New("permanent")

// Do calls f until it returns nil or an error that wraps ErrPermanent, at most
// attempts times. It waits between the calls, each time twice as long.
func Do(ctx context.Context, attempts int, f func(context.Context) error) error {
	wait := time.Millisecond
	var errs []error
	for attempt := 1; attempt <= attempts; attempt++ {
		err := f(ctx)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
		if errors.Is(err, ErrPermanent) || attempt == attempts {
			break
		}
		if err := sleep(ctx, wait); err != nil {
			errs = append(errs, err)
			break
		}
		wait *= 2
	}
	return errors.Join(errs...)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
