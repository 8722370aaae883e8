// Package echo declares what fixtures need of echo.
package echo

import "net/http"

type Echo struct {
	Server      *http.Server
	TLSServer   *http.Server
	IPExtractor IPExtractor
}

func New() *Echo { return &Echo{} }

type IPExtractor func(*http.Request) string

func ExtractIPDirect() IPExtractor { return nil }

type Context interface {
	Request() *http.Request
	RealIP() string
}

type HTTPError struct{}

func (*HTTPError) Error() string { return "" }

func NewHTTPError(code int, message ...interface{}) *HTTPError { return &HTTPError{} }

type HandlerFunc func(c Context) error

func (e *Echo) GET(path string, h HandlerFunc)                               {}
func (e *Echo) Start(address string) error                                   { return nil }
func (e *Echo) StartTLS(address string, certFile, keyFile interface{}) error { return nil }
func (e *Echo) StartServer(s *http.Server) error                             { return nil }
