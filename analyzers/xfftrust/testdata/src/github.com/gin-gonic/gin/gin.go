// Package gin declares what fixtures need of gin.
package gin

import "net/http"

type Engine struct {
	TrustedPlatform     string
	ForwardedByClientIP bool
}

type HandlerFunc func(*Context)

type Context struct{ Request *http.Request }

func New() *Engine     { return &Engine{} }
func Default() *Engine { return New() }

func (e *Engine) SetTrustedProxies(proxies []string) error     { return nil }
func (e *Engine) Use(h ...HandlerFunc)                         {}
func (e *Engine) GET(path string, h ...HandlerFunc)            {}
func (e *Engine) ServeHTTP(http.ResponseWriter, *http.Request) {}

func (c *Context) ClientIP() string            { return "" }
func (c *Context) RemoteIP() string            { return "" }
func (c *Context) GetHeader(key string) string { return "" }
func (c *Context) AbortWithStatus(code int)    {}
func (c *Context) JSON(code int, body any)     {}
func (c *Context) Next()                       {}
