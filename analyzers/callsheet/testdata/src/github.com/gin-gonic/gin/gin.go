// Package gin declares as much of the router of that name as the tests use.
package gin

type Context struct{}

type HandlerFunc func(*Context)

type RouterGroup struct{}

type Engine struct{ RouterGroup }

func Default() *Engine { return nil }

func (*RouterGroup) Group(relativePath string, handlers ...HandlerFunc) *RouterGroup { return nil }
func (*RouterGroup) GET(relativePath string, handlers ...HandlerFunc)                {}
func (*RouterGroup) POST(relativePath string, handlers ...HandlerFunc)               {}
func (*RouterGroup) Handle(method, relativePath string, handlers ...HandlerFunc)     {}
