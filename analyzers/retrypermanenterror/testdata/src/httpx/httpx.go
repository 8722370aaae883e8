// Package httpx makes errors of answers.
package httpx

import (
	"fmt"
	"net/http"
)

// A StatusError is an answer that was not expected.
type StatusError struct{ Code int }

func (e *StatusError) Error() string { return fmt.Sprint("status ", e.Code) }

// Unexpected makes an error of an answer.
func Unexpected(resp *http.Response) error { // want Unexpected:"always fails"
	return &StatusError{resp.StatusCode}
}

// Check makes an error of some answers.
func Check(resp *http.Response) error {
	if resp.StatusCode < 400 {
		return nil
	}
	return Unexpected(resp)
}

// Fetch fetches and drops.
func Fetch(url string) error { // want Fetch:"fails after client errors"
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode > 299 {
		return Unexpected(resp)
	}
	return nil
}
