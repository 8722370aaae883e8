package a

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/redis/go-redis/v9"

	"shop/payments"
)

func (s *shop) returned(ctx context.Context) (err error) {
	if _, err := s.pay.Charge(ctx, nil); err != nil {
		return fmt.Errorf("charge: %w", err)
	}
	if err := s.rdb.Set(ctx, "k", 1, 0).Err(); err != nil {
		return err
	}
	_, err = s.db.ExecContext(ctx, "q")
	return
}

func (s *shop) transaction(ctx context.Context) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "q"); err != nil {
		tx.Rollback()
		return err
	}
	return tx.Commit()
}

func (s *shop) closed(url string) error {
	resp, err := s.http.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	s.rdb.Close()
	return nil
}

func (s *shop) marked(ctx context.Context) {
	// Losing a point of this metric does no harm.
	_ = s.save(ctx)
	_, _ = s.pay.Charge(ctx, nil) // best effort: the nightly job charges again
}

func (s *shop) markedReturn(ctx context.Context) error {
	if err := s.save(ctx); err != nil {
		return nil // best effort
	}
	return nil
}

func (s *shop) logged(ctx context.Context) error {
	if err := s.save(ctx); err != nil {
		log.Print("save failed")
		return nil
	}
	return nil
}

func (s *shop) fallback(ctx context.Context, old *payments.Payment) (*payments.Payment, error) {
	p, err := s.pay.GetPayment(ctx, nil)
	if err != nil {
		return old, nil
	}
	return p, nil
}

func (s *shop) asValue(ctx context.Context) bool {
	_, err := s.pay.GetPayment(ctx, nil)
	return err == nil
}

func (s *shop) orNothing(ctx context.Context) *payments.Payment {
	p, err := s.pay.GetPayment(ctx, nil)
	if err != nil {
		return nil
	}
	return p
}

func (s *shop) notFound(ctx context.Context, key string) (string, error) {
	v, err := s.rdb.Get(ctx, key).Result()
	if errors.Is(err, redis.Nil) {
		return "", nil
	}
	var n int
	switch err := s.db.QueryRowContext(ctx, "SELECT 1").Scan(&n); err {
	case nil, sql.ErrNoRows:
	default:
		return "", err
	}
	return v, err
}

func (s *shop) again(ctx context.Context) (err error) {
	for range 3 {
		if _, err = s.pay.GetPayment(ctx, nil); err == nil {
			return nil
		}
	}
	return err
}

func (s *shop) another(ctx context.Context) error {
	if err := s.save(ctx); err == nil {
		return nil
	}
	return s.save(ctx)
}

type stats struct{ failed int }

func (s *shop) counted(ctx context.Context, st *stats) error {
	if err := s.save(ctx); err != nil {
		st.failed++
		return nil
	}
	return nil
}

func (s *shop) collected(ctx context.Context, errs chan<- error) {
	go func() { errs <- s.save(ctx) }()
}

func (s *shop) kept(ctx context.Context) error {
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err = s.pay.Charge(ctx, nil)
	}()
	<-done
	return err
}

func (s *shop) deferred(ctx context.Context) {
	defer s.save(ctx) // a possible finding, silent
}

func answered(w http.ResponseWriter, r *http.Request) {
	resp, err := http.Get("u")
	if err != nil {
		http.Error(w, "upstream failed", http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	fmt.Fprintln(w, resp.Status)
	io.Copy(w, resp.Body)
}

func streamed(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusOK)
	resp, err := http.Get("u")
	if err != nil {
		return
	}
	defer resp.Body.Close()
	io.Copy(w, resp.Body)
}
