// Package connerrs lists free rooms.
package connerrs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	sends = 3 // over broken connections
	polls = 4 // while the service is away
)

var errAway = errors.New("rooms: the service is away")

type redial struct{ base http.RoundTripper }

func (r redial) RoundTrip(req *http.Request) (*http.Response, error) {
	for send := 1; ; send++ {
		resp, err := r.base.RoundTrip(req)
		if err == nil {
			return resp, nil
		}
		if send == sends {
			return nil, err
		}
		time.Sleep(time.Millisecond)
	}
}

var client = &http.Client{Transport: redial{http.DefaultTransport}}

// Call lists the rooms that are free tonight.
func Call(ctx context.Context, target string) error {
	for poll := 1; ; poll++ {
		err := list(ctx, "http://"+target+"/rooms/free")
		if !errors.Is(err, errAway) || poll == polls {
			return err
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func list(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusServiceUnavailable:
		return errAway
	default:
		return fmt.Errorf("rooms: %s", resp.Status)
	}
}
