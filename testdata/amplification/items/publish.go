// Package items publishes a release to every region.
package items

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

var regions = [...]string{"eu-north", "us-east", "ap-south"}

const tries = 2

// Call publishes to all regions, and says which of them failed.
func Call(ctx context.Context, target string) error {
	client := &http.Client{Timeout: 250 * time.Millisecond}
	var failures []error
	for _, region := range regions {
		if err := publish(ctx, client, target, region); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", region, err))
		}
	}
	return errors.Join(failures...)
}

func publish(ctx context.Context, client *http.Client, host, region string) error {
	var err error
	for try := 1; try <= tries; try++ {
		if err = put(ctx, client, host, region); err == nil {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return err
}

func put(ctx context.Context, client *http.Client, host, region string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://"+host+"/release", strings.NewReader("v1.4.0"))
	if err != nil {
		return err
	}
	req.Header.Set("X-Region", region)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return errors.New(resp.Status)
	}
	return nil
}
