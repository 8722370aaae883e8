// Package labelled checks postal addresses.
package labelled

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

var errBusy = errors.New("address check is busy")

// Call checks one address.
func Call(ctx context.Context, target string) error {
	client := &http.Client{Timeout: 300 * time.Millisecond}
	url := "http://" + target + "/addresses/check"
	err := errBusy

attempts:
	for _, wait := range [...]time.Duration{0, time.Millisecond, 3 * time.Millisecond, 5 * time.Millisecond} {
		time.Sleep(wait)
		req, reqErr := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("Storgatan 1"))
		if reqErr != nil {
			return reqErr
		}
		resp, doErr := client.Do(req)
		if doErr != nil {
			err = doErr
			continue attempts
		}
		resp.Body.Close()
		switch resp.StatusCode {
		case http.StatusOK:
			return nil
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			err = errBusy
			continue attempts
		default:
			return fmt.Errorf("address check: %s", resp.Status)
		}
	}
	return err
}
