// Package chi declares as much of the router of that name as the tests use.
package chi

import "net/http"

type Router interface {
	http.Handler
	Get(pattern string, h http.HandlerFunc)
	Post(pattern string, h http.HandlerFunc)
	Method(method, pattern string, h http.Handler)
	Route(pattern string, fn func(r Router)) Router
	Group(fn func(r Router)) Router
	With(middlewares ...func(http.Handler) http.Handler) Router
	Mount(pattern string, h http.Handler)
}

type Mux struct{ http.ServeMux }

func NewRouter() *Mux { return nil }

func (*Mux) Get(pattern string, h http.HandlerFunc)                     {}
func (*Mux) Post(pattern string, h http.HandlerFunc)                    {}
func (*Mux) Method(method, pattern string, h http.Handler)              {}
func (*Mux) Route(pattern string, fn func(r Router)) Router             { return nil }
func (*Mux) Group(fn func(r Router)) Router                             { return nil }
func (*Mux) With(middlewares ...func(http.Handler) http.Handler) Router { return nil }
func (*Mux) Mount(pattern string, h http.Handler)                       {}
