// Package breakloop uploads measurements.
package breakloop

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

const (
	limit = 3
	pause = 3 * time.Millisecond
)

// Call uploads one batch.
func Call(ctx context.Context, target string) error {
	batch := []byte(`{"sensor": 7, "celsius": 21.5}`)
	endpoint := fmt.Sprintf("http://%s/v2/batches", target)

	var failure error
	tries := 0
	for {
		failure = put(ctx, endpoint, batch)
		if failure == nil {
			break
		}
		tries++
		slog.DebugContext(ctx, "upload failed", "try", tries, "err", failure)
		if tries >= limit {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
	return failure
}

func put(ctx context.Context, endpoint string, batch []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, endpoint, bytes.NewReader(batch))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("upload: %s", resp.Status)
	}
	return nil
}
