// Package b decides by what another package reads. // want package:`relies on \[.*\] settled \[\]`
package b

import (
	"clientip"
	"net"
	"net/http"
	"net/netip"
	"sync"

	"golang.org/x/time/rate"
)

type server struct {
	mu       sync.Mutex
	limiters map[string]*rate.Limiter
	admins   []*net.IPNet
	proxies  []netip.Prefix
}

func (s *server) limiter(ip string) *rate.Limiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.limiters[ip]
	if !ok {
		l = rate.NewLimiter(1, 5)
		s.limiters[ip] = l
	}
	return l
}

func (s *server) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.limiter(clientip.FromRequest(r)).Allow() { // want `a limit per client rests on X-Real-IP or X-Forwarded-For, which any client can write`
			http.Error(w, "slow down", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) admin(w http.ResponseWriter, r *http.Request) {
	if !clientip.Allowed(clientip.FromRequest(r), s.admins) { // want `a request is let in or refused by X-Real-IP or X-Forwarded-For`
		http.Error(w, "not for you", http.StatusForbidden)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *server) behindProxies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.limiter(clientip.Trusted(r, s.proxies)).Allow() {
			http.Error(w, "slow down", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) behindOneProxy(w http.ResponseWriter, r *http.Request) {
	if !clientip.Allowed(clientip.Last(r), s.admins) {
		http.Error(w, "not for you", http.StatusForbidden)
	}
}

func (s *server) byPeer(w http.ResponseWriter, r *http.Request) {
	if !clientip.Allowed(r.RemoteAddr, s.admins) {
		http.Error(w, "not for you", http.StatusForbidden)
	}
}
