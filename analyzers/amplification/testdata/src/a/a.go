// Package a has functions that send one request more or less often.
package a

import (
	"context"
	"net/http"
	"time"

	"peer"
)

// Twelve tries 3 × 4 times.
func Twelve(ctx context.Context, url string) (err error) { // want `Twelve turns one request into 12 while .* fails \(attempts: 3 by the loop in Twelve × 4 by the loop in Four\)`
	for range 3 {
		if err = peer.Four(ctx, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// Wrapper adds nothing.
func Wrapper(ctx context.Context, url string) error { return Twelve(ctx, url) }

// Double adds a factor of 2.
func Double(ctx context.Context, url string) error { // want `Double turns one request into 24`
	err := Twelve(ctx, url)
	if err != nil {
		err = Twelve(ctx, url)
	}
	return err
}

// Each sends to many, to each of them up to 4 times.
func Each(ctx context.Context, urls []string) error {
	for _, u := range urls {
		if err := peer.Four(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

// Ten sends ten requests, each once.
func Ten(ctx context.Context, url string) error {
	for range 10 {
		if err := peer.Once(ctx, url); err != nil {
			return err
		}
	}
	return nil
}

// Two sends two different requests, each 4 times.
func Two(ctx context.Context) error {
	if err := peer.Four(ctx, "https://example.com/a"); err != nil {
		return err
	}
	return peer.Four(ctx, "https://example.com/b")
}

// Six is no function that others can call.
func six(ctx context.Context, url string) (err error) {
	for range 6 {
		if err = peer.Once(ctx, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// First leads to it, and so does Second.
func First(ctx context.Context) error { // want `First turns one request into 6 while .* \(attempts: 6 by the loop in six\), and so does another function`
	return six(ctx, "https://example.com/a")
}

// Second is reported with First.
func Second(ctx context.Context) error { return six(ctx, "https://example.com/a") }

// Endless has no limit, which another rule reports.
func Endless(ctx context.Context, url string) {
	for {
		if peer.Once(ctx, url) == nil {
			return
		}
		time.Sleep(time.Second)
	}
}

type server struct{ url string }

func (s *server) serve(w http.ResponseWriter, r *http.Request) { // want `serve turns one request into 7`
	var err error
	for range 7 {
		if err = peer.Once(r.Context(), s.url); err == nil {
			return
		}
		time.Sleep(time.Second)
	}
	http.Error(w, err.Error(), http.StatusBadGateway)
}
