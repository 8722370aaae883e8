// Package chiapp2 only logs RemoteAddr.
package chiapp2

import (
	"log"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

func logged(w http.ResponseWriter, r *http.Request) {
	log.Print(r.RemoteAddr)
}

func serve() http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.RealIP)
	r.Get("/", logged)
	return r
}
