// Package branches books transports.
package branches

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

type parcel struct {
	grams   int
	express bool
}

type carrier struct {
	url  string
	http *http.Client
}

// Call books the transport of an express parcel.
func Call(ctx context.Context, target string) error {
	c := &carrier{url: "http://" + target + "/bookings", http: &http.Client{Timeout: 300 * time.Millisecond}}
	return c.ship(ctx, parcel{grams: 800, express: true})
}

func (c *carrier) ship(ctx context.Context, p parcel) error {
	if p.express {
		return c.bookUntil(ctx, 4)
	}
	switch {
	case p.grams > 20_000:
		return c.bookUntil(ctx, 3)
	case p.grams > 1000:
		return c.bookUntil(ctx, 2)
	default:
		return c.book(ctx)
	}
}

func (c *carrier) bookUntil(ctx context.Context, attempts int) error {
	var err error
	for attempt := 1; attempt <= attempts; attempt++ {
		if err = c.book(ctx); err == nil {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return err
}

func (c *carrier) book(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("booking: %s", resp.Status)
	}
	return nil
}
