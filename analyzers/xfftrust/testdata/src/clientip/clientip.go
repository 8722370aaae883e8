// Package clientip tells who a request is from.
package clientip

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// FromRequest believes whoever connects.
func FromRequest(r *http.Request) string {
	if ip := r.Header.Get("X-Real-IP"); ip != "" {
		return ip
	}
	if xff := r.Header.Get("X-Forwarded-For"); xff != "" {
		return strings.TrimSpace(strings.Split(xff, ",")[0])
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return host
}

// Trusted believes the proxies that it is given.
func Trusted(r *http.Request, proxies []netip.Prefix) string {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	peer, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	for _, p := range proxies {
		if p.Contains(peer) {
			return r.Header.Get("X-Real-IP")
		}
	}
	return host
}

// Last takes the entry that the one proxy in front added.
func Last(r *http.Request) string {
	parts := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
	return strings.TrimSpace(parts[len(parts)-1])
}

// Allowed decides by an address that it is given.
func Allowed(addr string, networks []*net.IPNet) bool {
	ip := net.ParseIP(addr)
	for _, n := range networks {
		if n.Contains(ip) {
			return true
		}
	}
	return false
}
