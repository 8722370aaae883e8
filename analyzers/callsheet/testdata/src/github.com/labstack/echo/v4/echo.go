// Package echo declares as much of the router of that name as the tests use.
package echo

type Context interface{ Param(name string) string }

type (
	HandlerFunc    func(c Context) error
	MiddlewareFunc func(next HandlerFunc) HandlerFunc
)

type (
	Echo  struct{}
	Group struct{}
	Route struct{}
)

func New() *Echo { return nil }

func (*Echo) GET(path string, h HandlerFunc, m ...MiddlewareFunc) *Route         { return nil }
func (*Echo) Add(method, path string, h HandlerFunc, m ...MiddlewareFunc) *Route { return nil }
func (*Echo) Group(prefix string, m ...MiddlewareFunc) *Group                    { return nil }
func (*Group) DELETE(path string, h HandlerFunc, m ...MiddlewareFunc) *Route     { return nil }
