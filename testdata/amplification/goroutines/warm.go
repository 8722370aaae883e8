// Package goroutines warms two caches.
package goroutines

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// Call fills the near and the far cache.
func Call(ctx context.Context, target string) error {
	var (
		wg        sync.WaitGroup
		near, far error
	)
	wg.Add(1)
	go func() {
		defer wg.Done()
		near = fill(ctx, "http://"+target+"/cache/fill")
	}()
	wg.Go(func() {
		if far = fill(ctx, "http://"+target+"/cache/fill"); far != nil {
			time.Sleep(time.Millisecond)
			far = fill(ctx, "http://"+target+"/cache/fill")
		}
	})
	wg.Wait()
	return errors.Join(near, far)
}

func fill(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 400*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New("fill: " + resp.Status)
	}
	return nil
}
