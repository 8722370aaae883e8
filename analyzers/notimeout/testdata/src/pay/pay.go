// Package pay is a client library as teams write them: a constructor with
// options, a struct that keeps an HTTP client, and methods that share a helper.
package pay

import (
	"context"
	"net/http"
	"time"
)

type Client struct {
	http *http.Client
	base string
}

type Option func(*Client)

func WithTimeout(d time.Duration) Option { return func(c *Client) { c.http.Timeout = d } }

func WithHTTPClient(h *http.Client) Option { return func(c *Client) { c.http = h } }

func New(base string, opts ...Option) *Client {
	c := &Client{base: base, http: &http.Client{}}
	for _, opt := range opts {
		opt(c)
	}
	return c
}

func NewWith(h *http.Client) *Client { return &Client{http: h} }

func NewBounded() *Client { return NewWith(&http.Client{Timeout: 3 * time.Second}) }

func (c *Client) Charge(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, "POST", c.base, nil)
	if err != nil {
		return err
	}
	return c.send(req)
}

func (c *Client) Ping() error {
	req, err := http.NewRequest("GET", c.base, nil)
	if err != nil {
		return err
	}
	return c.send(req)
}

func (c *Client) send(req *http.Request) error {
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// An optioner is the other way to write options.
type optioner interface{ apply(*Client) }

type optionFunc func(*Client)

func (f optionFunc) apply(c *Client) { f(c) }

func Timeout(d time.Duration) optioner { return optionFunc(func(c *Client) { c.http.Timeout = d }) }

func Dial(opts ...optioner) *Client {
	c := &Client{http: &http.Client{}}
	for _, o := range opts {
		o.apply(c)
	}
	return c
}
