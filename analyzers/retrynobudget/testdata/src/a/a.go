// Package a holds retries of incoming requests' work.
package a

import (
	"context"
	"net/http"
	"time"

	"shop/payments"
)

type client struct{ http *http.Client }

func (c *client) send(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func (c *client) charge(ctx context.Context, url string) (err error) {
	for range 3 { // want `the retry of c.send has neither a budget nor a circuit breaker: while the peer is down, every request is multiplied`
		if err = c.send(ctx, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func (c *client) handle(w http.ResponseWriter, r *http.Request) {
	if err := c.charge(r.Context(), r.URL.Path); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}

type server struct {
	payments.UnimplementedPaymentsServer
	client *client
}

func (s *server) Charge(ctx context.Context, req *payments.ChargeRequest) (resp *payments.ChargeResponse, err error) {
	for range 3 { // want `the retry of s.client.send has neither`
		if err = s.client.send(ctx, "/charge"); err == nil {
			return &payments.ChargeResponse{}, nil
		}
	}
	return nil, err
}

// Who calls it is not known here.
func (c *client) Deliver(ctx context.Context, url string) (err error) {
	for range 3 {
		if err = c.send(ctx, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func (c *client) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for range 3 { // want `the retry of c.send has neither`
		if err := c.send(r.Context(), r.URL.Path); err == nil {
			return
		}
	}
	http.Error(w, "no luck", http.StatusBadGateway)
}

// One more attempt.
func (c *client) twice(w http.ResponseWriter, r *http.Request) {
	err := c.send(r.Context(), r.URL.Path)
	if err != nil {
		err = c.send(r.Context(), r.URL.Path)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}

type circuitBreaker struct{}

func (*circuitBreaker) Execute(f func() error) error { return f() }

type broken struct {
	client  *client
	breaker *circuitBreaker
}

func (b *broken) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for range 3 {
		if err := b.breaker.Execute(func() error { return b.client.send(r.Context(), r.URL.Path) }); err == nil {
			return
		}
		time.Sleep(time.Second)
	}
}

// What a handler starts goes on without the request.
func (c *client) accept(w http.ResponseWriter, r *http.Request) {
	go c.deliver(context.WithoutCancel(r.Context()), r.URL.Path)
}

func (c *client) deliver(ctx context.Context, url string) (err error) {
	for range 3 {
		if err = c.send(ctx, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}
