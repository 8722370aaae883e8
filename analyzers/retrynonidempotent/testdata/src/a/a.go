// Package a repeats requests of every method.
package a

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/cenkalti/backoff/v4"
	"github.com/go-resty/resty/v2"
	"github.com/hashicorp/go-retryablehttp"
)

func post(url string, body []byte) error {
	for range 3 { // want `the loop in post repeats POST .* without an idempotency key, after failures in which the server may have done the work already`
		resp, err := http.Post(url, "application/json", bytes.NewReader(body))
		if err == nil {
			return resp.Body.Close()
		}
		time.Sleep(time.Second)
	}
	return errors.New("gave up")
}

func patch(ctx context.Context, url string, body []byte) (err error) {
	for range 3 { // want `the loop in patch repeats PATCH`
		var req *http.Request
		if req, err = http.NewRequestWithContext(ctx, http.MethodPatch, url, bytes.NewReader(body)); err != nil {
			return err
		}
		var resp *http.Response
		if resp, err = http.DefaultClient.Do(req); err == nil {
			return resp.Body.Close()
		}
		time.Sleep(time.Second)
	}
	return err
}

// GET, PUT and DELETE may be repeated.
func idempotent(ctx context.Context, url string, body []byte) (err error) {
	for _, method := range []string{http.MethodGet} {
		_ = method
	}
	for range 3 {
		var req *http.Request
		if req, err = http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(body)); err != nil {
			return err
		}
		var resp *http.Response
		if resp, err = http.DefaultClient.Do(req); err == nil {
			return resp.Body.Close()
		}
		time.Sleep(time.Second)
	}
	return err
}

func remove(ctx context.Context, url string) (err error) {
	for range 3 {
		if err = once(ctx, http.MethodDelete, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// The method is the caller's.
func once(ctx context.Context, method, url string) error {
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func create(ctx context.Context, url string) (err error) {
	for range 3 { // want `the loop in create repeats POST`
		if err = once(ctx, http.MethodPost, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// All requests go through a loop that does not look at the method.
func do(req *http.Request) (resp *http.Response, err error) {
	for range 3 { // want `the loop in do repeats POST .* without an idempotency key`
		if resp, err = http.DefaultClient.Do(req); err == nil {
			return resp, nil
		}
		time.Sleep(time.Second)
	}
	return nil, err
}

func getAll(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func order(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		return err
	}
	resp, err := do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// What was refused was not sent.
func refused(url string, body []byte) error {
	for range 3 {
		resp, err := http.Post(url, "application/json", bytes.NewReader(body))
		if err == nil {
			return resp.Body.Close()
		}
		if !errors.Is(err, syscall.ECONNREFUSED) {
			return err
		}
		time.Sleep(time.Second)
	}
	return errors.New("gave up")
}

// With 429 and 503 the server says that it did nothing.
func busy(url string, body []byte) error {
	for range 3 {
		resp, err := http.Post(url, "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
			return nil
		}
		time.Sleep(time.Second)
	}
	return errors.New("gave up")
}

// With 401 too: the credentials are renewed, and it is sent once more.
func renewed(ctx context.Context, url, token string) error {
	send := func(token string) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", token)
		return http.DefaultClient.Do(req)
	}
	resp, err := send(token)
	if err != nil {
		return err
	}
	if resp.StatusCode == http.StatusUnauthorized {
		resp.Body.Close()
		if resp, err = send("new"); err != nil {
			return err
		}
	}
	return resp.Body.Close()
}

func helper(url string, body []byte) error {
	policy := backoff.WithMaxRetries(backoff.NewExponentialBackOff(), 3)
	return backoff.Retry(func() error { // want `backoff.Retry repeats POST`
		resp, err := http.Post(url, "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}, policy)
}

func own(n int, f func() error) (err error) {
	for range n { // want `the loop in own repeats POST`
		if err = f(); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func throughOwn(url string, body []byte) error {
	return own(3, func() error {
		resp, err := http.Post(url, "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		return resp.Body.Close()
	})
}

// Each element is sent once.
func each(urls []string) error {
	for _, u := range urls {
		resp, err := http.Post(u, "application/json", nil)
		if err != nil {
			continue
		}
		resp.Body.Close()
	}
	return nil
}

func libraryDefault(url string, body []byte) error {
	client := retryablehttp.NewClient()
	resp, err := client.Post(url, "application/json", body) // want `retryablehttp repeats POST`
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func libraryGet(url string) error {
	client := retryablehttp.NewClient()
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func libraryOff(url string, body []byte) error {
	client := retryablehttp.NewClient()
	client.RetryMax = 0
	resp, err := client.Post(url, "application/json", body)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func libraryRequest(ctx context.Context, url string, body []byte) error {
	client := retryablehttp.NewClient()
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return err
	}
	resp, err := client.Do(req) // want `retryablehttp repeats POST`
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func restyPost(url string) error {
	resp, err := resty.New().SetRetryCount(3).R().SetBody("{}").Post(url) // want `resty repeats POST`
	if err != nil {
		return err
	}
	if resp.IsError() {
		return fmt.Errorf("answer: %d", resp.StatusCode())
	}
	return nil
}

func restyKey(url, key string) error {
	_, err := resty.New().SetRetryCount(3).R().SetHeader("Idempotency-Key", key).SetBody("{}").Post(url)
	return err
}

// A function of another package, given to a third.
func upper(s string) string { return strings.Map(unicode.ToUpper, s) }

func methodValue(c *poster) error {
	return own(3, c.post)
}

type poster struct{ url string }

func (p *poster) post() error {
	resp, err := http.Post(p.url, "application/json", nil)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
