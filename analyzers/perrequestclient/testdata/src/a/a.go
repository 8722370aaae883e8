// Package a has request handlers.
package a

import (
	"context"
	"database/sql"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"

	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc"

	"lib"
	"shop/payments"
)

func handler(w http.ResponseWriter, r *http.Request) {
	client := &http.Client{Transport: &http.Transport{}} // want `http.Transport makes a connection pool for each request that handler serves: no connection is used twice, and each costs a handshake; nothing closes it either`
	client.Get("u")
	db, _ := sql.Open("postgres", "dsn") // want `sql.Open makes a connection pool for each request that handler serves: no connection is used twice, and each costs a handshake$`
	defer db.Close()
	deeper(r.Context())
	go inBackground()
	_ = lib.NewClient() // want `lib.NewClient \(http.Transport\) makes a connection pool`
}

func deeper(ctx context.Context) {
	rdb := redis.NewClient(&redis.Options{}) // want `redis.NewClient makes a connection pool for each request that handler serves`
	defer rdb.Close()
	rdb.Ping(ctx)
	_ = dial() // want `dial \(grpc.NewClient\) makes a connection pool for each request that handler serves`
}

func dial() payments.PaymentsClient { // want dial:`makes grpc.NewClient`
	conn, _ := grpc.NewClient("addr")
	return payments.NewPaymentsClient(conn)
}

func inBackground() {
	func() {
		_, _ = grpc.Dial("addr") // want `grpc.Dial makes a connection pool for each request`
	}()
}

type server struct {
	payments.UnimplementedPaymentsServer
	mu    sync.Mutex
	conn  *grpc.ClientConn
	conns map[string]*grpc.ClientConn
	init  sync.Once
}

func (s *server) Charge(ctx context.Context, req *payments.ChargeRequest) (*payments.ChargeResponse, error) {
	conn, err := grpc.NewClient("addr") // want `grpc.NewClient makes a connection pool for each request that Charge serves`
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return payments.NewPaymentsClient(conn).Charge(ctx, req)
}

func (s *server) GetPayment(ctx context.Context, req *payments.GetPaymentRequest) (*payments.Payment, error) {
	conn, err := s.connect("addr")
	if err != nil {
		return nil, err
	}
	s.init.Do(func() {
		http.DefaultTransport = &http.Transport{}
		var local *sql.DB
		local, _ = sql.Open("postgres", "dsn")
		_ = local
	})
	return payments.NewPaymentsClient(conn).GetPayment(ctx, req)
}

func (s *server) connect(addr string) (*grpc.ClientConn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if conn := s.conns[addr]; conn != nil {
		return conn, nil
	}
	conn, err := grpc.NewClient(addr)
	if err != nil {
		return nil, err
	}
	s.conns[addr] = conn
	return conn, nil
}

type proxy struct{ to *url.URL }

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rp := httputil.NewSingleHostReverseProxy(p.to)
	rp.Transport = &http.Transport{} // want `http.Transport makes a connection pool for each request that ServeHTTP serves`
	rp.ServeHTTP(w, r)
}

// made once, when the routes are set up
func routes() http.Handler { // want routes:`makes http.Transport`
	client := &http.Client{Transport: &http.Transport{}}
	db, _ := sql.Open("postgres", "dsn")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client.Get("u")
		db.PingContext(r.Context())
	})
}

func cheap(w http.ResponseWriter, r *http.Request) {
	client := &http.Client{}
	client.Get("u")
	lib.Shared("u")
}

var cache sync.Map

func cached(w http.ResponseWriter, r *http.Request) {
	db, _ := sql.Open("postgres", r.Host)
	cache.Store(r.Host, db)
}

// not reached from a handler
func newServer(addr string) *server { // want newServer:`makes grpc.NewClient`
	conn, _ := grpc.NewClient(addr)
	return &server{conn: conn}
}
