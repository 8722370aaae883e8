// Package proxytest runs real proxies before upstreams that fail in one way, and counts what arrives. It is for tests only.
package proxytest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A Failure is the way in which upstreams fail.
type Failure int

// The ways to fail.
const (
	Answers503 Failure = iota
	Resets             // the request is read, and the connection broken
	Hangs              // the request is read, and nothing follows
	Refuses            // nobody listens
)

// Upstreams are servers that fail, on ports of this machine.
type Upstreams struct {
	Addresses []string
	arrived   atomic.Int64
	// refused are the ports that nobody listens on, whose connections cannot be counted here
	failure Failure
}

// Arrived is how many requests came, to all servers together.
func (u *Upstreams) Arrived() int { return int(u.arrived.Load()) }

// Start starts n servers that end with the test.
func Start(t *testing.T, n int, failure Failure) *Upstreams {
	t.Helper()
	u := &Upstreams{failure: failure}
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		u.Addresses = append(u.Addresses, l.Addr().String())
		if failure == Refuses {
			l.Close()
			continue
		}
		t.Cleanup(func() { l.Close() })
		go u.accept(t.Context(), l)
	}
	return u
}

func (u *Upstreams) accept(ctx context.Context, l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go u.serve(ctx, c)
	}
}

// serve reads the requests of a connection. Those without a request, which look whether somebody is there, do not count.
func (u *Upstreams) serve(ctx context.Context, c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	for {
		request, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			return
		}
		u.arrived.Add(1)
		switch u.failure {
		case Answers503:
			fmt.Fprint(c, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
		case Resets:
			c.(*net.TCPConn).SetLinger(0)
			return
		case Hangs:
			<-ctx.Done()
			return
		}
	}
}

// FreePort is a port of this machine that nobody listens on.
func FreePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// Run starts a proxy in the foreground, waits until it listens, and ends it with the test. The test is skipped where the program is not
// installed.
func Run(t *testing.T, port, program string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + program)
	}
	if err != nil {
		t.Skipf("%s is not installed", program)
	}
	var output strings.Builder
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
		case <-time.After(3 * time.Second):
			cmd.Process.Kill()
			<-ended
		}
	})
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended: %v\n%s", program, err, output.String())
		default:
		}
		if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			c.Close()
			return
		}
	}
	t.Fatalf("%s does not listen", program)
}

// Ask sends one request through the proxy, never twice, and reports how long the answer took.
func Ask(t *testing.T, method, port string) time.Duration {
	t.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader("amount=1")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, "http://127.0.0.1:"+port+"/", body)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	start := time.Now()
	response, err := client.Do(request)
	took := time.Since(start)
	if err != nil {
		if errors.Is(err, io.EOF) {
			return took // HAProxy may close the connection without a word
		}
		t.Fatal(err)
	}
	response.Body.Close()
	return took
}
