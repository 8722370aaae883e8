package a

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"sync"

	"wrap"
)

func deferred(url string) ([]byte, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		return nil, errStatus
	}
	return io.ReadAll(resp.Body)
}

func beforeTheCheck(url string) error {
	resp, err := http.Get(url)
	defer resp.Body.Close() // another problem
	return err
}

func deferredClosure(url string) (err error) {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := resp.Body.Close(); err == nil {
			err = cerr
		}
	}()
	if resp.StatusCode != 200 {
		return errStatus
	}
	return nil
}

func closureMadeBefore(c *http.Client, req *http.Request) error {
	var resp *http.Response
	defer func() {
		if resp != nil {
			resp.Body.Close()
		}
	}()
	var err error
	resp, err = c.Do(req)
	if err != nil {
		return err
	}
	return wrap.Status(resp)
}

func everyPath(url string) error {
	resp, err := http.Get(url)
	if err != nil || resp.StatusCode != 200 {
		if resp != nil {
			resp.Body.Close()
		}
		return errStatus
	}
	if _, err := io.ReadAll(resp.Body); err != nil {
		resp.Body.Close()
		return err
	}
	return resp.Body.Close()
}

func retried(c *http.Client, req *http.Request) (*http.Response, error) { // want retried:`opens \[0\]`
	var last error
	for range 3 {
		resp, err := c.Do(req)
		if err != nil {
			last = err
			continue
		}
		if resp.StatusCode < 500 {
			return resp, nil
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		last = errStatus
	}
	return nil, last
}

func retriedUntil(c *http.Client, req *http.Request) error {
	var resp *http.Response
	var err error
	for range 3 {
		if resp, err = c.Do(req); err == nil {
			break
		}
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return nil
}

func returnedBody(url string) (io.ReadCloser, error) { // want returnedBody:`opens \[0\]`
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

func returnedReader(url string) (*bufio.Scanner, *json.Decoder, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, nil, err
	}
	return bufio.NewScanner(resp.Body), json.NewDecoder(resp.Body), nil
}

func atOnce(url string) (*http.Response, error) { return http.Get(url) } // want atOnce:`opens \[0\]`

type result struct {
	resp *http.Response
	err  error
}

type client struct {
	last  *http.Response
	cache map[string]*http.Response
	hc    *http.Client
	mu    sync.Mutex
}

func wrapped(url string) result {
	resp, err := http.Get(url)
	return result{resp, err}
}

func sent(url string, ch chan<- result) {
	resp, err := http.Get(url)
	select {
	case ch <- result{resp: resp, err: err}:
	}
}

func (c *client) stored(url string) (err error) {
	c.last, err = c.hc.Get(url)
	if err != nil {
		return err
	}
	resp, err := c.hc.Get(url)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.cache[url] = resp
	c.mu.Unlock()
	return nil
}

func byCallee(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer wrap.Finish(resp)
	other, err := http.Get(url)
	if err != nil {
		return err
	}
	wrap.Drain(other.Body)
	third, err := http.Get(url)
	if err != nil {
		return err
	}
	quietly(third.Body)
	return nil
}

func quietly(c io.Closer) { // want quietly:`params \[0\]`
	if err := c.Close(); err != nil {
		log.Print(err)
	}
}

func checked() error {
	resp, err := wrap.Open("u")
	if err != nil {
		return err
	}
	if err := wrap.Check(resp); err != nil {
		return err
	}
	defer resp.Body.Close()
	return nil
}

func alreadyClosed() (int, error) {
	resp, _, err := wrap.Fetched("u")
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}

func toUnknown(url string, use func(*http.Response) error, read func(io.ReadCloser)) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	if resp.StatusCode == 200 {
		return use(resp)
	}
	read(resp.Body)
	return nil
}

func forwarded(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	again, err := http.Post(url, "text/plain", resp.Body) // closes what it sends
	if err != nil {
		return err
	}
	return again.Body.Close()
}

func inGoroutine(url string) {
	resp, err := http.Get(url)
	if err != nil {
		return
	}
	go func() {
		defer resp.Body.Close()
		io.Copy(io.Discard, resp.Body)
	}()
}

func methodValue(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	closeBody := resp.Body.Close
	defer closeBody()
	return nil
}

func ends(url string, strict bool) {
	resp, err := http.Get(url)
	if err != nil {
		log.Fatal(err)
	}
	if resp.StatusCode != 200 {
		log.Fatalf("status %d", resp.StatusCode)
	}
	if strict {
		fatal(errStatus)
	}
	resp.Body.Close()
}

type options struct{ stream bool }

func asksTwice(url string, opts *options) (io.Reader, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	if !opts.stream {
		defer resp.Body.Close()
	}
	if resp.StatusCode == 200 && opts.stream {
		return resp.Body, nil
	}
	if opts.stream {
		resp.Body.Close()
	}
	return nil, nil
}

func sometimes(url string, get bool) error {
	var resp *http.Response
	var err error
	if get {
		resp, err = http.Get(url)
		if err != nil {
			return err
		}
	}
	log.Print("between")
	if get {
		resp.Body.Close()
	}
	return nil
}

func notAsked(url string) error {
	resp, err := http.Get(url)
	if errors.Is(err, io.EOF) {
		return nil
	}
	failed := err != nil
	if failed {
		return err
	}
	return resp.Body.Close()
}

func dumped(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := httputil.DumpResponse(resp, false)
	log.Printf("%s", b)
	return err
}

func replacedAfterClose(url string) (*http.Response, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(b))
	return resp, nil
}

func closeAsserted(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	var r io.Reader = resp.Body
	if c, ok := r.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
