// Package httpclient has the declarations of
// github.com/gojek/heimdall/v7/httpclient that fixtures use.
package httpclient

import (
	"io"
	"net/http"
	"time"

	"github.com/gojek/heimdall/v7"
)

type Client struct{ n int }

type Option func(*Client)

func NewClient(opts ...Option) *Client             { return nil }
func WithHTTPTimeout(timeout time.Duration) Option { return nil }
func WithRetryCount(n int) Option                  { return nil }
func WithRetrier(r heimdall.Retriable) Option      { return nil }

func (c *Client) Get(url string, headers http.Header) (*http.Response, error) { return nil, nil }
func (c *Client) Post(url string, body io.Reader, headers http.Header) (*http.Response, error) {
	return nil, nil
}
