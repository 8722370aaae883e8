package orders

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"example.com/shop/internal/httpx"
)

const (
	pageSize      = 50
	maxPlacing    = 64 // orders being placed at once; each holds a charge
	lookupTimeout = 2 * time.Second
)

// routes returns the HTTP API that api/openapi/orders.yaml describes.
func (s *Service) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/orders", limit(maxPlacing, s.handlePlace))
	mux.HandleFunc("GET /v1/orders", s.handleList)
	mux.HandleFunc("GET /v1/orders/{id}", s.handleGet)
	mux.HandleFunc("POST /v1/orders/{id}/cancellations", s.handleCancel)
	return mux
}

// limit turns requests away while n are under way.
func limit(n int, next http.HandlerFunc) http.HandlerFunc {
	slots := make(chan struct{}, n)
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
			next(w, r)
		default:
			httpx.WriteProblem(w, http.StatusTooManyRequests, "too many orders are being placed")
		}
	}
}

type newOrder struct {
	CustomerID string `json:"customer_id"`
	Currency   string `json:"currency"`
	Lines      []Line `json:"lines"`
}

// fault says what keeps n from being an order, or "".
func (n newOrder) fault() string {
	if n.CustomerID == "" || len(n.Currency) != 3 || len(n.Lines) == 0 {
		return "customer_id, currency and lines are required"
	}
	for _, l := range n.Lines {
		if l.Quantity < 1 || l.PriceCents < 0 {
			return "quantity and price of " + l.SKU + " must be positive"
		}
	}
	return ""
}

func (s *Service) handlePlace(w http.ResponseWriter, r *http.Request) {
	var wanted newOrder
	if err := httpx.ReadJSON(r.Body, &wanted); err != nil {
		httpx.WriteProblem(w, http.StatusBadRequest, err.Error())
		return
	}
	if fault := wanted.fault(); fault != "" {
		httpx.WriteProblem(w, http.StatusBadRequest, fault)
		return
	}
	o, err := s.Place(r.Context(), Order{CustomerID: wanted.CustomerID, Currency: wanted.Currency, Lines: wanted.Lines})
	if err != nil {
		writeError(w, r, err)
		return
	}
	w.Header().Set("Location", "/v1/orders/"+o.ID)
	httpx.WriteJSON(w, http.StatusCreated, o)
}

func (s *Service) handleList(w http.ResponseWriter, r *http.Request) {
	page, err := s.store.List(r.Context(), r.URL.Query().Get("after"), pageSize)
	if err != nil {
		writeError(w, r, err)
		return
	}
	answer := struct {
		Orders []Order `json:"orders"`
		Next   string  `json:"next,omitempty"`
	}{Orders: page}
	if len(page) == pageSize {
		answer.Next = page[pageSize-1].ID
	}
	httpx.WriteJSON(w, http.StatusOK, answer)
}

// handleGet shows an order and, where payments can say it, how its payment
// stands.
func (s *Service) handleGet(w http.ResponseWriter, r *http.Request) {
	o, err := s.store.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		writeError(w, r, err)
		return
	}
	answer := struct {
		Order
		Payment string `json:"payment,omitempty"`
	}{Order: o}
	if o.ChargeID != "" {
		ctx, cancel := context.WithTimeout(context.Background(), lookupTimeout)
		defer cancel()
		c, err := s.payments.Get(ctx, o.ChargeID)
		if err != nil {
			slog.Warn("payment not shown", "order", o.ID, "err", err)
		} else {
			answer.Payment = c.GetState().String()
		}
	}
	httpx.WriteJSON(w, http.StatusOK, answer)
}

func (s *Service) handleCancel(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		httpx.WriteProblem(w, http.StatusBadRequest, "Idempotency-Key is required")
		return
	}
	o, err := s.Cancel(r.Context(), r.PathValue("id"), key)
	if err != nil {
		writeError(w, r, err)
		return
	}
	httpx.WriteJSON(w, http.StatusOK, o)
}

func writeError(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, ErrNotFound):
		httpx.WriteProblem(w, http.StatusNotFound, err.Error())
	case errors.Is(err, ErrDeclined):
		httpx.WriteProblem(w, http.StatusPaymentRequired, err.Error())
	case errors.Is(err, ErrSoldOut), errors.Is(err, ErrNotCancellable):
		httpx.WriteProblem(w, http.StatusConflict, err.Error())
	default:
		slog.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "err", err)
		w.Header().Set("Retry-After", "2")
		httpx.WriteProblem(w, http.StatusServiceUnavailable, "try again later")
	}
}
