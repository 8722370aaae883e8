// Package a has a case for everything that is reported.
package a

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"wrap"
)

var errStatus = errors.New("unexpected status")

func never(url string) ([]byte, error) {
	resp, err := http.Get(url) // want `the response body of http.Get is never closed: its connection leaks instead of being used again`
	if err != nil {
		return nil, err
	}
	return io.ReadAll(resp.Body)
}

func earlyReturn(c *http.Client, req *http.Request) error {
	resp, err := c.Do(req) // want `the response body of c.Do is not closed on every path`
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errStatus
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(new(int))
}

func closedOnSuccessOnly(url string) error {
	resp, err := http.Get(url) // want `not closed on every path`
	if err != nil {
		return err
	}
	if _, err := io.ReadAll(resp.Body); err != nil {
		return err
	}
	return resp.Body.Close()
}

func nested(url string) int {
	resp, err := http.Get(url) // want `never closed`
	if err == nil {
		return resp.StatusCode
	}
	return 0
}

func ignoredError(url string) int {
	resp, _ := http.Head(url) // want `the response body of http.Head is never closed`
	if resp == nil {
		return 0
	}
	return resp.StatusCode
}

func noContent(url string) error {
	resp, err := http.Post(url, "text/plain", nil) // want `not closed on every path`
	if err != nil {
		return err
	}
	if resp.StatusCode == http.StatusNoContent {
		return nil
	}
	resp.Body.Close()
	return nil
}

func discarded(url string) error {
	http.Get(url)             // want `the response of http.Get is discarded with its body open: every such call leaks a connection`
	_, err := http.Get(url)   // want `discarded`
	go http.Get(url)          // want `discarded`
	defer http.Get(url + "2") // want `discarded`
	return err
}

func overwritten(c *http.Client, req *http.Request) (*http.Response, error) { // want overwritten:`opens \[0\]`
	var resp *http.Response
	var err error
	for range 3 {
		resp, err = c.Do(req) // want `not closed on every path`
		if err == nil && resp.StatusCode < 500 {
			return resp, nil
		}
		time.Sleep(time.Second)
	}
	return nil, err
}

func keepsLast(c *http.Client, req *http.Request) (resp *http.Response, err error) { // want keepsLast:`opens \[0\]`
	for range 3 {
		resp, err = c.Do(req) // want `not closed on every path`
		if err == nil && resp.StatusCode < 500 {
			break
		}
	}
	return resp, err
}

func notTheReader(url string) error {
	resp, err := http.Get(url) // want `never closed`
	if err != nil {
		return err
	}
	gz, err := gzip.NewReader(resp.Body)
	if err != nil {
		return err
	}
	defer gz.Close()
	_, err = io.Copy(io.Discard, gz)
	return err
}

func namedResults(url string) (n int, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("count: %w", err)
		}
	}()
	resp, err := http.Get(url) // want `not closed on every path`
	if err != nil {
		return 0, err
	}
	if resp.StatusCode != 200 {
		return 0, errStatus
	}
	defer resp.Body.Close()
	return 1, nil
}

func closureLooks(url string) {
	resp, err := http.Get(url) // want `never closed`
	if err != nil {
		return
	}
	func() { log.Println(resp.Status, resp) }()
}

func switched(url string) error {
	resp, err := http.Get(url) // want `not closed on every path`
	switch {
	case err != nil:
		return err
	case resp.StatusCode == 404:
		return errStatus
	default:
		resp.Body.Close()
		return nil
	}
}

func replaced(url string) (*http.Response, error) {
	resp, err := http.Get(url) // want `never closed`
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(jsonReader(b))
	return resp, nil
}

func jsonReader(b []byte) io.Reader { return nil }

func open(c *http.Client, url string) (*http.Response, error) { // want open:`opens \[0\]`
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return nil, err
	}
	return c.Do(req)
}

func fromWrapper(c *http.Client) error {
	resp, err := open(c, "u") // want `the response body of open is never closed`
	if err != nil {
		return err
	}
	return wrap.Status(resp)
}

func fromOtherPackage() error {
	resp, err := wrap.Open("u") // want `the response body of wrap.Open is never closed`
	if err != nil {
		return err
	}
	fmt.Println(resp)
	_, body, err := wrap.OpenBody("u") // want `the response body of wrap.OpenBody is never closed`
	if err != nil {
		return err
	}
	_, err = io.ReadAll(body)
	return err
}

func acceptedStaysOpen() error {
	resp, err := wrap.Open("u") // want `not closed on every path`
	if err != nil {
		return err
	}
	if err := wrap.Check(resp); err != nil {
		return err
	}
	return nil
}

type doer interface {
	Do(*http.Request) (*http.Response, error)
}

func throughInterface(d doer, req *http.Request) error {
	resp, err := d.Do(req) // want `the response body of d.Do is never closed`
	if err != nil {
		return err
	}
	return wrap.Status(resp)
}

func helperMayExit(url string) {
	resp, err := http.Get(url) // want `never closed`
	if err != nil {
		fatal(err)
	}
	io.Copy(io.Discard, resp.Body)
}

func fatal(err error) {
	log.Print(err)
	panic(err)
}
