// Package a holds retries that choose what they repeat, and some that do not.
package a

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"httpx"

	"github.com/cenkalti/backoff/v4"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"shop/payments"
)

type client struct {
	http     *http.Client
	payments payments.PaymentsClient
}

func (c *client) anyStatus(req *http.Request) (*http.Response, error) {
	for range 3 { // want `c.http.Do is repeated after answers such as 400 and 404, which a repeat cannot cure: the status does not decide; nor is Retry-After looked at`
		resp, err := c.http.Do(req)
		if err == nil && resp.StatusCode == http.StatusOK {
			return resp, nil
		}
		time.Sleep(time.Second)
	}
	return nil, errors.New("gave up")
}

func (c *client) notFoundToo(req *http.Request) (resp *http.Response, err error) {
	for range 3 { // want `c.http.Do is repeated after answers such as 400 and 404, which a repeat cannot cure: the status does not decide$`
		resp, err = c.http.Do(req)
		if err != nil || resp.StatusCode < 400 {
			return resp, err
		}
		resp.Body.Close()
	}
	return resp, nil
}

func (c *client) overlooked(req *http.Request) (resp *http.Response, err error) {
	for i := range 4 { // want `c.http.Do is repeated after a wait of its own: the Retry-After of 429 and 503 is not looked at`
		resp, err = c.http.Do(req)
		if err == nil && resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode < 500 {
			return resp, nil
		}
		time.Sleep(time.Second << i)
	}
	return resp, err
}

func (c *client) honoured(req *http.Request) (resp *http.Response, err error) {
	for i := range 4 {
		resp, err = c.http.Do(req)
		if err == nil && resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode < 500 {
			return resp, nil
		}
		wait := time.Second << i
		if err == nil {
			if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
				wait = time.Duration(s) * time.Second
			}
		}
		time.Sleep(wait)
	}
	return resp, err
}

// Without a wait between attempts there is nothing to replace by Retry-After.
func (c *client) serverErrors(req *http.Request) (resp *http.Response, err error) {
	for range 3 {
		resp, err = c.http.Do(req)
		if err != nil || resp.StatusCode < 500 {
			return resp, err
		}
	}
	return resp, nil
}

func (c *client) connectionErrors(req *http.Request) (resp *http.Response, err error) {
	for range 3 {
		if resp, err = c.http.Do(req); err == nil {
			return resp, nil
		}
		time.Sleep(time.Second)
	}
	return nil, err
}

func (c *client) anyCode(ctx context.Context, req *payments.ChargeRequest) (reply *payments.ChargeResponse, err error) {
	for range 3 { // want `c.payments.Charge is repeated after gRPC errors such as INVALID_ARGUMENT and NOT_FOUND, which a repeat cannot cure: the code does not decide`
		if reply, err = c.payments.Charge(ctx, req); err == nil {
			return reply, nil
		}
		time.Sleep(time.Second)
	}
	return nil, err
}

func (c *client) unavailable(ctx context.Context, req *payments.ChargeRequest) (reply *payments.ChargeResponse, err error) {
	for range 3 {
		if reply, err = c.payments.Charge(ctx, req); status.Code(err) != codes.Unavailable {
			return reply, err
		}
		time.Sleep(time.Second)
	}
	return nil, err
}

func (c *client) get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s: %s", url, resp.Status)
	}
	return body, nil
}

func (c *client) anyError(ctx context.Context, url string) (body []byte, err error) {
	for i := range 3 { // want `c.get is repeated after answers such as 400 and 404, which a repeat cannot cure: get makes errors of them, and all errors are repeated`
		if body, err = c.get(ctx, url); err == nil {
			return body, nil
		}
		fmt.Println("attempt", i, err)
		time.Sleep(time.Second)
	}
	return nil, fmt.Errorf("gave up: %w", err)
}

func (c *client) anyErrorByHelper(ctx context.Context, url string) error {
	return backoff.Retry(func() error { // want `backoff.Retry is repeated after answers such as 400 and 404, which a repeat cannot cure: the function makes errors of them`
		resp, err := c.http.Get(url)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return errors.New(resp.Status)
		}
		return nil
	}, backoff.NewExponentialBackOff())
}

func (c *client) permanentByHelper(ctx context.Context, url string) error {
	return backoff.Retry(func() error {
		resp, err := c.http.Get(url)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode >= 500 {
			return errors.New(resp.Status)
		}
		if resp.StatusCode >= 400 {
			return backoff.Permanent(errors.New(resp.Status))
		}
		return nil
	}, backoff.NewExponentialBackOff())
}

func isTemporary(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }

// The error is judged, if not by its status here.
func (c *client) judged(ctx context.Context, url string) (body []byte, err error) {
	for range 3 {
		if body, err = c.get(ctx, url); err == nil || !isTemporary(err) {
			return body, err
		}
		time.Sleep(time.Second)
	}
	return nil, err
}

func (c *client) fetch(url string) (body []byte, again bool, err error) {
	resp, err := c.http.Get(url)
	if err != nil {
		return nil, true, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, resp.StatusCode >= 500, errors.New(resp.Status)
	}
	body, err = io.ReadAll(resp.Body)
	return body, true, err
}

// What is worth repeating is told beside the error.
func (c *client) flagged(url string) (body []byte, err error) {
	for range 3 {
		again := false
		if body, again, err = c.fetch(url); err == nil || !again {
			return body, err
		}
		time.Sleep(time.Second)
	}
	return nil, err
}

func (c *client) named(url string) (body []byte, err error) {
	resp, err := c.http.Get(url)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		body, err = io.ReadAll(resp.Body)
		return body, err
	}
	err = errors.New(resp.Status)
	return nil, err
}

func (c *client) anyNamed(url string) (body []byte, err error) {
	for range 3 { // want `c.named is repeated after answers such as 400 and 404`
		if body, err = c.named(url); err == nil {
			return body, nil
		}
		time.Sleep(time.Second)
	}
	return nil, err
}

func (c *client) drained(url string) error {
	resp, err := c.http.Get(url)
	if err != nil {
		return fmt.Errorf("get: %w", err)
	}
	defer func() {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("get: %s", resp.Status)
	}
	return nil
}

func (c *client) anyDrained(url string) (err error) {
	for range 3 { // want `c.drained is repeated after answers such as 400 and 404`
		if err = c.drained(url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func (c *client) fromLibrary(url string) error {
	resp, err := c.http.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return httpx.Unexpected(resp)
	}
	return nil
}

func (c *client) anyFromLibrary(url string) (err error) {
	for range 3 { // want `c.fromLibrary is repeated after answers such as 400 and 404`
		if err = c.fromLibrary(url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func anyOfLibrary(url string) (err error) {
	for range 3 { // want `httpx.Fetch is repeated after answers such as 400 and 404`
		if err = httpx.Fetch(url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func (c *client) head(ctx context.Context, url string) error {
	resp, err := c.http.Head(url)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// What head returns as an error is no answer.
func (c *client) headed(ctx context.Context, url string) (err error) {
	for range 3 {
		if err = c.head(ctx, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// Until a peer is ready it may answer anything.
func (c *client) waitUntilReady(req *http.Request) error {
	for range 100 {
		resp, err := c.http.Do(req)
		if err == nil && resp.StatusCode == http.StatusOK {
			return resp.Body.Close()
		}
		time.Sleep(time.Second)
	}
	return errors.New("not ready")
}
