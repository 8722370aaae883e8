// Package transport has round trippers that mend what breaks often.
package transport

import (
	"net/http"
	"time"
)

// Reconnect sends a request again, once, if its connection broke.
type Reconnect struct {
	Next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t Reconnect) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.Next.RoundTrip(req)
	if err != nil && req.Context().Err() == nil {
		resp, err = t.Next.RoundTrip(req)
	}
	return resp, err
}

// Busy waits for servers that are overloaded or away.
type Busy struct {
	Next  http.RoundTripper
	Tries int
	Wait  time.Duration
}

// RoundTrip implements http.RoundTripper.
func (t Busy) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	for try := 1; try <= t.Tries; try++ {
		resp, err = t.Next.RoundTrip(req)
		if err == nil && resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode < 500 {
			return resp, nil
		}
		if try == t.Tries {
			break
		}
		if resp != nil {
			resp.Body.Close()
		}
		select {
		case <-req.Context().Done():
			return nil, req.Context().Err()
		case <-time.After(t.Wait):
		}
	}
	return resp, err
}
