// Package billing charges customers.
package billing

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const chargesURL = "https://billing.example.com/v1/charges"

var client = &http.Client{Timeout: 5 * time.Second}

// Charge bills a customer; TLS keeps the card token from everyone on the way.
func Charge(ctx context.Context, cardToken string) error {
	form := url.Values{"card": {cardToken}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, chargesURL, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("charge: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("charge: %w", err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return fmt.Errorf("charge: %w", err)
	}
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("charge: status %s", resp.Status)
	}
	return nil
}
