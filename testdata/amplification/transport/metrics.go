// Package transport pushes metrics.
package transport

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// A retryTransport sends requests again that failed.
type retryTransport struct {
	next     http.RoundTripper
	attempts int
}

func (t *retryTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req.Body.Close()
	}
	for attempt := 1; ; attempt++ {
		clone := req.Clone(req.Context())
		clone.Body = io.NopCloser(bytes.NewReader(body))
		resp, err := t.next.RoundTrip(clone)
		if attempt == t.attempts || !again(resp, err) {
			return resp, err
		}
		if resp != nil {
			resp.Body.Close()
		}
		time.Sleep(time.Duration(attempt) * time.Millisecond)
	}
}

func again(resp *http.Response, err error) bool {
	return err != nil || resp.StatusCode >= 500
}

// Call pushes one sample.
func Call(ctx context.Context, target string) error {
	client := &http.Client{Transport: &retryTransport{next: http.DefaultTransport, attempts: 4}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+target+"/api/push", bytes.NewReader([]byte("up 1\n")))
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("push: %s", resp.Status)
	}
	return nil
}
