// Package retryablehttp has the declarations of
// github.com/hashicorp/go-retryablehttp that fixtures use.
package retryablehttp

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

type (
	CheckRetry   func(ctx context.Context, resp *http.Response, err error) (bool, error)
	Backoff      func(min, max time.Duration, attemptNum int, resp *http.Response) time.Duration
	ErrorHandler func(resp *http.Response, err error, numTries int) (*http.Response, error)
	PrepareRetry func(req *http.Request) error
)

type Client struct {
	HTTPClient   *http.Client
	Logger       interface{}
	RetryWaitMin time.Duration
	RetryWaitMax time.Duration
	RetryMax     int
	CheckRetry   CheckRetry
	Backoff      Backoff
	ErrorHandler ErrorHandler
	PrepareRetry PrepareRetry
}

func NewClient() *Client { return &Client{} }

func (c *Client) Do(req *Request) (*http.Response, error) { return nil, nil }
func (c *Client) Get(url string) (*http.Response, error)  { return nil, nil }
func (c *Client) Head(url string) (*http.Response, error) { return nil, nil }
func (c *Client) Post(url, bodyType string, body interface{}) (*http.Response, error) {
	return nil, nil
}
func (c *Client) PostForm(url string, data url.Values) (*http.Response, error) { return nil, nil }
func (c *Client) StandardClient() *http.Client                                 { return &http.Client{} }

func Get(url string) (*http.Response, error)                              { return nil, nil }
func Head(url string) (*http.Response, error)                             { return nil, nil }
func Post(url, bodyType string, body interface{}) (*http.Response, error) { return nil, nil }
func PostForm(url string, data url.Values) (*http.Response, error)        { return nil, nil }

type Request struct{ *http.Request }

func NewRequest(method, url string, rawBody interface{}) (*Request, error) {
	return &Request{}, nil
}

func NewRequestWithContext(ctx context.Context, method, url string, rawBody interface{}) (*Request, error) {
	return &Request{}, nil
}

func FromRequest(r *http.Request) (*Request, error)         { return &Request{r}, nil }
func (r *Request) WithContext(ctx context.Context) *Request { return r }
func (r *Request) SetBody(rawBody interface{}) error        { return nil }

type RoundTripper struct{ Client *Client }

func (rt *RoundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return nil, nil }

func DefaultRetryPolicy(ctx context.Context, resp *http.Response, err error) (bool, error) {
	return false, nil
}

func ErrorPropagatedRetryPolicy(ctx context.Context, resp *http.Response, err error) (bool, error) {
	return false, nil
}

func DefaultBackoff(min, max time.Duration, attemptNum int, resp *http.Response) time.Duration {
	return 0
}

func LinearJitterBackoff(min, max time.Duration, attemptNum int, resp *http.Response) time.Duration {
	return 0
}

func RateLimitLinearJitterBackoff(min, max time.Duration, attemptNum int, resp *http.Response) time.Duration {
	return 0
}

func PassthroughErrorHandler(resp *http.Response, err error, numTries int) (*http.Response, error) {
	return resp, err
}
