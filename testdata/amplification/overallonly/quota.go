// Package overallonly reads a tenant's quota.
package overallonly

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Call reads the quota within half a second, whatever it takes.
func Call(ctx context.Context, target string) error {
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	var err error
	for try := 0; try < 6; try++ {
		if err = read(ctx, "http://"+target+"/quota"); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("quota: %w", err)
		case <-time.After(2 * time.Millisecond):
		}
	}
	return fmt.Errorf("quota: %w", err)
}

func read(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", resp.Status)
	}
	return nil
}
