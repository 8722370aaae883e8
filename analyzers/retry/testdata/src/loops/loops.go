// Package loops holds loops with remote calls that are not retries.
package loops

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"time"
)

type page struct {
	Items []string
	Next  string
}

func fetch(ctx context.Context, url string) (*page, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var p page
	return &p, json.NewDecoder(resp.Body).Decode(&p)
}

func pages(ctx context.Context, url string) (all []string, err error) {
	for { // want `loop items=false`
		p, err := fetch(ctx, url)
		if err != nil {
			return nil, err
		}
		all = append(all, p.Items...)
		if p.Next == "" {
			return all, nil
		}
		url = p.Next
	}
}

func items(ctx context.Context, urls []string) error {
	for _, u := range urls { // want `loop items=true`
		if _, err := fetch(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

func failover(ctx context.Context, urls []string) (err error) {
	for _, u := range urls { // want `loop items=true`
		if _, err = fetch(ctx, u); err == nil {
			return nil
		}
	}
	return err
}

func bestEffort(ctx context.Context, urls map[string]bool) {
	for u := range urls { // want `loop items=true`
		if _, err := fetch(ctx, u); err != nil {
			log.Print(err)
			continue
		}
	}
}

func poll(ctx context.Context, url string) error {
	for { // want `loop items=false`
		p, err := fetch(ctx, url)
		if err != nil {
			return err
		}
		if len(p.Items) > 0 {
			return nil
		}
		time.Sleep(time.Second)
	}
}

func pollThroughErrors(ctx context.Context, url string) {
	for { // want `loop items=false`
		p, err := fetch(ctx, url)
		if err == nil && len(p.Items) > 0 {
			return
		}
		time.Sleep(time.Second)
	}
}

func worker(ctx context.Context, jobs chan string) {
	for u := range jobs { // want `loop items=true`
		if _, err := fetch(ctx, u); err != nil {
			log.Print(err)
		}
	}
}

func lastWorker(ctx context.Context, jobs chan string) {
	for { // want `loop items=true`
		u := <-jobs
		if _, err := fetch(ctx, u); err == nil {
			return
		}
	}
}

func ticks(ctx context.Context, url string) {
	for range time.Tick(time.Minute) { // want `loop items=false`
		if _, err := fetch(ctx, url); err != nil {
			log.Print(err)
		}
	}
}

func twice(ctx context.Context, url string) error {
	for range 2 { // want `loop items=false`
		if _, err := fetch(ctx, url); err != nil {
			return err
		}
	}
	return nil
}

// The second call is made whether the first failed or not.
func both(ctx context.Context, url string) error {
	_, err := fetch(ctx, url)
	if err != nil {
		log.Print(err)
	}
	_, err = fetch(ctx, url)
	return err
}

// Another page after a failure is not the same request.
func fallback(ctx context.Context, url, mirror string) error {
	_, err := fetch(ctx, url)
	if err != nil {
		_, err = fetch(ctx, mirror)
	}
	return err
}

type stream interface{ Recv() (string, error) }

func watch(ctx context.Context, url string) (stream, error)

// What is received goes on for ever: a reconnecting watch is no retry.
func watching(ctx context.Context, url string, out chan string) {
	for ctx.Err() == nil { // want `loop items=false`
		_, err := fetch(ctx, url)
		if err == nil {
			var s stream
			if s, err = watch(ctx, url); err == nil {
				for {
					event, err := s.Recv()
					if err != nil {
						break
					}
					out <- event
				}
			}
		}
		time.Sleep(time.Second)
	}
}
