// Package dialer asks a service behind a unix socket.
package dialer

import (
	"context"
	"net"
	"net/http"
	"net/url"
)

type client struct {
	socket string
	http   *http.Client
}

func (c *client) client() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", c.socket)
	}
	return &http.Client{Transport: transport}
}

func (c *client) ask(ctx context.Context, endpoint string) {
	u, _ := url.JoinPath("http://linter", endpoint)
	req, _ := http.NewRequestWithContext(ctx, http.MethodPost, u, nil)
	c.client().Do(req)
	c.http.Get("http://linter/list")
}

// http.DefaultClient has the default transport.
func other() {
	http.Get("http://orders/v1") // want `to orders in clear text`
}
