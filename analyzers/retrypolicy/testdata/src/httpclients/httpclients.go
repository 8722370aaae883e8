// Package httpclients sends requests by clients that repeat them.
package httpclients

import (
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

func defaults(req *retryablehttp.Request, plain *http.Request) {
	c := retryablehttp.NewClient()
	c.Do(req)                            // want `retryablehttp 5 growing, no jitter, context, Retry-After, waits 15s, opaque$`
	retryablehttp.Get("http://payments") // want `retryablehttp.Get 5 growing, no jitter, context, Retry-After, waits 15s, opaque`
	c.StandardClient().Do(plain)         // want `retryablehttp 5 growing`
	http.Get("http://payments")
	http.DefaultClient.Do(plain)
	(&http.Client{Timeout: time.Second}).Do(plain)
}

func set(req *retryablehttp.Request, plain *http.Request) {
	c := retryablehttp.NewClient()
	c.RetryMax = 2
	c.RetryWaitMax = time.Second
	c.Backoff = retryablehttp.LinearJitterBackoff
	c.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c.Do(req)                    // want `retryablehttp 3 growing, jitter, context, waits 2s$`
	c.StandardClient().Do(plain) // want `retryablehttp 3 growing`
	hc := &http.Client{Transport: &retryablehttp.RoundTripper{Client: c}}
	hc.Get("http://payments") // want `retryablehttp 3 growing`
	hc = &http.Client{Transport: &retryablehttp.RoundTripper{}}
	hc.Get("http://payments") // want `retryablehttp (3|5) growing`

	off := retryablehttp.NewClient()
	off.RetryMax = 0
	off.Do(req)
	(&retryablehttp.Client{RetryMax: 1}).Do(req) // want `retryablehttp 2 waits\?, jitter\?, context`
	(&retryablehttp.Client{}).Do(req)

	outer := retryablehttp.NewClient()
	outer.HTTPClient = c.StandardClient()
	outer.Do(req) // want `retryablehttp 5 growing.*; retryablehttp 3 growing`
}

type client struct {
	http *retryablehttp.Client
	raw  *http.Client
}

func newClient(retries int) *client {
	c := retryablehttp.NewClient()
	if retries > 0 {
		c.RetryMax = retries
	}
	c.HTTPClient.Timeout = time.Second
	return &client{http: c, raw: c.StandardClient()}
}

var payments = newClient(7)

func (c *client) charge(req *retryablehttp.Request, plain *http.Request) {
	c.http.Do(req)  // want `retryablehttp 8 growing`
	c.raw.Do(plain) // want `retryablehttp 8 growing`
}

func given(c *retryablehttp.Client, req *retryablehttp.Request) {
	c.Do(req) // want `retryablehttp unknown waits\?, jitter\?, context`
}

type rt struct{ inner http.RoundTripper }

func (t *rt) RoundTrip(req *http.Request) (*http.Response, error) { return t.inner.RoundTrip(req) }

func wrapped(plain *http.Request) {
	(&http.Client{Transport: &rt{http.DefaultTransport}}).Do(plain)
}
