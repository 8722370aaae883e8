// Package aliases bounds clients in ways that are not written where the client
// is made: nothing in it is reported.
package aliases

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

type settings struct {
	URL     string
	Timeout time.Duration
}

func (s settings) withDefaults() settings {
	if s.Timeout == 0 {
		s.Timeout = 5 * time.Second
	}
	return s
}

func defaulted(s settings) {
	s = s.withDefaults()
	c := &http.Client{Timeout: s.Timeout}
	c.Get(s.URL)
}

func callsDefaulted() { defaulted(settings{URL: "https://example.com"}) }

func decoded(data []byte) {
	var s settings
	json.Unmarshal(data, &s)
	c := &http.Client{Timeout: s.Timeout}
	c.Get(s.URL)
}

func deadlineUnlessSet(ctx context.Context) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Second)
		defer cancel()
	}
	return get(ctx, "https://example.com")
}

func callsDeadlineUnlessSet() { deadlineUnlessSet(context.Background()) }

type setter struct{ http *http.Client }

func newSetter() *setter { return &setter{http: &http.Client{}} }

func (s *setter) SetTimeout(d time.Duration) { s.http.Timeout = d }

func (s *setter) get() { s.http.Get("https://example.com") }

func usesSetter() {
	s := newSetter()
	s.SetTimeout(time.Second)
	s.get()
}

func throughClosure() {
	c := &http.Client{}
	setup := func() { c.Timeout = time.Second }
	setup()
	c.Get("https://example.com")
}

func throughSlice() {
	c := &http.Client{}
	for _, each := range []*http.Client{c} {
		each.Timeout = time.Second
	}
	c.Get("https://example.com")
}

func throughHook(hooks map[string]func(*http.Client)) {
	c := &http.Client{}
	hooks["timeout"](c)
	c.Get("https://example.com")
}

func overwritten(c *http.Client) { *c = http.Client{Timeout: time.Second} }

func usesOverwritten() {
	c := &http.Client{}
	overwritten(c)
	c.Get("https://example.com")
}

func besideTimer() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- get(ctx, "https://example.com") }()
	select {
	case err := <-done:
		return err
	case <-time.After(time.Second):
		return context.DeadlineExceeded
	}
}

func methodValue(c *setter) {
	do := c.get
	do()
}

func get(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return err
	}
	_, err = http.DefaultClient.Do(req)
	return err
}
