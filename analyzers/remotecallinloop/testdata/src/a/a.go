// Package a asks for one thing after the other.
package a

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"b"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"shop/payments"
)

type Order struct {
	ID    string
	Items []Item
}

type Item struct {
	SKU   string
	Price int
}

type Server struct {
	db      *sql.DB
	cache   *redis.Client
	pay     payments.PaymentsClient
	users   *b.Store
	http    *http.Client
	base    string
	clients map[string]payments.PaymentsClient
	config  struct{ SKUs []string }
}

// Report: SQL by key, in the function itself.
func (s *Server) prices(ctx context.Context, order *Order) error {
	for i, item := range order.Items {
		row := s.db.QueryRowContext(ctx, "SELECT price FROM prices WHERE sku = $1", item.SKU) // want `s.db.QueryRowContext sends one request for each element of order.Items: the loop takes as many round trips`
		if err := row.Scan(&order.Items[i].Price); err != nil {
			return err
		}
	}
	return nil
}

// Report: a loop with a counter.
func (s *Server) counted(ctx context.Context, ids []string) error {
	for i := 0; i < len(ids); i++ {
		if _, err := s.cache.Get(ctx, "user:"+ids[i]).Result(); err != nil { // want `s.cache.Get sends one request for each element of ids`
			return err
		}
	}
	return nil
}

// Report: through a function of the package.
func (s *Server) payments(ctx context.Context, ids []string) ([]*payments.Payment, error) {
	var all []*payments.Payment
	for _, id := range ids {
		p, err := s.payment(ctx, id) // want `s.payment sends one request for each element of ids`
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func (s *Server) payment(ctx context.Context, id string) (*payments.Payment, error) {
	return s.pay.GetPayment(ctx, &payments.GetPaymentRequest{PaymentId: id})
}

// Report: through a function of another package.
func (s *Server) names(ctx context.Context, ids map[string]bool) error {
	for id := range ids {
		if _, err := s.users.ByID(ctx, id); err != nil { // want `s.users.ByID sends one request for each element of ids`
			return err
		}
	}
	return nil
}

// Report: a failure of one element does not end the loop.
func (s *Server) lenient(ctx context.Context, ids []string) (failed int) {
	for _, id := range ids {
		if _, err := s.users.ByID(ctx, id); err != nil { // want `s.users.ByID sends one request for each element of ids`
			failed++
			continue
		}
	}
	return failed
}

// Report: a handler, a URL that ends in the element.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var ids []string
	if err := json.NewDecoder(r.Body).Decode(&ids); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, id := range ids {
		req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, s.base+"/items/"+id, nil)
		if err != nil {
			return
		}
		resp, err := s.http.Do(req) // want `s.http.Do sends one request for each element of ids`
		if err != nil {
			return
		}
		resp.Body.Close()
	}
}

// Report: a host that is written out.
func (s *Server) written(ids []string) {
	for _, id := range ids {
		resp, err := s.http.Get(fmt.Sprintf("https://items.example.com/v1/items/%s", id)) // want `s.http.Get sends one request for each element of ids`
		if err == nil {
			resp.Body.Close()
		}
	}
}

// Report: all at once, which takes less time and as many requests.
func (s *Server) concurrently(ctx context.Context, ids []string) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, id := range ids {
		g.Go(func() error {
			_, err := s.pay.GetPayment(ctx, &payments.GetPaymentRequest{PaymentId: id}) // want `s.pay.GetPayment sends one request for each element of ids: the peer gets as many requests at once`
			return err
		})
	}
	return g.Wait()
}

// Report: literals that are given the element.
func (s *Server) goroutines(ctx context.Context, ids []string) {
	for _, id := range ids {
		go func(id string) {
			s.users.ByID(ctx, id) // want `s.users.ByID sends one request for each element of ids: the peer gets as many requests at once`
		}(id)
	}
}

