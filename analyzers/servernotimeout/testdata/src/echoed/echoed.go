// Package echoed starts servers of echo, whose http.Server it leaves as it is.
package echoed

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

type app struct{ router *echo.Echo }

func newApp() *app {
	a := &app{router: echo.New()}
	a.router.GET("/", func(echo.Context) error { return nil })
	return a
}

func (a *app) run(addr string) error {
	return a.router.Start(addr) // want `\(\*echo.Echo\).Start starts a server without any timeout: .*; set Server.ReadHeaderTimeout before it starts`
}

func local() error {
	e := echo.New()
	go func() { _ = e.Start(":8080") }() // want `starts a server without any timeout`
	return e.StartTLS(":8443", "c", "k") // want `^\(\*echo.Echo\).StartTLS starts a server without any timeout: .*; set TLSServer.ReadHeaderTimeout`
}

// made elsewhere, where its server may have been set
func given(e *echo.Echo) error { return e.Start(":8080") }

func own(e *echo.Echo) error {
	return e.StartServer(&http.Server{ReadHeaderTimeout: time.Second})
}

func Given(e *echo.Echo) error { return given(e) }
