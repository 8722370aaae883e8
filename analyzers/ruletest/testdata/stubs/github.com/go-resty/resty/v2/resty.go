// Package resty has the declarations of github.com/go-resty/resty/v2 that
// fixtures use.
package resty

import (
	"context"
	"net/http"
	"time"
)

type (
	RetryConditionFunc func(*Response, error) bool
	RetryAfterFunc     func(*Client, *Response) (time.Duration, error)
	OnRetryFunc        func(*Response, error)
)

type Client struct {
	BaseURL          string
	RetryCount       int
	RetryWaitTime    time.Duration
	RetryMaxWaitTime time.Duration
	RetryConditions  []RetryConditionFunc
	httpClient       *http.Client
}

func New() *Client                          { return &Client{httpClient: &http.Client{}} }
func NewWithClient(hc *http.Client) *Client { return &Client{httpClient: hc} }

func (c *Client) R() *Request                                            { return &Request{} }
func (c *Client) NewRequest() *Request                                   { return c.R() }
func (c *Client) GetClient() *http.Client                                { return c.httpClient }
func (c *Client) SetBaseURL(url string) *Client                          { return c }
func (c *Client) SetHeader(header, value string) *Client                 { return c }
func (c *Client) SetTimeout(timeout time.Duration) *Client               { return c }
func (c *Client) SetTransport(transport http.RoundTripper) *Client       { return c }
func (c *Client) SetRetryCount(count int) *Client                        { return c }
func (c *Client) SetRetryWaitTime(waitTime time.Duration) *Client        { return c }
func (c *Client) SetRetryMaxWaitTime(maxWaitTime time.Duration) *Client  { return c }
func (c *Client) SetRetryAfter(callback RetryAfterFunc) *Client          { return c }
func (c *Client) AddRetryCondition(condition RetryConditionFunc) *Client { return c }
func (c *Client) AddRetryHook(hook OnRetryFunc) *Client                  { return c }

type Request struct {
	URL    string
	Method string
	Header http.Header
}

func (r *Request) Context() context.Context                                { return nil }
func (r *Request) SetContext(ctx context.Context) *Request                 { return r }
func (r *Request) SetHeader(header, value string) *Request                 { return r }
func (r *Request) SetHeaders(headers map[string]string) *Request           { return r }
func (r *Request) SetQueryParam(param, value string) *Request              { return r }
func (r *Request) SetPathParam(param, value string) *Request               { return r }
func (r *Request) SetAuthToken(token string) *Request                      { return r }
func (r *Request) SetBody(body interface{}) *Request                       { return r }
func (r *Request) SetResult(res interface{}) *Request                      { return r }
func (r *Request) SetError(err interface{}) *Request                       { return r }
func (r *Request) AddRetryCondition(condition RetryConditionFunc) *Request { return r }

func (r *Request) Get(url string) (*Response, error)             { return nil, nil }
func (r *Request) Head(url string) (*Response, error)            { return nil, nil }
func (r *Request) Post(url string) (*Response, error)            { return nil, nil }
func (r *Request) Put(url string) (*Response, error)             { return nil, nil }
func (r *Request) Patch(url string) (*Response, error)           { return nil, nil }
func (r *Request) Delete(url string) (*Response, error)          { return nil, nil }
func (r *Request) Options(url string) (*Response, error)         { return nil, nil }
func (r *Request) Send() (*Response, error)                      { return nil, nil }
func (r *Request) Execute(method, url string) (*Response, error) { return nil, nil }

type Response struct {
	Request     *Request
	RawResponse *http.Response
}

func (r *Response) Body() []byte    { return nil }
func (r *Response) StatusCode() int { return 0 }
func (r *Response) IsSuccess() bool { return false }
func (r *Response) IsError() bool   { return false }
func (r *Response) String() string  { return "" }
