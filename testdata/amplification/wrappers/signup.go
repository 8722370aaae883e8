// Package wrappers signs customers up.
package wrappers

import (
	"context"
	"errors"
	"net/http"
	"time"

	"example.com/amplification/wrappers/internal/crm"
	"example.com/amplification/wrappers/internal/web"
)

var errLater = errors.New("sign-up is queued for later")

// Call signs a customer up.
func Call(ctx context.Context, target string) error {
	client := crm.New(&web.Client{
		Base: "http://" + target,
		HTTP: &http.Client{Timeout: 150 * time.Millisecond},
	})
	ada := crm.Customer{ID: "c-1", Email: "ada@example.com"}
	if err := client.Upsert(ctx, ada); err != nil {
		time.Sleep(5 * time.Millisecond)
		if client.Upsert(ctx, ada) != nil {
			return errors.Join(errLater, err)
		}
	}
	return nil
}
