// Package errgroupsum collects quotes from several desks at once.
package errgroupsum

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

type desk struct {
	base   string
	client *http.Client
}

// Call asks for spot and forward quotes and for the fees.
func Call(ctx context.Context, target string) error {
	d := &desk{base: "http://" + target, client: &http.Client{Timeout: 400 * time.Millisecond}}
	var group errgroup.Group
	group.Go(func() error { return d.quote(ctx, "spot") })
	group.Go(func() error { return d.quote(ctx, "forward") })
	group.Go(func() error { return d.get(ctx, "/fees", "") })
	return group.Wait()
}

func (d *desk) quote(ctx context.Context, kind string) error {
	for try := 1; ; try++ {
		err := d.get(ctx, "/quotes", kind)
		if err == nil {
			return nil
		}
		if try > 2 {
			return fmt.Errorf("%s quote: %w", kind, err)
		}
		time.Sleep(time.Duration(try) * time.Millisecond)
	}
}

func (d *desk) get(ctx context.Context, path, kind string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("X-Kind", kind)
	resp, err := d.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, resp.Status)
	}
	return nil
}
