// Package backofftable starts backups.
package backofftable

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

var waits = []time.Duration{
	time.Millisecond,
	2 * time.Millisecond,
	5 * time.Millisecond,
}

// Call starts a backup, and tries again after each of the waits.
func Call(ctx context.Context, target string) error {
	client := &http.Client{Timeout: 300 * time.Millisecond}
	err := start(ctx, client, target)
	for _, wait := range waits {
		if err == nil {
			return nil
		}
		time.Sleep(wait)
		err = start(ctx, client, target)
	}
	return err
}

func start(ctx context.Context, client *http.Client, host string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+host+"/backups", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("backup: %s", resp.Status)
	}
	return nil
}
