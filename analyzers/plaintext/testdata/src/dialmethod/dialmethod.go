// Package dialmethod dials a unix socket with a method.
package dialmethod

import (
	"context"
	"net"
	"net/http"
)

type socket struct{ path string }

func (s *socket) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "unix", s.path)
}

func ask(s *socket) {
	c := &http.Client{Transport: &http.Transport{DialContext: s.DialContext}}
	c.Get("http://linter/list")
}
