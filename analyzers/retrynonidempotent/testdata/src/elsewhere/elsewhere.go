// Package elsewhere repeats what another package sends, or has it repeated there.
package elsewhere

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"peer"
)

func charge(ctx context.Context, body []byte) (err error) {
	for range 3 { // want `the loop in charge repeats POST`
		if err = peer.Charge(ctx, bytes.NewReader(body)); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func method(ctx context.Context, body []byte) (err error) {
	for range 3 { // want `the loop in method repeats POST`
		if err = peer.Send(ctx, "POST", "https://pay.example.com/charges", bytes.NewReader(body)); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func put(ctx context.Context, body []byte) (err error) {
	for range 3 {
		if err = peer.Send(ctx, "PUT", "https://pay.example.com/charges", bytes.NewReader(body)); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func handed(ctx context.Context, body []byte) error {
	req, err := peer.NewCharge(ctx, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := peer.Do(req) // want `the loop in Do repeats POST`
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func handedKey(ctx context.Context, key string, body []byte) error {
	req, err := peer.NewCharge(ctx, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Idempotency-Key", key)
	resp, err := peer.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func handedGet(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, "GET", "https://pay.example.com/charges", nil)
	if err != nil {
		return err
	}
	resp, err := peer.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func helper(ctx context.Context, body []byte) error {
	return peer.Retry(func() error { // want `the loop in Retry repeats POST`
		return peer.Charge(ctx, bytes.NewReader(body))
	})
}
