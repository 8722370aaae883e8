// Package bystander checks baskets out.
package bystander

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

type shop struct {
	base   string
	client *http.Client
}

// Call checks a basket out. When a step fails, it starts over: reservations
// run out by themselves.
func Call(ctx context.Context, target string) error {
	s := shop{base: "http://" + target, client: &http.Client{Timeout: 200 * time.Millisecond}}
	var err error
	for attempt := 1; attempt <= 3; attempt++ {
		if err = s.checkout(ctx); err == nil {
			return nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	return fmt.Errorf("checkout: %w", err)
}

func (s shop) checkout(ctx context.Context) error {
	if err := s.post(ctx, "/reservations", "sku=teapot"); err != nil {
		return err
	}
	err := s.post(ctx, "/payments", "cents=5450")
	if err != nil {
		err = s.post(ctx, "/payments", "cents=5450")
	}
	return err
}

func (s shop) post(ctx context.Context, path, form string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+path, strings.NewReader(form))
	if err != nil {
		return err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s: %s", path, resp.Status)
	}
	return nil
}
