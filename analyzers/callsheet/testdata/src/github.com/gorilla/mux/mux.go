// Package mux declares as much of the router of that name as the tests use.
package mux

import "net/http"

type (
	Router struct{}
	Route  struct{}
)

func NewRouter() *Router { return nil }

func (*Router) HandleFunc(path string, f func(http.ResponseWriter, *http.Request)) *Route { return nil }
func (*Router) Handle(path string, handler http.Handler) *Route                           { return nil }
func (*Router) PathPrefix(tpl string) *Route                                              { return nil }
func (*Route) Methods(methods ...string) *Route                                           { return nil }
func (*Route) Subrouter() *Router                                                         { return nil }
