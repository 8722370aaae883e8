// Package rates keeps the day's exchange rates in memory.
package rates

import (
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"example.com/shop/internal/httpx"
)

// Table converts euro prices. The zero value of a currency's rate means that
// it is not known.
type Table struct {
	url string

	mu    sync.RWMutex
	rates map[string]float64
}

// New returns a table that is filled from url, or from the production cache
// if url is empty. It knows the euro only until Refresh has succeeded.
func New(url string) *Table {
	if url == "" {
		//commslint:ignore go/plaintext the cache runs on every node and holds public figures only
		url = "http://rates-cache.shop.internal:8090/latest"
	}
	return &Table{url: url, rates: map[string]float64{"EUR": 1}}
}

// Convert returns what cents of a euro are worth in currency.
func (t *Table) Convert(cents int64, currency string) (int64, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	rate := t.rates[currency]
	if rate == 0 {
		return 0, fmt.Errorf("no rate for %q", currency)
	}
	return int64(float64(cents)*rate + 0.5), nil
}

// KeepFresh reads the rates now and once every interval. Call stop to end it.
func (t *Table) KeepFresh(interval time.Duration) (stop func()) {
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			if err := t.Refresh(); err != nil {
				slog.Warn("exchange rates not refreshed", "err", err)
			}
			select {
			case <-ticker.C:
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}

// Refresh replaces the rates. On an error the old ones stay.
func (t *Table) Refresh() error {
	latest, err := t.load()
	if err != nil {
		return fmt.Errorf("exchange rates: %w", err)
	}
	latest["EUR"] = 1
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rates = latest
	return nil
}

func (t *Table) load() (map[string]float64, error) {
	var doc struct {
		Base  string             `json:"base"`
		Rates map[string]float64 `json:"rates"`
	}
	if err := getJSON(t.url, &doc); err != nil {
		return nil, err
	}
	if doc.Base != "EUR" || doc.Rates == nil {
		return nil, fmt.Errorf("base currency is %q, not EUR", doc.Base)
	}
	return doc.Rates, nil
}

func getJSON(url string, v any) error {
	resp, err := http.DefaultClient.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return httpx.Unexpected(resp)
	}
	return httpx.ReadJSON(resp.Body, v)
}
