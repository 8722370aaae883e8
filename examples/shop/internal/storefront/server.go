// Package storefront is what customers' browsers talk to.
package storefront

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	paymentsv1 "example.com/shop/api/payments/v1"
	"example.com/shop/internal/httpx"
	"example.com/shop/internal/orderapi"
	"example.com/shop/internal/rates"
	"example.com/shop/internal/stock"
)

// Server answers the browsers.
type Server struct {
	orders       *orderapi.Client
	stock        *stock.Client
	rates        *rates.Table
	tracking     *http.Client
	trackingURL  string
	paymentsAddr string
	paymentsTLS  credentials.TransportCredentials
}

type article struct {
	SKU       string `json:"sku"`
	Name      string `json:"name"`
	Price     int64  `json:"price_cents"`
	Currency  string `json:"currency"`
	Available int    `json:"available"`
}

type item struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /products", s.handleProducts)
	mux.HandleFunc("GET /products/{sku}", s.handleProduct)
	mux.HandleFunc("POST /checkout", s.handleCheckout)
	mux.HandleFunc("GET /orders/{id}", s.handleOrder)
	mux.HandleFunc("GET /orders/{id}/tracking", s.handleTracking)
	mux.HandleFunc("GET /receipts/{charge}", s.handleReceipt)
	return mux
}

func (s *Server) handleProducts(w http.ResponseWriter, r *http.Request) {
	articles := make([]article, 0, len(catalogue))
	for _, p := range catalogue {
		a, err := s.article(r, p)
		if err != nil {
			fail(w, r, err)
			return
		}
		articles = append(articles, a)
	}
	httpx.WriteJSON(w, http.StatusOK, articles)
}

func (s *Server) handleProduct(w http.ResponseWriter, r *http.Request) {
	p, ok := product(r.PathValue("sku"))
	if !ok {
		httpx.WriteProblem(w, http.StatusNotFound, "no such product")
		return
	}
	a, err := s.article(r, p)
	if err != nil {
		fail(w, r, err)
		return
	}
	httpx.WriteJSON(w, http.StatusOK, a)
}

// article shows p in the currency that the customer asked for.
func (s *Server) article(r *http.Request, p Product) (article, error) {
	currency := currencyOf(r)
	price, err := s.rates.Convert(p.PriceCents, currency)
	if err != nil {
		return article{}, err
	}
	available, err := s.stock.Available(r.Context(), p.SKU)
	if err != nil {
		return article{}, err
	}
	return article{SKU: p.SKU, Name: p.Name, Price: price, Currency: currency, Available: available}, nil
}

func (s *Server) handleCheckout(w http.ResponseWriter, r *http.Request) {
	var basket struct {
		CustomerID string `json:"customer_id"`
		Items      []item `json:"items"`
	}
	if err := httpx.ReadJSON(r.Body, &basket); err != nil {
		httpx.WriteProblem(w, http.StatusBadRequest, err.Error())
		return
	}
	lines, err := s.lines(basket.Items, currencyOf(r))
	if err != nil {
		httpx.WriteProblem(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	missing, err := s.missing(r, basket.Items)
	if err != nil {
		fail(w, r, err)
		return
	}
	if missing != "" {
		httpx.WriteProblem(w, http.StatusConflict, missing+" is sold out")
		return
	}
	o, err := s.orders.Place(r.Context(), orderapi.NewOrder{
		CustomerID: basket.CustomerID,
		Currency:   currencyOf(r),
		Lines:      lines,
	})
	if err != nil {
		fail(w, r, err)
		return
	}
	httpx.WriteJSON(w, http.StatusCreated, o)
}

// lines prices what is in a basket.
func (s *Server) lines(items []item, currency string) ([]orderapi.Line, error) {
	lines := make([]orderapi.Line, len(items))
	for i, it := range items {
		p, ok := product(it.SKU)
		if !ok || it.Quantity < 1 {
			return nil, fmt.Errorf("%d pieces of %q cannot be ordered", it.Quantity, it.SKU)
		}
		price, err := s.rates.Convert(p.PriceCents, currency)
		if err != nil {
			return nil, err
		}
		lines[i] = orderapi.Line{SKU: it.SKU, Quantity: it.Quantity, PriceCents: price}
	}
	return lines, nil
}

// missing returns the first article that there is not enough of, or "".
func (s *Server) missing(r *http.Request, items []item) (string, error) {
	skus := make([]string, len(items))
	for i, it := range items {
		skus[i] = it.SKU
	}
	available, err := s.stock.AvailableAll(r.Context(), skus)
	if err != nil {
		return "", err
	}
	for _, it := range items {
		if available[it.SKU] < it.Quantity {
			return it.SKU, nil
		}
	}
	return "", nil
}

func (s *Server) handleOrder(w http.ResponseWriter, r *http.Request) {
	o, err := s.orders.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		fail(w, r, err)
		return
	}
	httpx.WriteJSON(w, http.StatusOK, o)
}

// handleTracking hands on what the carrier knows of a parcel.
func (s *Server) handleTracking(w http.ResponseWriter, r *http.Request) {
	req, err := http.NewRequest(http.MethodGet, s.trackingURL+"/parcels/"+url.PathEscape(r.PathValue("id")), nil)
	if err != nil {
		fail(w, r, err)
		return
	}
	resp, err := s.tracking.Do(req)
	if err != nil {
		fail(w, r, err)
		return
	}
	defer resp.Body.Close()
	w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
	w.WriteHeader(resp.StatusCode)
	if _, err := io.Copy(w, resp.Body); err != nil {
		slog.WarnContext(r.Context(), "tracking cut short", "err", err)
	}
}

// handleReceipt shows what payments knows of a charge.
func (s *Server) handleReceipt(w http.ResponseWriter, r *http.Request) {
	conn, err := grpc.NewClient(s.paymentsAddr, grpc.WithTransportCredentials(s.paymentsTLS))
	if err != nil {
		fail(w, r, err)
		return
	}
	defer conn.Close()
	resp, err := paymentsv1.NewPaymentsClient(conn).GetCharge(r.Context(), &paymentsv1.GetChargeRequest{
		ChargeId: r.PathValue("charge"),
	})
	if err != nil {
		fail(w, r, err)
		return
	}
	c := resp.GetCharge()
	httpx.WriteJSON(w, http.StatusOK, map[string]any{
		"order":    c.GetOrderId(),
		"amount":   c.GetAmount(),
		"currency": c.GetCurrency(),
		"state":    c.GetState().String(),
	})
}

func currencyOf(r *http.Request) string {
	if c := r.URL.Query().Get("currency"); c != "" {
		return c
	}
	return "EUR"
}

// fail answers for another service that did not.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	var unexpected *httpx.StatusError
	switch {
	case orderapi.NotFound(err):
		httpx.WriteProblem(w, http.StatusNotFound, "no such order")
	case errors.As(err, &unexpected) && unexpected.Status == http.StatusPaymentRequired:
		httpx.WriteProblem(w, http.StatusPaymentRequired, "the card was declined")
	default:
		slog.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "err", err)
		httpx.WriteProblem(w, http.StatusBadGateway, "something behind the shop did not answer")
	}
}
