// Package a puts retries around what others retry.
package a

import (
	"context"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/hashicorp/go-retryablehttp"

	"peer"
)

func loopAroundLoop(ctx context.Context) (err error) {
	for range 3 { // want `nested retries multiply: the loop in loopAroundLoop \(up to 3 attempts\) around the loop in Get \(up to 4 attempts\), so that after .* is sent up to 12 times`
		if err = peer.Get(ctx, "https://example.com/a"); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// Whoever calls what is nested already adds nothing.
func callsNested(ctx context.Context) error { return loopAroundLoop(ctx) }

// A retry around that is another finding.
func threeDeep(ctx context.Context) error {
	err := callsNested(ctx)
	if err != nil {
		err = callsNested(ctx) // want `the second try in threeDeep \(up to 2 attempts\) around the loop in loopAroundLoop .* around the loop in Get .* sent up to 24 times`
	}
	return err
}

func helperAroundClient(url string) error {
	client := retryablehttp.NewClient()
	client.RetryMax = 2
	policy := backoff.WithMaxRetries(backoff.NewExponentialBackOff(), 4)
	return backoff.Retry(func() error { // want `backoff.Retry \(up to 5 attempts\) around .*retryablehttp.* \(up to 3 attempts\), so that .* is sent up to 15 times`
		resp, err := client.Get(url)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}, policy)
}

// The helper of another package repeats what it is given.
func passesOn(ctx context.Context) error {
	return peer.Retry(func() error { // want `the loop in Retry \(up to 3 attempts\) around the loop in Get`
		return peer.Get(ctx, "https://example.com/b")
	})
}

func throughInterface(ctx context.Context, client *peer.Client) error {
	var store peer.Store = client
	var err error
	for range 3 { // want `the loop in throughInterface .* around the second try in .*Load \(up to 2 attempts\)`
		if err = store.Load(ctx, "k"); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// One after the other they add up and do not multiply.
func oneAfterTheOther(ctx context.Context) error {
	if err := peer.Get(ctx, "https://example.com/c"); err != nil {
		return err
	}
	return peer.Get(ctx, "https://example.com/d")
}

func onlyOnce(ctx context.Context) (err error) {
	for range 3 {
		if err = peer.Once(ctx, "https://example.com/e"); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

// The client is told to try once.
func switchedOff(url string) (err error) {
	client := retryablehttp.NewClient()
	client.RetryMax = 0
	for range 3 {
		var resp *http.Response
		if resp, err = client.Get(url); err == nil {
			return resp.Body.Close()
		}
		time.Sleep(time.Second)
	}
	return err
}

// What is repeated without is what is not repeated within: retryablehttp gives
// 404 back at once, and after its last attempt an error.
func otherFailures(url string) error {
	client := retryablehttp.NewClient()
	for range 3 {
		resp, err := client.Get(url)
		if err != nil {
			return err
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			return nil
		}
		time.Sleep(time.Second)
	}
	return nil
}

// A loop over data is no retry.
func each(ctx context.Context, urls []string) error {
	for _, u := range urls {
		if err := peer.Get(ctx, u); err != nil {
			return err
		}
	}
	return nil
}
