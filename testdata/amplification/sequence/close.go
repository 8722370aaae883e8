// Package sequence closes a till.
package sequence

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

var client = &http.Client{Timeout: 300 * time.Millisecond}

// Call reports the day's sales and returns, and then the cash count.
func Call(ctx context.Context, target string) error {
	url := "http://" + target + "/journal"
	sales := report(ctx, url, "sales")
	returns := report(ctx, url, "returns")
	count := post(ctx, url+"/cash", "count")
	return errors.Join(sales, returns, count)
}

// report sends one kind of entry, with a second chance.
func report(ctx context.Context, url, kind string) error {
	const chances = 2
	var err error
	for n := 0; n < chances; n++ {
		if err = post(ctx, url, kind); err == nil {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return fmt.Errorf("%s: %w", kind, err)
}

func post(ctx context.Context, url, entry string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(entry))
	if err != nil {
		return err
	}
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
