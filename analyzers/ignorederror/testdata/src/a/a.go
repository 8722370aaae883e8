// Package a has a case for everything that is reported.
package a

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/http"

	"github.com/redis/go-redis/v9"

	"shop/payments"
)

type shop struct {
	db   *sql.DB
	rdb  *redis.Client
	pay  payments.PaymentsClient
	http *http.Client
}

func (s *shop) statement(ctx context.Context, q string) {
	s.db.ExecContext(ctx, q)               // want `the error of s.db.ExecContext is thrown away: if the request fails, nobody learns of it`
	s.pay.Charge(ctx, nil)                 // want `the error of s.pay.Charge is thrown away`
	s.rdb.Set(ctx, "k", 1, 0)              // want `the error of s.rdb.Set is thrown away`
	s.rdb.Pipeline().Exec(ctx)             // want `the error of s.rdb.Pipeline\(\).Exec is thrown away`
	s.save(ctx)                            // want `the error of s.save is thrown away: if the request that it sends \(.*ExecContext\) fails, nobody learns of it`
	go s.save(ctx)                         // want `the error of s.save is lost, for a go statement discards results`
	go func() { s.pay.Charge(ctx, nil) }() // want `the error of s.pay.Charge is thrown away`
	// A comment that says something else.
	s.save(ctx) // want `thrown away`
}

func (s *shop) save(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, "UPDATE t SET a = 1")
	return err
}

func (s *shop) overwritten(ctx context.Context) error {
	_, err := s.pay.Charge(ctx, nil) // want `the error of s.pay.Charge is thrown away`
	_, err = s.db.ExecContext(ctx, "q")
	return err
}

func (s *shop) scanned(ctx context.Context) (n int) {
	s.db.QueryRowContext(ctx, "SELECT 1").Scan(&n) // want `the error of s.db.QueryRowContext is thrown away`
	return n
}

func (s *shop) nothingDone(ctx context.Context) {
	if _, err := s.pay.Charge(ctx, nil); err != nil { // want `the error of s.pay.Charge is thrown away`
	}
}

func (s *shop) turnedNil(ctx context.Context) error {
	if _, err := s.pay.Charge(ctx, nil); err != nil { // want `the error of s.pay.Charge is turned into nil`
		return nil
	}
	_, err := s.db.ExecContext(ctx, "q")
	return err
}

func (s *shop) looksEmpty(ctx context.Context) ([]string, bool, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT name FROM t") // want `the error of s.db.QueryContext is turned into nil`
	if err != nil {
		return nil, false, nil
	}
	defer rows.Close()
	return []string{"a"}, true, rows.Err()
}

func (s *shop) nilAtTheEnd(ctx context.Context) error {
	_, err := s.pay.Charge(ctx, nil) // want `the error of s.pay.Charge is turned into nil`
	if err == nil {
		println("charged")
	}
	return nil
}

func (s *shop) serve(w http.ResponseWriter, r *http.Request) {
	p, err := s.pay.GetPayment(r.Context(), nil) // want `the error of s.pay.GetPayment ends the handler without an answer: the client gets 200 OK with an empty body`
	if err != nil {
		return
	}
	json.NewEncoder(w).Encode(p)
}
