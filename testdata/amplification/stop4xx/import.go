// Package stop4xx imports contacts.
package stop4xx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// A statusError is an answer other than success.
type statusError struct {
	code int
}

func (e *statusError) Error() string { return fmt.Sprintf("status %d", e.code) }

// permanent tells whether the same request would fail again.
func permanent(err error) bool {
	var status *statusError
	return errors.As(err, &status) && status.code >= 400 && status.code < 500
}

// Call imports one contact.
func Call(ctx context.Context, target string) error {
	const attempts = 4
	var err error
	for attempt := range attempts {
		err = create(ctx, "http://"+target+"/contacts")
		if err == nil || permanent(err) {
			return err
		}
		time.Sleep(time.Millisecond << attempt)
	}
	return fmt.Errorf("contact: %w", err)
}

func create(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("name=Grace"))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return &statusError{resp.StatusCode}
	}
	return nil
}
