package a

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"sync"

	"google.golang.org/grpc"

	"shop/payments"
)

var faulty, reload bool

func flagged(w http.ResponseWriter, r *http.Request) {
	if faulty {
		conn, _ := grpc.NewClient("bad") // want `grpc.NewClient may make a connection pool for each request that flagged serves`
		defer conn.Close()
	}
	if r.URL.Query().Get("debug") == "1" {
		probe()
	}
	if r.Host == "a" {
		both()
	}
	both()
}

func probe() {
	conn, _ := grpc.NewClient("probe") // want `grpc.NewClient may make a connection pool for each request that flagged serves`
	defer conn.Close()
}

// on a path that each request takes as well
func both() {
	conn, _ := grpc.NewClient("both") // want `grpc.NewClient makes a connection pool for each request that flagged serves`
	defer conn.Close()
}

// Checks of the request are no choice, nor is a loop.
func checked(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	if r.Host == "" {
		w.WriteHeader(400)
		return
	}
	for range r.Header["To"] {
		conn, _ := grpc.NewClient("addr") // want `grpc.NewClient makes a connection pool for each request that checked serves`
		conn.Close()
	}
}

type validating struct {
	payments.UnimplementedPaymentsServer
}

func (validating) Charge(ctx context.Context, req *payments.ChargeRequest) (*payments.ChargeResponse, error) {
	if req == nil {
		return nil, errors.New("no request")
	}
	conn, err := grpc.NewClient("addr") // want `grpc.NewClient makes a connection pool for each request that Charge serves`
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return payments.NewPaymentsClient(conn).Charge(ctx, req)
}

type names struct{ List []string }

type catalog struct {
	names  names
	loaded bool
	byID   map[string]string
	shared sync.Map
	always names
	unread bool
}

func (c *catalog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if len(c.names.List) == 0 {
		loadNames(r.Context(), &c.names)
	}
	if !c.isLoaded() {
		c.load(r.Context())
	}
	if _, ok := c.byID[r.Host]; !ok {
		c.byID[r.Host] = find(r.Context())
	}
	if _, ok := c.shared.Load(r.Host); !ok {
		c.shared.Store(r.Host, findShared(r.Context()))
	}
	if reload || len(c.always.List) == 0 {
		reloadNames(r.Context(), &c.always)
	}
	if !c.unread {
		audit(r.Context())
	}
	lazily(r.Context())
}

func loadNames(ctx context.Context, into *names) {
	db, _ := sql.Open("postgres", "dsn")
	defer db.Close()
	var doc []byte
	db.QueryRowContext(ctx, "SELECT doc").Scan(&doc)
	json.Unmarshal(doc, into)
}

func (c *catalog) isLoaded() bool { return c.loaded }

func (c *catalog) load(ctx context.Context) {
	db, _ := sql.Open("postgres", "dsn")
	defer db.Close()
	db.PingContext(ctx)
	c.loaded = true
}

func find(ctx context.Context) (name string) {
	db, _ := sql.Open("postgres", "dsn")
	defer db.Close()
	db.QueryRowContext(ctx, "SELECT name").Scan(&name)
	return name
}

func findShared(ctx context.Context) (name string) {
	db, _ := sql.Open("postgres", "dsn")
	defer db.Close()
	db.QueryRowContext(ctx, "SELECT name").Scan(&name)
	return name
}

// A switch bypasses the cache.
func reloadNames(ctx context.Context, into *names) {
	db, _ := sql.Open("postgres", "dsn") // want `sql.Open may make a connection pool for each request that ServeHTTP serves`
	defer db.Close()
	db.QueryRowContext(ctx, "SELECT name").Scan(&into.List)
}

// What the condition looks at stays as it is.
func audit(ctx context.Context) {
	db, _ := sql.Open("postgres", "dsn") // want `sql.Open may make a connection pool for each request that ServeHTTP serves`
	defer db.Close()
	db.PingContext(ctx)
}

var greeting string

func lazily(ctx context.Context) {
	if greeting == "" {
		db, _ := sql.Open("postgres", "dsn")
		defer db.Close()
		db.QueryRowContext(ctx, "SELECT greeting").Scan(&greeting)
	}
}
