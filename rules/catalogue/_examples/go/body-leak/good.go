// Package stock asks the warehouse how much is left.
package stock

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// A Client asks the warehouse at Base.
type Client struct {
	HTTP *http.Client
	Base string
}

// Report returns the warehouse's report about an article.
func (c *Client) Report(ctx context.Context, article string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Base+"/stock/"+url.PathEscape(article), nil)
	if err != nil {
		return nil, fmt.Errorf("stock of %s: %w", article, err)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("stock of %s: %w", article, err)
	}
	defer resp.Body.Close() // before anything else can return
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("stock of %s: %w", article, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("stock of %s: status %s", article, resp.Status)
	}
	return body, nil
}
