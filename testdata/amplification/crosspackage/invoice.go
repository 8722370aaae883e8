// Package crosspackage issues invoices.
package crosspackage

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"example.com/amplification/crosspackage/internal/again"
)

const attempts = 3

var client = &http.Client{Timeout: 300 * time.Millisecond}

// Call issues an invoice.
func Call(ctx context.Context, target string) error {
	return again.Do(ctx, attempts, func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+target+"/invoices", strings.NewReader(`{"order": 12}`))
		if err != nil {
			return fmt.Errorf("%w: %w", again.ErrPermanent, err)
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		switch {
		case resp.StatusCode < 300:
			return nil
		case resp.StatusCode < 500:
			return fmt.Errorf("%w: %s", again.ErrPermanent, resp.Status)
		default:
			return fmt.Errorf("invoices: %s", resp.Status)
		}
	})
}
