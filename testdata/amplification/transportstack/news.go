// Package transportstack reads headlines.
package transportstack

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"example.com/amplification/transportstack/internal/transport"
)

// Call reads the headlines.
func Call(ctx context.Context, target string) error {
	client := &http.Client{
		Transport: transport.Busy{
			Next:  transport.Reconnect{Next: http.DefaultTransport},
			Tries: 3,
			Wait:  time.Millisecond,
		},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+target+"/headlines", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("headlines: %s", resp.Status)
	}
	return nil
}
