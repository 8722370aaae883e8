// Package chiapp decides by RemoteAddr, which middleware overwrites. // want package:`relies on`
package chiapp

import (
	"net"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

var internal = net.IPNet{IP: net.IPv4(10, 0, 0, 0), Mask: net.CIDRMask(8, 32)}

func onlyInternal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !internal.Contains(net.ParseIP(r.RemoteAddr)) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func serve() http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.RealIP) // want `middleware.RealIP overwrites RemoteAddr with a header that any client can write: it can claim an address`
	r.Use(onlyInternal)
	return r
}

func serveBehind(trustProxy bool) http.Handler {
	r := chi.NewRouter()
	if trustProxy {
		r.Use(middleware.RealIP)
	}
	r.Use(onlyInternal)
	return r
}
