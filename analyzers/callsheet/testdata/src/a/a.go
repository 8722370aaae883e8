package a

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"
)

var client = &http.Client{Timeout: 2 * time.Second}

func itself(req *http.Request) error {
	_, err := client.Do(req) // bounded 2s, returned at 16
	return err
}

func wrapped(req *http.Request) error {
	if req == nil {
		return nil
	}
	resp, err := client.Do(req) // bounded 2s, returned at 25
	if err != nil {
		return fmt.Errorf("wrapped: %w", err)
	}
	defer resp.Body.Close()
	return nil
}

func inLoop(req *http.Request) error {
	var err error
	for range 3 {
		if _, err = client.Do(req); err == nil { // bounded 2s, returned at 38
			return nil
		}
	}
	return err
}

func named(req *http.Request) (err error) {
	defer func() { log.Print("done") }()
	_, err = client.Do(req) // bounded 2s, returned at 44
	return err
}

func replaced(req *http.Request) error {
	_, err := client.Do(req) // bounded 2s, replaced at 50
	if err != nil {
		return errors.New("not today")
	}
	return nil
}

func swallowed(req *http.Request) (*http.Response, error) {
	resp, err := client.Do(req) // bounded 2s, turned into nil at 58
	if err != nil {
		return nil, nil
	}
	return resp, nil
}

func logged(req *http.Request) {
	resp, err := client.Do(req) // bounded 2s, handled at 67
	if err != nil {
		log.Print(err)
		return
	}
	resp.Body.Close()
}

func goesOn(ctx context.Context, req *http.Request) error {
	if _, err := client.Do(req); err != nil { // bounded 2s, handled
		log.Print(err)
	}
	return ctx.Err()
}

func blank(req *http.Request) {
	_, _ = client.Do(req) // bounded 2s, ignored at 80
}

func beside(req *http.Request) {
	go client.Do(req) // bounded 2s, ignored at 84
}

func sent(req *http.Request, errs chan<- error) {
	_, err := client.Do(req) // bounded 2s, unknown
	errs <- err
}

func withContext(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://example.com", nil)
	if err != nil {
		return err
	}
	req.Header.Set("idempotency-key", "k")
	_, err = http.DefaultClient.Do(req) // bounded 1s, returned at 101, key Idempotency-Key at 99
	return err
}

func open(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://example.com", nil)
	if err != nil {
		return err
	}
	_, err = http.DefaultClient.Do(req) // inherits, returned at 110
	return err
}

func unbounded() error {
	_, err := http.Get("https://example.com") // unbounded, returned at 115
	return err
}

type server struct{}

func (s *server) place(w http.ResponseWriter, r *http.Request) {}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {}

func limit(n int, next http.HandlerFunc) http.HandlerFunc { return next }

func routes(s *server, pattern string) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", limit(3, s.place))
	mux.Handle("GET /orders/{id}", http.HandlerFunc(s.place))
	mux.Handle("/all", http.TimeoutHandler(s, time.Second, "late"))
	mux.HandleFunc(pattern, s.place)
	http.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
}
