// Package plaindialer dials what the URL names, with timeouts of its own.
package plaindialer

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"time"
)

var slow = &http.Client{Transport: &http.Transport{
	DialContext: (&net.Dialer{Timeout: time.Second}).DialContext,
}}

var ipv4 = &http.Client{Transport: &http.Transport{
	DialContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp4", addr)
	},
}}

func ask(endpoint, path string) {
	slow.Get("http://orders/v1")                    // want `to orders in clear text`
	ipv4.Get("http://orders/v1")                    // want `to orders in clear text`
	u, _ := url.JoinPath("http://linter", endpoint) // want `sends requests to linter in clear text`
	slow.Get(u)
	slow.Get("http://basket" + path) // want `in clear text to a host that begins with "basket"`
}
