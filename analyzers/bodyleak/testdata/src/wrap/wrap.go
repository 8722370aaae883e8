// Package wrap has functions that open, close and keep responses for package a.
package wrap

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Open returns an open response.
func Open(url string) (*http.Response, error) { return http.Get(url) } // want Open:`opens \[0\] params \[\]`

// OpenBody returns an open body after the number of its bytes.
func OpenBody(url string) (int64, io.ReadCloser, error) { // want OpenBody:`opens \[1\]`
	resp, err := http.Get(url)
	if err != nil {
		return 0, nil, err
	}
	return resp.ContentLength, resp.Body, nil
}

// Fetched returns a response that it has closed, as some API clients do.
func Fetched(url string) (*http.Response, []byte, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, b, err
}

// Drain closes the body.
func Drain(body io.ReadCloser) { // want Drain:`params \[0\]`
	io.Copy(io.Discard, body)
	body.Close()
}

// Finish closes the response, two functions down.
func Finish(resp *http.Response) { // want Finish:`params \[0\]`
	if resp != nil {
		Drain(resp.Body)
	}
}

// Status only looks.
func Status(resp *http.Response) error { // want Status:`params \[1\]`
	if resp.StatusCode >= 400 {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}

// Check closes the body of a response that it rejects.
func Check(resp *http.Response) error { // want Check:`params \[2\]`
	if resp.StatusCode >= 400 {
		resp.Body.Close()
		return errors.New(resp.Status)
	}
	return nil
}
