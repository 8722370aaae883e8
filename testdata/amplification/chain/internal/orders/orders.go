// Package orders is the orders service.
package orders

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const chargeAttempts = 3

// A Server takes orders and charges for them.
type Server struct {
	payments string
	client   *http.Client
}

// NewServer returns a server that charges through the service at payments.
func NewServer(payments string) *Server {
	return &Server{payments: payments, client: &http.Client{Timeout: 150 * time.Millisecond}}
}

// Handler returns the routes.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/orders", s.place)
	return mux
}

func (s *Server) place(w http.ResponseWriter, r *http.Request) {
	order, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := s.charge(r.Context(), string(order)); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

func (s *Server) charge(ctx context.Context, order string) error {
	var err error
	for attempt := 0; attempt < chargeAttempts; attempt++ {
		if err = s.post(ctx, order); err == nil {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return err
}

func (s *Server) post(ctx context.Context, order string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.payments+"/v1/charges", strings.NewReader(order))
	if err != nil {
		return err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("charge: %s", resp.Status)
	}
	return nil
}
