// Package e2e runs the three services in one process and buys something.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"example.com/shop/internal/orders"
	"example.com/shop/internal/payments"
	"example.com/shop/internal/storefront"
)

// timeout bounds one request of a test; the longest, a checkout during an
// outage, takes about two seconds.
const timeout = 8 * time.Second

// A shop is the three services and stand-ins for what they talk to outside.
type shop struct {
	url     string       // the storefront's
	api     string       // the orders service's
	bank    atomic.Int64 // requests that reached it
	audit   atomic.Int64
	parcels chan struct{} // one per parcel that was booked
}

// open starts a shop whose bank answers with bankStatus. It is closed when
// the test ends.
func open(t *testing.T, bankStatus int) *shop {
	t.Helper()
	s := &shop{parcels: make(chan struct{}, 10)}
	bank := outside(t, func(w http.ResponseWriter, r *http.Request) {
		s.bank.Add(1)
		if r.Method == http.MethodDelete {
			reply(w, http.StatusOK, `{"done": true}`)
			return
		}
		reply(w, bankStatus, `{"reference": "auth-1"}`)
	})
	trail := outside(t, func(w http.ResponseWriter, _ *http.Request) {
		s.audit.Add(1)
		reply(w, http.StatusAccepted, "")
	})
	carrier := outside(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			reply(w, http.StatusOK, `{"at": "depot"}`)
			return
		}
		s.parcels <- struct{}{}
		reply(w, http.StatusCreated, "label")
	})
	rates := outside(t, func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, `{"base": "EUR", "rates": {"SEK": 11.0}}`)
	})

	pay, api, inventory, front := listen(t), listen(t), listen(t), listen(t)
	s.url, s.api = "http://"+front.Addr().String(), "http://"+api.Addr().String()
	run(t, func(ctx context.Context) error {
		return payments.Run(ctx, payments.Config{AcquirerURL: bank}, pay)
	})
	run(t, func(ctx context.Context) error {
		return orders.Run(ctx, orders.Config{
			PaymentsAddr: pay.Addr().String(),
			CarrierURL:   carrier,
			AuditURL:     trail,
		}, api, inventory)
	})
	run(t, func(ctx context.Context) error {
		return storefront.Run(ctx, storefront.Config{
			OrdersURL:     s.api,
			InventoryAddr: inventory.Addr().String(),
			PaymentsAddr:  pay.Addr().String(),
			RatesURL:      rates,
			TrackingURL:   carrier,
		}, front)
	})
	return s
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return lis
}

func outside(t *testing.T, h http.HandlerFunc) (url string) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func reply(w http.ResponseWriter, status int, body string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// run starts a service and, when the test ends, has it stop in good order.
func run(t *testing.T, service func(context.Context) error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("service ended: %v", err)
		}
	})
}

// call sends a request with v as its body, if there is one, decodes the
// answer into answer and returns its status.
func call(t *testing.T, method, url string, v, answer any) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	var body bytes.Buffer
	if v != nil {
		if err := json.NewEncoder(&body).Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, url, &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Idempotency-Key", t.Name())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil {
		t.Fatalf("%s %s: status %d: %v", method, url, resp.StatusCode, err)
	}
	return resp.StatusCode
}

var basket = map[string]any{
	"customer_id": "cus_1",
	"items":       []map[string]any{{"sku": "teapot", "quantity": 1}, {"sku": "mug-red", "quantity": 2}},
}

func TestCheckout(t *testing.T) {
	s := open(t, http.StatusCreated)

	var placed struct {
		ID       string `json:"id"`
		Status   string `json:"status"`
		Total    int64  `json:"total_cents"`
		ChargeID string `json:"charge_id"`
	}
	if got := call(t, "POST", s.url+"/checkout", basket, &placed); got != http.StatusCreated {
		t.Fatalf("checkout: status %d", got)
	}
	if placed.Status != "paid" || placed.Total != 5450+2*1290 {
		t.Errorf("placed %+v, want it paid with 8030", placed)
	}
	if got := s.bank.Load(); got != 1 {
		t.Errorf("the bank got %d requests, want 1", got)
	}
	if got := s.audit.Load(); got != 1 {
		t.Errorf("the audit trail got %d events, want 1", got)
	}
	select {
	case <-s.parcels:
	case <-time.After(timeout):
		t.Error("no parcel was booked")
	}

	var products []struct {
		SKU       string `json:"sku"`
		Available int    `json:"available"`
	}
	if got := call(t, "GET", s.url+"/products", nil, &products); got != http.StatusOK {
		t.Fatalf("products: status %d", got)
	}
	for _, p := range products {
		if want := map[string]int{"teapot": 99, "mug-red": 98, "mug-blue": 100, "kettle": 100}[p.SKU]; p.Available != want {
			t.Errorf("%d pieces of %s are left, want %d", p.Available, p.SKU, want)
		}
	}
	var order, receipt, tracking map[string]any
	if got := call(t, "GET", s.api+"/v1/orders/"+placed.ID, nil, &order); got != http.StatusOK || order["payment"] != "CHARGE_STATE_AUTHORISED" {
		t.Errorf("order: status %d, %v", got, order)
	}
	if got := call(t, "GET", s.url+"/receipts/"+placed.ChargeID, nil, &receipt); got != http.StatusOK || receipt["order"] != placed.ID {
		t.Errorf("receipt: status %d, %v", got, receipt)
	}
	if got := call(t, "GET", s.url+"/orders/"+placed.ID+"/tracking", nil, &tracking); got != http.StatusOK || tracking["at"] != "depot" {
		t.Errorf("tracking: status %d, %v", got, tracking)
	}
}

// While the bank is down, one checkout reaches it 72 times: storefront places
// the order three times, orders charges each three times, gRPC sends each
// charge four times and payments asks the bank twice.
func TestCheckoutDuringOutage(t *testing.T) {
	s := open(t, http.StatusServiceUnavailable)
	var problem struct {
		Status int `json:"status"`
	}
	if got := call(t, "POST", s.url+"/checkout", basket, &problem); got != http.StatusBadGateway || problem.Status != got {
		t.Errorf("checkout: status %d, %+v", got, problem)
	}
	if got, want := s.bank.Load(), int64(3*3*4*2); got != want {
		t.Errorf("the bank got %d requests, want %d", got, want)
	}
	var page struct {
		Orders []struct {
			Status string `json:"status"`
		} `json:"orders"`
	}
	if got := call(t, "GET", s.api+"/v1/orders", nil, &page); got != http.StatusOK {
		t.Fatalf("orders: status %d", got)
	}
	if got := fmt.Sprint(page.Orders); got != "[{pending} {pending} {pending}]" {
		t.Errorf("orders are %s, want three pending ones", got)
	}
}
