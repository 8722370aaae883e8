// Package a drops contexts in every way, and keeps them in others.
package a

import (
	"context"
	"database/sql"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"shop/payments"
)

type server struct {
	db  *sql.DB
	pay payments.PaymentsClient
	hc  *http.Client
}

func (s *server) background(w http.ResponseWriter, r *http.Request) {
	s.pay.Charge(context.Background(), nil) // want `context.Background\(\) goes to payments.PaymentsClient.Charge although r is at hand`
	s.pay.Charge(r.Context(), nil)
}

func (s *server) todo(ctx context.Context) error {
	_, err := s.pay.Charge(context.TODO(), nil) // want `context.TODO\(\) goes to .* although ctx is at hand`
	return err
}

func (s *server) bounded(ctx context.Context) error {
	own, cancel := context.WithTimeout(context.Background(), time.Second) // want `context.Background\(\) goes to .* although ctx is at hand`
	defer cancel()
	_, err := s.pay.Charge(own, nil)
	return err
}

func (s *server) query(ctx context.Context) {
	s.db.Query("select 1") // want `\(\*sql.DB\).Query takes no context although ctx is at hand: use QueryContext`
	s.db.QueryContext(ctx, "select 1")
}

func (s *server) request(ctx context.Context) {
	req, _ := http.NewRequest("GET", "https://example.com", nil) // want `http.NewRequest\(\) goes to \(\*http.Client\).Do although ctx is at hand`
	s.hc.Do(req)

	late, _ := http.NewRequest("GET", "https://example.com", nil)
	late = late.WithContext(ctx)
	s.hc.Do(late)
}

func (s *server) wrapper(ctx context.Context) {
	s.charge(context.Background()) // want `context.Background\(\) goes to \(\*a.server\).charge although ctx is at hand`
	s.charge(ctx)
}

func (s *server) charge(ctx context.Context) error {
	_, err := s.pay.Charge(ctx, nil)
	return err
}

func (s *server) group(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		_, err := s.pay.Charge(context.Background(), nil) // want `although ctx is at hand`
		return err
	})
	return g.Wait()
}

// The goroutine ends before the request does.
func (s *server) joined(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		s.pay.Charge(context.Background(), nil) // want `although ctx is at hand`
	}()
	wg.Wait()
}

// What follows is right.

func (s *server) detached(ctx context.Context) {
	go func() {
		s.pay.Charge(context.Background(), nil)
	}()
	go s.charge(context.Background())
	s.pay.Charge(context.WithoutCancel(ctx), nil)
}

func (s *server) said(ctx context.Context) {
	// The audit record must survive the request.
	s.pay.Charge(context.Background(), nil)
}

func (s *server) cleanup(ctx context.Context) {
	defer s.pay.Charge(context.Background(), nil)
	defer func() {
		s.pay.Charge(context.Background(), nil)
	}()
}

func (s *server) shutdown(ctx context.Context) {
	<-ctx.Done()
	s.pay.Charge(context.Background(), nil)
}

func (s *server) fallback(ctx context.Context) {
	if ctx == nil {
		ctx = context.Background()
	}
	s.pay.Charge(ctx, nil)
}

func (s *server) nothingAtHand() {
	s.pay.Charge(context.Background(), nil)
	s.db.Query("select 1")
}

func local(ctx context.Context) int {
	return len(context.Background().Err().Error())
}
