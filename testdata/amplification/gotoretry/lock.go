// Package gotoretry takes a lease on a job.
package gotoretry

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
)

const leaseTries = 5

var errNotLeased = errors.New("job is not leased")

// Call leases the nightly job.
func Call(ctx context.Context, target string) error {
	client := http.Client{Timeout: 250 * time.Millisecond}
	try := 0
again:
	try++
	ok, err := lease(ctx, &client, "http://"+target+"/leases/nightly")
	if err != nil || !ok {
		if try < leaseTries {
			time.Sleep(time.Millisecond)
			goto again
		}
		if err == nil {
			err = errNotLeased
		}
		return err
	}
	return nil
}

func lease(ctx context.Context, client *http.Client, url string) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, "PUT", url, strings.NewReader("holder=worker-1"))
	if err != nil {
		return false, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	return resp.StatusCode < 300, nil
}
