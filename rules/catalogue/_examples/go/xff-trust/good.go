// Package signin limits how often a client may try to sign in.
package signin

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// Attempts counts failures to sign in by the address of the client.
type Attempts struct {
	mu     sync.Mutex
	failed map[netip.Addr]int
	// proxies lists the networks of the proxies in front of the service.
	proxies []netip.Prefix
}

// client returns the last address on the way that is not one of our proxies:
// the peer itself, or what a proxy of ours saw.
func (a *Attempts) client(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	client := peer.Addr()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && a.isProxy(client); i-- {
		if client, err = netip.ParseAddr(strings.TrimSpace(hops[i])); err != nil {
			return netip.Addr{}
		}
	}
	return client
}

func (a *Attempts) isProxy(addr netip.Addr) bool {
	return slices.ContainsFunc(a.proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// Limit refuses clients that failed too often.
func (a *Attempts) Limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client := a.client(r)

		a.mu.Lock()
		failed := a.failed[client]
		a.mu.Unlock()
		if failed >= 5 {
			http.Error(w, "too many attempts", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}
