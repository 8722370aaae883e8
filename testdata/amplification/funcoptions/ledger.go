// Package funcoptions books entries in a ledger.
package funcoptions

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// A Ledger is a client of the ledger service.
type Ledger struct {
	url     string
	retries int
	client  *http.Client
}

// An Option changes how a Ledger is made.
type Option func(*Ledger)

// WithRetries sets how often a booking is repeated.
func WithRetries(n int) Option {
	return func(l *Ledger) { l.retries = n }
}

// New returns a client of the ledger at host.
func New(host string, options ...Option) *Ledger {
	l := &Ledger{url: "http://" + host, client: &http.Client{Timeout: 300 * time.Millisecond}}
	for _, option := range options {
		option(l)
	}
	return l
}

// Book writes one entry.
func (l *Ledger) Book(ctx context.Context, entry string) error {
	err := l.post(ctx, entry)
	for retry := 0; err != nil && retry < l.retries; retry++ {
		time.Sleep(2 * time.Millisecond)
		err = l.post(ctx, entry)
	}
	return err
}

func (l *Ledger) post(ctx context.Context, entry string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url+"/entries", strings.NewReader(entry))
	if err != nil {
		return err
	}
	req.Header.Set("Idempotency-Key", "entry-2044")
	resp, err := l.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ledger: %s", resp.Status)
	}
	return nil
}

// Call books the opening entry.
func Call(ctx context.Context, target string) error {
	return New(target, WithRetries(2)).Book(ctx, "opening=0")
}
