// Package echo declares what fixtures need of echo.
package echo

import "net/http"

type Echo struct {
	Server    *http.Server
	TLSServer *http.Server
}

func New() *Echo { return &Echo{} }

type Context interface{ Request() *http.Request }

type HandlerFunc func(c Context) error

func (e *Echo) GET(path string, h HandlerFunc)                               {}
func (e *Echo) Start(address string) error                                   { return nil }
func (e *Echo) StartTLS(address string, certFile, keyFile interface{}) error { return nil }
func (e *Echo) StartServer(s *http.Server) error                             { return nil }
