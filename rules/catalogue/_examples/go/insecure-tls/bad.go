// Package ledger connects to the ledger service.
package ledger

import (
	"crypto/tls"
	"net/http"
	"time"
)

// NewClient returns the HTTP client for calls to the ledger, whose certificate
// is signed by the company's own authority.
func NewClient() *http.Client {
	return &http.Client{
		Timeout: 5 * time.Second,
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		},
	}
}
