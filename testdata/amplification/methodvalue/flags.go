// Package methodvalue reads feature flags.
package methodvalue

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

type flags struct {
	url    string
	client http.Client
}

// Call refreshes the flags.
func Call(ctx context.Context, target string) error {
	f := &flags{url: "http://" + target + "/flags", client: http.Client{Timeout: 300 * time.Millisecond}}
	return repeat(ctx, f.refresh)
}

func repeat(ctx context.Context, f func(context.Context) error) error {
	const most = 4
	for n := 1; ; n++ {
		err := f(ctx)
		if err == nil || n == most || ctx.Err() != nil {
			return err
		}
		time.Sleep(time.Duration(n) * time.Millisecond)
	}
}

func (f *flags) refresh(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, nil)
	if err != nil {
		return err
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("flags: %s", resp.Status)
	}
	return nil
}
