// Package web sends JSON over HTTP.
package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const sends = 2

// A Client posts documents. The zero Client is not usable.
type Client struct {
	Base string
	HTTP *http.Client
}

// Post sends v to path. Short breaks of the network go unnoticed.
func (c *Client) Post(ctx context.Context, path string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	for send := 1; ; send++ {
		err = c.post(ctx, path, body)
		if err == nil || send == sends {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

func (c *Client) post(ctx context.Context, path string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("POST %s: %s", path, resp.Status)
	}
	return nil
}
