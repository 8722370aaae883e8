// Package retryablehttploop starts exports.
package retryablehttploop

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const starts = 3

// Call starts the daily export.
func Call(ctx context.Context, target string) error {
	client := retryablehttp.NewClient()
	client.RetryMax = 2
	client.RetryWaitMin = time.Millisecond
	client.RetryWaitMax = 3 * time.Millisecond
	client.Logger = nil

	var err error
	for i := 0; i < starts; i++ {
		if err = start(ctx, client, "http://"+target+"/exports/daily"); err == nil {
			return nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	return err
}

func start(ctx context.Context, client *retryablehttp.Client, url string) error {
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPut, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("export: %s", resp.Status)
	}
	return nil
}
