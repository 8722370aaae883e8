// Package closurehelper sends mail through an HTTP relay.
package closurehelper

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

type relay struct {
	url    string
	client *http.Client
}

// Call sends a welcome mail.
func Call(ctx context.Context, target string) error {
	r := relay{url: "http://" + target + "/send", client: &http.Client{Timeout: 300 * time.Millisecond}}
	return withRetry(3, func() error {
		return r.send(ctx, "to=ada@example.com&template=welcome")
	})
}

// withRetry runs f until it succeeds, n times at most.
func withRetry(n int, f func() error) (err error) {
	for i := 0; i < n; i++ {
		if err = f(); err == nil {
			return nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	return err
}

func (r relay) send(ctx context.Context, message string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, strings.NewReader(message))
	if err != nil {
		return err
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 {
		return fmt.Errorf("relay: %s", resp.Status)
	}
	return nil
}
