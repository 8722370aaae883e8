// Package unsettled takes a router as it comes. // want package:`relies on`
package unsettled

import (
	"ginapp"
	"net/http"
)

func serve() http.Handler {
	return ginapp.Router() // want `ginapp.Router trusts every peer as a proxy`
}
