// Package crm keeps customers in step with the CRM.
package crm

import (
	"context"
	"fmt"
	"time"

	"example.com/amplification/wrappers/internal/web"
)

// A Customer is what the CRM knows of one.
type Customer struct {
	ID    string `json:"id"`
	Email string `json:"email"`
}

// A CRM is a client of the CRM.
type CRM struct {
	web     *web.Client
	retries int
}

// New returns a client that sends through w.
func New(w *web.Client) *CRM { return &CRM{web: w, retries: 2} }

// Upsert writes a customer.
func (c *CRM) Upsert(ctx context.Context, customer Customer) error {
	var err error
	for i := 0; i <= c.retries; i++ {
		err = c.web.Post(ctx, "/customers", customer)
		if err == nil {
			return nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	return fmt.Errorf("customer %s: %w", customer.ID, err)
}
