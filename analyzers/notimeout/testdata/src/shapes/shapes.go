// Package shapes has contexts and clients in unusual places.
package shapes

import (
	"context"
	"net/http"
	"time"
)

type doer interface {
	Do(*http.Request) (*http.Response, error)
}

type viaInterface struct{ doer doer }

func newViaInterface() *viaInterface { return &viaInterface{doer: http.DefaultClient} }

func (v *viaInterface) get() {
	req, _ := http.NewRequest("GET", "https://example.com", nil)
	v.doer.Do(req) // want `shapes.doer.Do may wait for ever`
}

type boundedInterface struct{ doer doer }

func newBoundedInterface() *boundedInterface {
	return &boundedInterface{doer: &http.Client{Timeout: time.Second}}
}

func (v *boundedInterface) get() {
	req, _ := http.NewRequest("GET", "https://example.com", nil)
	v.doer.Do(req)
}

type worker struct {
	ctx    context.Context
	cancel context.CancelFunc
}

func newWorker() *worker {
	w := &worker{}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return w
}

func (w *worker) run() {
	req, _ := http.NewRequestWithContext(w.ctx, "GET", "https://example.com", nil)
	http.DefaultClient.Do(req) // want `neither context.Background\(\) nor http.DefaultClient sets a time limit`
}

func get(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return err
	}
	_, err = http.DefaultClient.Do(req)
	return err
}

func loop(urls []string) {
	ctx := context.Background()
	for _, u := range urls {
		get(ctx, u) // want `shapes.get may wait for ever`
	}
	for _, u := range urls {
		func() {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			get(ctx, u)
		}()
	}
}

// A generic wrapper is summarised like any other.
func call[T any](ctx context.Context, v T) error { return get(ctx, "https://example.com") }

func generic(ctx context.Context) {
	call(context.Background(), 1) // want `shapes.call may wait for ever`
	call(ctx, "x")
}

// transport sets its own limit, which cannot be seen from here.
type transport struct{ next http.RoundTripper }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	return t.next.RoundTrip(r.WithContext(ctx))
}

func recursive(ctx context.Context, n int) error {
	if n == 0 {
		return get(ctx, "https://example.com")
	}
	return recursive(ctx, n-1)
}

func callsRecursive() {
	recursive(context.Background(), 3) // want `shapes.recursive may wait for ever`
}