// Report: writes.
func (s *Server) store(ctx context.Context, items []Item) error {
	for _, item := range items {
		if _, err := s.db.ExecContext(ctx, "INSERT INTO items (sku, price) VALUES ($1, $2)", item.SKU, item.Price); err != nil { // want `s.db.ExecContext sends one request for each element of items`
			return err
		}
	}
	return nil
}

// Report: a statement of a transaction.
func (s *Server) update(ctx context.Context, tx *sql.Tx, items []Item) error {
	for _, item := range items {
		if _, err := tx.ExecContext(ctx, "UPDATE items SET price = $2 WHERE sku = $1", item.SKU, item.Price); err != nil { // want `tx.ExecContext sends one request for each element of items`
			return err
		}
	}
	return nil
}

// Report: a request per element of a page, within a loop over pages.
func (s *Server) pagesOfItems(ctx context.Context) error {
	for offset := 0; ; offset += 100 {
		ids, err := s.list(ctx, offset)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			if _, err := s.users.ByID(ctx, id); err != nil { // want `s.users.ByID sends one request for each element of ids`
				return err
			}
		}
	}
}

func (s *Server) list(ctx context.Context, offset int) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id FROM users LIMIT 100 OFFSET $1", offset)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return nil, rows.Err()
}

// Not: chunks.
func (s *Server) chunks(ctx context.Context, chunks [][]string) error {
	for _, ids := range chunks {
		if err := s.users.ByIDs(ctx, ids); err != nil {
			return err
		}
		if _, err := s.db.QueryContext(ctx, "SELECT name FROM users WHERE id = ANY($1)", ids); err != nil {
			return err
		}
	}
	return nil
}

// Not: pages.
func (s *Server) pages(ctx context.Context) error {
	for page := 0; page < 10; page++ {
		ids, err := s.list(ctx, page)
		if err != nil || len(ids) == 0 {
			return err
		}
	}
	return nil
}

// Not: a worker.
func (s *Server) work(ctx context.Context, jobs chan string) {
	for id := range jobs {
		s.users.ByID(ctx, id)
	}
}

// Not: a poll, a retry.
func (s *Server) poll(ctx context.Context, id string) error {
	for {
		if _, err := s.users.ByID(ctx, id); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
}

// Not: the element is the peer.
func (s *Server) peers(ctx context.Context, hosts []string) {
	for _, h := range hosts {
		resp, err := s.http.Get("http://" + h + "/status")
		if err == nil {
			resp.Body.Close()
		}
	}
	for _, u := range strings.Split(s.base, ",") {
		resp, err := s.http.Get(u)
		if err == nil {
			resp.Body.Close()
		}
	}
	for _, u := range strings.Split(s.base, ",") {
		resp, err := s.http.Get(fmt.Sprintf("%s/status", u))
		if err == nil {
			resp.Body.Close()
		}
	}
}

// Not: the element decides which client is asked.
func (s *Server) clientOf(ctx context.Context, ids []string, all []payments.PaymentsClient) {
	for _, id := range ids {
		s.clients[id].GetPayment(ctx, &payments.GetPaymentRequest{PaymentId: id})
	}
	for _, c := range all {
		c.GetPayment(ctx, &payments.GetPaymentRequest{PaymentId: "1"})
	}
}

// Not: every turn asks the same.
func (s *Server) same(ctx context.Context, ids []string) {
	for range ids {
		s.users.ByID(ctx, "1")
	}
}

// Not: a few things that are written out.
func (s *Server) fewThings(ctx context.Context) {
	for _, id := range []string{"a", "b", "c"} {
		s.users.ByID(ctx, id)
	}
	for _, id := range [...]string{"a", "b", "c"} {
		s.users.ByID(ctx, id)
	}
}

// Report: many things that are written out.
func (s *Server) manyThings(ctx context.Context) {
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		s.users.ByID(ctx, id) // want `s.users.ByID sends one request for each element of the collection`
	}
}

