// Package decorator reads customers through layers that share an interface.
package decorator

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// A Store knows customers.
type Store interface {
	Load(ctx context.Context, id string) error
}

type remote struct {
	base   string
	client *http.Client
}

func (r *remote) Load(ctx context.Context, id string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/customers", nil)
	if err != nil {
		return err
	}
	req.Header.Set("X-Customer", id)
	resp, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("customer %s: %s", id, resp.Status)
	}
	return nil
}

type logged struct{ Store }

func (l logged) Load(ctx context.Context, id string) error {
	start := time.Now()
	err := l.Store.Load(ctx, id)
	slog.DebugContext(ctx, "load", "id", id, "took", time.Since(start), "err", err)
	return err
}

type retrying struct {
	next     Store
	attempts int
}

func (r *retrying) Load(ctx context.Context, id string) error {
	for attempt := 1; ; attempt++ {
		err := r.next.Load(ctx, id)
		if err == nil || attempt >= r.attempts {
			return err
		}
		time.Sleep(time.Duration(attempt) * time.Millisecond)
	}
}

// Call loads one customer.
func Call(ctx context.Context, target string) error {
	var store Store = &remote{base: "http://" + target, client: &http.Client{Timeout: 300 * time.Millisecond}}
	store = &retrying{next: store, attempts: 3}
	store = logged{store}
	return store.Load(ctx, "c-1")
}
