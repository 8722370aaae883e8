// Package echoset sets a limit on one of the servers of an Echo.
package echoset

import (
	"time"

	"github.com/labstack/echo/v4"
)

func run() error {
	e := echo.New()
	e.Server.ReadTimeout = 5 * time.Second
	go e.StartTLS(":8443", "c", "k") // want `starts a server without any timeout`
	return e.Start(":8080")
}
