package httpx

import (
	"fmt"
	"net/http"
	"time"
)

// transport is shared, so that clients of the same host share connections.
var transport = func() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 32
	return t
}()

// NewClient returns a client whose every exchange ends within timeout, the
// reading of the body included.
func NewClient(timeout time.Duration) *http.Client {
	return &http.Client{Transport: transport, Timeout: timeout}
}

// StatusError is a response with a status that the caller did not expect.
type StatusError struct {
	Method string
	URL    string
	Status int
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s %s: status %d", e.Method, e.URL, e.Status)
}

// Unexpected describes resp as an error.
func Unexpected(resp *http.Response) error {
	return &StatusError{Method: resp.Request.Method, URL: resp.Request.URL.String(), Status: resp.StatusCode}
}
