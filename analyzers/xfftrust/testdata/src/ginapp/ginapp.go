// Package ginapp sets up a router that believes every peer. // want package:`relies on`
package ginapp

import (
	"ginapp/handlers"
	"net/http"

	"github.com/gin-gonic/gin"
)

func serve() http.Handler {
	r := gin.New() // want `gin.New trusts every peer as a proxy unless SetTrustedProxies is called`
	r.Use(handlers.Log, handlers.Limit)
	return r
}

// Router leaves it to its caller whom the router trusts.
func Router() *gin.Engine { // want Router:`router 1`
	r := gin.Default()
	r.Use(handlers.Limit)
	return r
}
