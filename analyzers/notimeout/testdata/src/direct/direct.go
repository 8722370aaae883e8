// Package direct calls the libraries itself.
package direct

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

var bounded = &http.Client{Timeout: 5 * time.Second}

var unbounded = &http.Client{} // want `\(\*http.Client\).Get may wait for ever: http.Client without Timeout sets no time limit`

var shared = http.Client{Timeout: time.Second}

func packageFunctions() {
	http.Get("https://example.com")             // want `http.Get may wait for ever: http.DefaultClient sets no time limit`
	http.Post("https://example.com", "", nil)   // want `http.Post may wait for ever`
	http.DefaultClient.Get("https://e.com")     // want `\(\*http.Client\).Get may wait for ever: http.DefaultClient sets no time limit`
	net.Dial("tcp", "db.example.com:5432")      // the operating system gives up
	tls.Dial("tcp", "db.example.com:5432", nil) // want `tls.Dial may wait for ever`
	net.DialTimeout("tcp", "db:5432", time.Second)
}

func clients() {
	bounded.Get("https://example.com")
	shared.Get("https://example.com")
	unbounded.Get("https://example.com")

	c := &http.Client{Transport: &http.Transport{ResponseHeaderTimeout: time.Second}} // want `http.Client without Timeout sets no time limit`
	c.Get("https://example.com")

	late := &http.Client{}
	late.Timeout = time.Second
	late.Get("https://example.com")

	var zero http.Client // want `http.Client without Timeout`
	zero.Get("https://example.com")
}

func configured(timeout time.Duration) {
	c := &http.Client{Timeout: timeout}
	c.Get("https://example.com")
	d := &http.Client{Timeout: 0} // want `http.Client without Timeout`
	d.Get("https://example.com")
}

func requests(ctx context.Context) {
	req, _ := http.NewRequest("GET", "https://example.com", nil)
	http.DefaultClient.Do(req) // want `\(\*http.Client\).Do may wait for ever: neither http.NewRequest\(\) nor http.DefaultClient sets a time limit`

	withCtx, _ := http.NewRequestWithContext(ctx, "GET", "https://example.com", nil)
	http.DefaultClient.Do(withCtx) // the caller's to bound

	own, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	timed, _ := http.NewRequestWithContext(own, "GET", "https://example.com", nil)
	http.DefaultClient.Do(timed)

	renewed := req.WithContext(own)
	http.DefaultClient.Do(renewed)
}

func derived() {
	ctx := context.WithValue(context.Background(), "k", "v")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", "https://example.com", nil)
	http.DefaultClient.Do(req) // want `neither context.Background\(\) nor http.DefaultClient sets a time limit`
}

// A timer that cancels is a time limit too.
func timer() {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(time.Second, cancel)
	req, _ := http.NewRequestWithContext(ctx, "GET", "https://example.com", nil)
	http.DefaultClient.Do(req)
}

// Which of the two it is depends on the configuration.
func either(fast bool) {
	c := http.DefaultClient
	if fast {
		c = &http.Client{Timeout: time.Second}
	}
	c.Get("https://example.com")
}

func fallback(ctx context.Context) {
	if ctx == nil {
		ctx = context.Background()
	}
	req, _ := http.NewRequestWithContext(ctx, "GET", "https://example.com", nil)
	http.DefaultClient.Do(req)
}

func unknown(c *http.Client) {
	c.Get("https://example.com") // the caller's client
}