// Not: what the text of the statement names.
func (s *Server) tables(ctx context.Context, tables []string) {
	for _, t := range tables {
		s.db.ExecContext(ctx, "DELETE FROM "+t+" WHERE expired")
		s.db.ExecContext(ctx, fmt.Sprintf("TRUNCATE %s", t), t)
	}
	for _, role := range tables {
		s.db.ExecContext(ctx, "CREATE ROLE $1", role)
	}
}

// Not: a pipeline.
func (s *Server) pipeline(ctx context.Context, ids []string) error {
	pipe := s.cache.Pipeline()
	for _, id := range ids {
		pipe.Get(ctx, id)
	}
	_, err := pipe.Exec(ctx)
	return err
}

// Not: from memory first.
func (s *Server) cached(ctx context.Context, ids []string) {
	for _, id := range ids {
		s.users.Cached(ctx, id)
	}
}

// Not: the first that there is.
func (s *Server) first(ctx context.Context, ids []string) *b.User {
	for _, id := range ids {
		u, err := s.users.ByID(ctx, id)
		if err == nil {
			return u
		}
	}
	return nil
}

// Not: the first that is good.
func (s *Server) search(ctx context.Context, ids []string) (*b.User, error) {
	for _, id := range ids {
		u, err := s.users.ByID(ctx, id)
		if err != nil {
			return nil, err
		}
		if u.Name != "" {
			return u, nil
		}
	}
	return nil, nil
}

// Not: it is paced.
func (s *Server) paced(ctx context.Context, ids []string) {
	for _, id := range ids {
		s.users.ByID(ctx, id)
		time.Sleep(100 * time.Millisecond)
	}
}

// Not: what a configuration lists.
func (s *Server) configured(ctx context.Context) {
	for _, sku := range s.config.SKUs {
		s.users.ByID(ctx, sku)
	}
}

// Not: at start-up, in a migration.
func (s *Server) Start(ctx context.Context, ids []string) {
	for _, id := range ids {
		s.users.ByID(ctx, id)
	}
}

func (s *Server) runMigrations(ctx context.Context, ids []string) {
	for _, id := range ids {
		s.users.ByID(ctx, id)
	}
}

func NewServer(users *b.Store, ids []string) *Server {
	for _, id := range ids {
		users.ByID(context.Background(), id)
	}
	return &Server{users: users}
}

// Not: what is sent elsewhere for each, and what is cleaned up.
func (s *Server) notify(ctx context.Context, orders []Order) {
	for _, o := range orders {
		resp, err := s.http.Post(s.base+"/notify", "text/plain", strings.NewReader(o.ID))
		if err == nil {
			resp.Body.Close()
		}
	}
	for _, o := range orders {
		s.cache.Del(ctx, o.ID)
	}
}

// Report: what the function does for one order it does for all.
func (s *Server) orders(ctx context.Context, orders []*Order) error {
	for _, o := range orders {
		if err := s.load(ctx, o); err != nil { // want `s.load sends one request for each element of orders`
			return err
		}
	}
	return nil
}

func (s *Server) load(ctx context.Context, o *Order) error {
	rows, err := s.db.QueryContext(ctx, "SELECT sku FROM items WHERE order_id = $1", o.ID)
	if err != nil {
		return err
	}
	return rows.Close()
}

// A Converter is a client of a service that has no method for several.
type Converter interface {
	Convert(ctx context.Context, in *payments.GetPaymentRequest, opts ...grpc.CallOption) (*payments.Payment, error)
	GetRate(ctx context.Context, in *payments.GetPaymentRequest, opts ...grpc.CallOption) (*payments.Payment, error)
}

func rates(ctx context.Context, c Converter, ids []string) error {
	for _, id := range ids {
		if _, err := c.GetRate(ctx, &payments.GetPaymentRequest{PaymentId: id}); err != nil {
			return err
		}
	}
	return nil
}
