package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"example.com/shop/internal/orders"
	"example.com/shop/internal/payments"
	"example.com/shop/internal/storefront"
)

// A counter counts the requests that arrive at services, by operation.
type counter struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *counter) count(operation string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[operation]++
}

func (c *counter) reset() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := c.counts
	c.counts = map[string]int{}
	return seen
}

// orderID is the part of a path that names an order.
var orderID = regexp.MustCompile(`/ord_[^/]+`)

// beforeHTTP starts a proxy at a free port that counts what it sends on to addr, and
// returns its address.
func (c *counter) beforeHTTP(t *testing.T, addr, name string) string {
	t.Helper()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: addr})
	lis := listen(t)
	srv := &http.Server{ReadHeaderTimeout: timeout, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.count(r.Method + " " + name + orderID.ReplaceAllString(r.URL.Path, "/{id}"))
		proxy.ServeHTTP(w, r)
	})}
	go func() { _ = srv.Serve(lis) }()
	t.Cleanup(func() { _ = srv.Close() })
	return lis.Addr().String()
}

// beforeGRPC is beforeHTTP for unary calls of gRPC.
func (c *counter) beforeGRPC(t *testing.T, addr string) string {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{})), grpc.WithDisableRetry())
	if err != nil {
		t.Fatal(err)
	}
	srv := grpc.NewServer(grpc.ForceServerCodec(raw{}), grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		method, _ := grpc.MethodFromServerStream(stream)
		c.count(method)
		var in, out []byte
		if err := stream.RecvMsg(&in); err != nil {
			return err
		}
		if err := conn.Invoke(stream.Context(), method, &in, &out); err != nil {
			return err
		}
		return stream.SendMsg(&out)
	}))
	lis := listen(t)
	go func() { _ = srv.Serve(lis) }()
	t.Cleanup(func() {
		srv.Stop()
		_ = conn.Close()
	})
	return lis.Addr().String()
}

// raw passes messages on as they are.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }

func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = bytes.Clone(data)
	return nil
}

func (raw) Name() string { return "proto" }

// While the bank answers 503, one checkout becomes as many requests everywhere as the
// call graph says. With SHOP_COUNTS set, they are written there, for the comparison.
func TestRequestsDuringOutage(t *testing.T) {
	c := &counter{counts: map[string]int{}}
	answers := func(name string, status int, body string) string {
		return outside(t, func(w http.ResponseWriter, r *http.Request) {
			c.count(r.Method + " " + name + r.URL.Path)
			reply(w, status, body)
		})
	}
	bank := answers("bank", http.StatusServiceUnavailable, "{}")
	audit := answers("audit", http.StatusAccepted, "")
	carrier := answers("carrier", http.StatusCreated, "label")
	rates := answers("rates", http.StatusOK, `{"base": "EUR", "rates": {"SEK": 11.0}}`)

	pay, api, inventory, front := listen(t), listen(t), listen(t), listen(t)
	run(t, func(ctx context.Context) error {
		return payments.Run(ctx, payments.Config{AcquirerURL: bank}, pay)
	})
	paymentsAddr := c.beforeGRPC(t, pay.Addr().String())
	run(t, func(ctx context.Context) error {
		return orders.Run(ctx, orders.Config{PaymentsAddr: paymentsAddr, CarrierURL: carrier, AuditURL: audit}, api, inventory)
	})
	run(t, func(ctx context.Context) error {
		return storefront.Run(ctx, storefront.Config{
			OrdersURL:     "http://" + c.beforeHTTP(t, api.Addr().String(), "orders"),
			InventoryAddr: c.beforeGRPC(t, inventory.Addr().String()),
			PaymentsAddr:  paymentsAddr,
			RatesURL:      rates,
			TrackingURL:   carrier,
		}, front)
	})
	var products []map[string]any
	if got := call(t, "GET", "http://"+front.Addr().String()+"/products", nil, &products); got != http.StatusOK {
		t.Fatalf("products: status %d", got)
	}
	c.reset() // what the start took

	var problem map[string]any
	if got := call(t, "POST", "http://"+front.Addr().String()+"/checkout", basket, &problem); got != http.StatusBadGateway {
		t.Errorf("checkout: status %d, %v", got, problem)
	}
	time.Sleep(100 * time.Millisecond) // for what goes on after the answer
	got := c.reset()
	want := map[string]int{
		"POST bank/authorisations":              3 * 3 * 4 * 2,
		"/payments.v1.Payments/Charge":          3 * 3 * 4,
		"POST orders/v1/orders":                 3,
		"/inventory.v1.Inventory/BatchGetStock": 1,
	}
	if !maps.Equal(got, want) {
		t.Errorf("one checkout became %v, want %v", got, want)
	}
	if file := os.Getenv("SHOP_COUNTS"); file != "" {
		data, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
