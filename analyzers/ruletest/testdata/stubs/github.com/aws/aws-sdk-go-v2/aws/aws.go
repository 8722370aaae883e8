// Package aws has the declarations of github.com/aws/aws-sdk-go-v2/aws that
// fixtures use.
package aws

import (
	"net/http"
	"time"
)

type HTTPClient interface {
	Do(*http.Request) (*http.Response, error)
}

type RetryMode string

type Retryer interface {
	IsErrorRetryable(error) bool
	MaxAttempts() int
	RetryDelay(attempt int, opErr error) (time.Duration, error)
}

type NopRetryer struct{}

func (NopRetryer) IsErrorRetryable(error) bool                  { return false }
func (NopRetryer) MaxAttempts() int                             { return 1 }
func (NopRetryer) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

type Config struct {
	Region           string
	HTTPClient       HTTPClient
	RetryMaxAttempts int
	RetryMode        RetryMode
	Retryer          func() Retryer
}

func String(v string) *string { return &v }
