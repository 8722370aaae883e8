// Package echoapp decides by the address that echo tells. // want package:`relies on`
package echoapp

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

func admin(allowed map[string]bool) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !allowed[c.RealIP()] {
			return echo.NewHTTPError(http.StatusForbidden)
		}
		return nil
	}
}

func serve() *echo.Echo {
	e := echo.New() // want `echo.New without an IPExtractor believes X-Forwarded-For from every peer`
	e.GET("/admin", admin(nil))
	return e
}
