// Package nestedloops copies the price list.
package nestedloops

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

const (
	rounds   = 3
	attempts = 2
)

type source struct {
	url    string
	client *http.Client
}

// Call copies the list once. A round that fails is done again from the start.
func Call(ctx context.Context, target string) error {
	s := source{url: "http://" + target + "/prices", client: &http.Client{Timeout: 250 * time.Millisecond}}
	var err error
	for round := 1; round <= rounds; round++ {
		if err = s.download(ctx); err == nil {
			return nil
		}
		slog.DebugContext(ctx, "price list", "round", round, "err", err)
		time.Sleep(4 * time.Millisecond)
	}
	return err
}

func (s source) download(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		err := s.get(ctx)
		if err == nil {
			return nil
		}
		if attempt == attempts {
			return fmt.Errorf("download: %w", err)
		}
		time.Sleep(time.Millisecond)
	}
}

func (s source) get(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}
