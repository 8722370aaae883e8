// Package keys sends requests with idempotency keys.
package keys

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v4"

	"peer"
)

func newKey() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func send(ctx context.Context, url, key string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Idempotency-Key", key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// The key is made once.
func before(ctx context.Context, url string, body []byte) (err error) {
	key := newKey()
	for range 3 {
		if err = send(ctx, url, key, body); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// The key is made for each attempt.
func inside(ctx context.Context, url string, body []byte) (err error) {
	for range 3 { // want `the loop in inside repeats POST .* with a new idempotency key for each attempt`
		if err = send(ctx, url, newKey(), body); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func insideLiteral(ctx context.Context, url string, body []byte) error {
	return backoff.Retry(func() error { // want `backoff.Retry repeats POST .* with a new idempotency key`
		return send(ctx, url, newKey(), body)
	}, backoff.NewExponentialBackOff())
}

func beforeLiteral(ctx context.Context, url string, body []byte) error {
	key := newKey()
	return backoff.Retry(func() error { return send(ctx, url, key, body) }, backoff.NewExponentialBackOff())
}

// A request that is made once has one key.
func oneRequest(ctx context.Context, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("X-Idempotency-Key", newKey())
	var resp *http.Response
	for range 3 {
		if resp, err = http.DefaultClient.Do(req); err == nil {
			return resp.Body.Close()
		}
		time.Sleep(time.Second)
	}
	return err
}

// A key by the content is the same for each attempt.
func byContent(ctx context.Context, url string, body []byte) (err error) {
	for range 3 {
		if err = send(ctx, url, hex.EncodeToString(body), body); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// The function that sends makes a new one each time.
func mint(ctx context.Context, url string, body []byte) error { return send(ctx, url, newKey(), body) }

func aroundMint(ctx context.Context, url string, body []byte) (err error) {
	for range 3 { // want `with a new idempotency key for each attempt`
		if err = mint(ctx, url, body); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// Another package sends it.
func elsewhere(ctx context.Context, body []byte) (err error) {
	key := newKey()
	for range 3 {
		if err = peer.ChargeOnce(ctx, key, bytes.NewReader(body)); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func elsewhereMinted(ctx context.Context, body []byte) (err error) {
	for range 3 { // want `with a new idempotency key for each attempt`
		if err = peer.ChargeOnce(ctx, newKey(), bytes.NewReader(body)); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// A header of the literal kind.
func literal(ctx context.Context, url, key string) (err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		return err
	}
	req.Header = http.Header{"Idempotency-Key": {key}}
	for range 3 {
		var resp *http.Response
		if resp, err = http.DefaultClient.Do(req); err == nil {
			return resp.Body.Close()
		}
		time.Sleep(time.Second)
	}
	return err
}
