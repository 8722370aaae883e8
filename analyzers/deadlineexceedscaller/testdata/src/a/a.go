// Package a gives calls more time than there is.
package a

import (
	"context"
	"net/http"
	"time"

	"b"

	"shop/payments"
)

const limit = 5 * time.Second

var client = payments.NewPaymentsClient(nil)

// Report: in one function.
func nested(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	inner, stop := context.WithTimeout(ctx, 30*time.Second) // want `this allows 30s under a context that ends after 5s`
	defer stop()
	_, err := client.GetPayment(inner, &payments.GetPaymentRequest{})
	return err
}

// Report: through contexts that end no later.
func derived(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ctx = context.WithValue(ctx, "k", "v")
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ctx, end := context.WithTimeout(ctx, time.Minute) // want `this allows 1m under a context that ends after 5s`
	defer end()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://items.example.com", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// Report: all callers of a function have less.
func callers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return callee(ctx) // want `a.callee allows itself 10s, but the context that it is given here ends after 2s`
}

func callee(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err := client.GetPayment(ctx, &payments.GetPaymentRequest{})
	return err
}

// Report: a function of another package.
func imported(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return b.Slow(ctx, "https://items.example.com") // want `b.Slow allows itself 30s, but the context that it is given here ends after 5s`
}

// Report: a retry elsewhere that needs more time, and one that has enough.
func retried(ctx context.Context) error {
	short, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := b.Retry(short, "https://items.example.com"); err != nil { // want `b.Retry makes its last attempt 8.4s after the first if they hang, but the context that it is given here ends after 5s`
		return err
	}
	long, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	return b.Retry(long, "https://items.example.com")
}

// Report: there is no time for a second attempt.
func hopeless(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for range 3 { // want `one attempt of client.GetPayment may take 10s, and all attempts together no more than 5s`
		try, stop := context.WithTimeout(ctx, 10*time.Second)
		_, err = client.GetPayment(try, &payments.GetPaymentRequest{})
		stop()
		if err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

// Report: equal limits leave no time either.
func equal(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for range 3 { // want `one attempt of client.GetPayment may take 5s, and all attempts together no more than 5s`
		try, stop := context.WithTimeout(ctx, limit)
		_, err = client.GetPayment(try, &payments.GetPaymentRequest{})
		stop()
		if err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

// Report: the last attempts come too late if the first ones hang.
func late(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for range 5 { // want `5 attempts of client.GetPayment of up to 4s each, with their waits, take longer than the 10s`
		try, stop := context.WithTimeout(ctx, 4*time.Second)
		_, err = client.GetPayment(try, &payments.GetPaymentRequest{})
		stop()
		if err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

// Report: the waits alone take longer.
func waits(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for range 4 { // want `the waits between the 4 attempts of client.GetPayment add up to 6s, and all of it may take no more than 5s`
		_, err = client.GetPayment(ctx, &payments.GetPaymentRequest{})
		if err == nil {
			return nil
		}
		time.Sleep(2 * time.Second)
	}
	return err
}

// Not: what fits.
func fits(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for range 3 {
		try, stop := context.WithTimeout(ctx, 3*time.Second)
		_, err = client.GetPayment(try, &payments.GetPaymentRequest{})
		stop()
		if err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

// Not: less under more, and as much.
func less(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	inner, stop := context.WithTimeout(ctx, limit)
	defer stop()
	if _, err := client.GetPayment(inner, &payments.GetPaymentRequest{}); err != nil {
		return err
	}
	same, end := context.WithTimeout(ctx, 30*time.Second)
	defer end()
	_, err := client.GetPayment(same, &payments.GetPaymentRequest{})
	return err
}

// Not: detached.
func detached(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	inner, stop := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer stop()
	if _, err := client.GetPayment(inner, &payments.GetPaymentRequest{}); err != nil {
		return err
	}
	return b.Detached(ctx, "https://items.example.com")
}

// Not: a length that is not known.
func unknown(ctx context.Context, d time.Duration, quick bool) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	if err := b.Slow(ctx, "https://items.example.com"); err != nil {
		return err
	}
	two := time.Minute
	if quick {
		two = time.Second
	}
	two2, stop := context.WithTimeout(ctx, two)
	defer stop()
	if err := b.Slow(two2, "https://items.example.com"); err != nil {
		return err
	}
	three, end := context.WithTimeout(ctx, time.Second)
	defer end()
	return b.Given(three, "https://items.example.com", time.Minute)
}

// Not: a client for other calls too.
func patient(ctx context.Context) error {
	c := &http.Client{Timeout: time.Minute}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://items.example.com", nil)
	if err != nil {
		return err
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// Not: no request.
func local(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	inner, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	<-inner.Done()
}

// Not: either context may come.
func either(ctx context.Context, quick bool) error {
	outer := ctx
	if quick {
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		outer = short
	}
	inner, stop := context.WithTimeout(outer, 30*time.Second)
	defer stop()
	_, err := client.GetPayment(inner, &payments.GetPaymentRequest{})
	return err
}
