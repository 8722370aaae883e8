// Package avastretry adds documents to a search index.
package avastretry

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/avast/retry-go/v4"
)

// Call adds one document.
func Call(ctx context.Context, target string) error {
	client := &http.Client{Timeout: 200 * time.Millisecond}
	return retry.Do(
		func() error { return add(ctx, client, "http://"+target+"/index/docs/9") },
		retry.Context(ctx),
		retry.Attempts(6),
		retry.Delay(time.Millisecond),
		retry.MaxDelay(3*time.Millisecond),
		retry.MaxJitter(time.Millisecond),
		retry.LastErrorOnly(true),
	)
}

func add(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, strings.NewReader(`{"title": "Teapots"}`))
	if err != nil {
		return retry.Unrecoverable(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("index: %s", resp.Status)
	}
	return nil
}
