// Package carrier knows how to talk to the parcel carrier.
package carrier

import (
	"net/http"
	"time"
)

// A Session carries what every request to the carrier needs.
type Session struct {
	HTTP *http.Client
	Base string // such as "https://api.carrier.example"
}

// NewSession returns a session that signs its requests with token.
func NewSession(base, token string) *Session {
	return &Session{
		Base: base,
		HTTP: &http.Client{Transport: &signer{
			token: token,
			next: &http.Transport{
				Proxy:               http.ProxyFromEnvironment,
				TLSHandshakeTimeout: 5 * time.Second,
				MaxIdleConnsPerHost: 4,
			},
		}},
	}
}

type signer struct {
	token string
	next  http.RoundTripper
}

// RoundTrip sends a copy of req that carries the token.
func (s *signer) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+s.token)
	return s.next.RoundTrip(req)
}
