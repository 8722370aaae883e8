// Package echoapp2 decides by the address that echo tells. // want package:`settled \[2\]`
package echoapp2

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
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()
	e.GET("/admin", admin(nil))
	return e
}
