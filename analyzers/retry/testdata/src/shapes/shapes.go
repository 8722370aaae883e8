// Package shapes holds retries in every shape that people write.
package shapes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"os"
	"time"
)

func get(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func counted(ctx context.Context, url string) (err error) {
	for i := 0; i < 3; i++ { // want `loop 3 wait=constant jitter=no context=no`
		if err = get(ctx, url); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func atMost(ctx context.Context, url string) (err error) {
	for i := 1; i <= 5; i++ { // want `loop 5 wait=growing jitter=no context=no`
		err = get(ctx, url)
		if err == nil {
			break
		}
		time.Sleep(time.Duration(i) * time.Second)
	}
	return err
}

func condition(ctx context.Context, url string) error {
	err := errors.New("not tried")
	for i := 0; err != nil && i < 4; i++ { // want `loop 4 wait=none jitter=no context=\?`
		err = get(ctx, url)
	}
	return err
}

func endless(ctx context.Context, url string) {
	for { // want `loop unbounded wait=constant jitter=no context=no`
		if err := get(ctx, url); err == nil {
			return
		}
		time.Sleep(time.Second)
	}
}

func breakOnCount(ctx context.Context, url string) error {
	attempts := 0
	for { // want `loop 4 wait=growing jitter=yes context=no`
		err := get(ctx, url)
		if err == nil {
			return nil
		}
		attempts++
		if attempts > 3 {
			return fmt.Errorf("gave up: %w", err)
		}
		wait := time.Duration(1<<attempts) * time.Second
		time.Sleep(wait + time.Duration(rand.Int63n(int64(wait))))
	}
}

func again(ctx context.Context, url string) error {
	err := get(ctx, url)
	if err != nil {
		err = get(ctx, url) // want `again 2 wait=none jitter=no context=\?`
	}
	return err
}

func jumping(ctx context.Context, url string) error {
	n := 0
again: // want `loop 3 wait=none jitter=no context=\?`
	err := get(ctx, url)
	if err != nil {
		n++
		if n < 3 {
			goto again
		}
	}
	return err
}

func recursive(ctx context.Context, url string, left int) error {
	err := get(ctx, url)
	if err == nil || left == 0 {
		return err
	}
	time.Sleep(time.Second)
	return recursive(ctx, url, left-1) // want `recursion param2\+1 wait=constant jitter=no context=no`
}

func helper(n int, f func() error) error {
	var err error
	for range n { // want `loop param0 wait=none jitter=no context=\? perhaps`
		if err = f(); err == nil {
			return nil
		}
	}
	return err
}

func generic[T any](n int, f func() (T, error)) (out T, err error) {
	for i := 0; i < n; i++ { // want `loop param0 wait=constant jitter=no context=no perhaps`
		out, err = f()
		if err == nil {
			return out, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return out, err
}

type options struct {
	Max   int
	Delay time.Duration
}

func withOptions(o options, f func() error) (err error) {
	for try := 0; ; try++ { // want `loop param0.Max\+1 wait=growing jitter=no context=no perhaps`
		if err = f(); err == nil || try >= o.Max {
			return err
		}
		time.Sleep(o.Delay << try)
	}
}

func ticking(ctx context.Context, url string) error {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for { // want `loop unbounded wait=constant jitter=no context=yes bytime`
		if err := get(ctx, url); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}

func deadline(ctx context.Context, url string) error {
	start := time.Now()
	for { // want `loop unbounded wait=constant jitter=no context=no bytime`
		err := get(ctx, url)
		if err == nil {
			return nil
		}
		if time.Since(start) > time.Minute {
			return err
		}
		time.Sleep(time.Second)
	}
}

type retrier struct {
	tries, max int
	err        error
}

func (r *retrier) run(ctx context.Context, url string) error {
	for { // want `loop param0.max wait=none jitter=no context=\?`
		r.err = get(ctx, url)
		if r.err == nil {
			return nil
		}
		r.tries++
		if r.tries >= r.max {
			return r.err
		}
	}
}

func labelled(ctx context.Context, url string) error {
	var err error
retry:
	for i := 0; i < 3; i++ { // want `loop 3 wait=none jitter=no context=\?`
		for range 2 {
			if err = get(ctx, url); err != nil {
				continue retry
			}
			return nil
		}
	}
	return err
}

func status(ctx context.Context, c *http.Client, req *http.Request) (*http.Response, error) {
	for i := 0; ; i++ { // want `loop 3 wait=none jitter=no context=\? modes=HTTP 429, any HTTP 5xx`
		resp, err := c.Do(req)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests || i == 2 {
			return resp, nil
		}
		resp.Body.Close()
	}
}

func retryable(resp *http.Response, err error) bool {
	if err != nil {
		return true
	}
	switch resp.StatusCode {
	case 502, 503, 504:
		return true
	}
	return false
}

func classified(c *http.Client, req *http.Request) (resp *http.Response, err error) {
	for i := 0; i < 3; i++ { // want `loop 3 wait=none jitter=no context=\? modes=connection refused, connection reset, hang, opaque error, HTTP 502, HTTP 503, HTTP 504`
		resp, err = c.Do(req)
		if !retryable(resp, err) {
			break
		}
	}
	return resp, err
}

type stubborn struct{ next http.RoundTripper }

func (s *stubborn) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	for range 3 { // want `loop 3 wait=none jitter=no context=\? modes=connection refused, connection reset, hang, opaque error`
		resp, err = s.next.RoundTrip(req)
		if err == nil {
			return resp, nil
		}
	}
	return nil, err
}

func concurrent(ctx context.Context, url string) error {
	for i := 0; i < 2; i++ { // want `loop 2 wait=none jitter=no context=\?`
		errc := make(chan error, 1)
		go func() { errc <- get(ctx, url) }()
		if err := <-errc; err == nil {
			return nil
		}
	}
	return errors.New("failed twice")
}

func captured(ctx context.Context, url string) (err error) {
	for i := 0; i < 2; i++ { // want `loop 2 wait=none jitter=no context=\?`
		func() {
			defer fmt.Println("tried")
			err = get(ctx, url)
		}()
		if err == nil {
			return nil
		}
	}
	return err
}

var delays = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second}

func delayed(ctx context.Context, url string) (err error) {
	for _, d := range delays { // want `loop 3 wait=growing jitter=no context=no`
		if err = get(ctx, url); err == nil {
			return nil
		}
		time.Sleep(d)
	}
	return err
}

// The error is overwritten, so that the limit is never reached.
func swallowed(ctx context.Context, url string) {
	n := 0
	for { // want `loop unbounded wait=none jitter=no context=\?`
		err := get(ctx, url)
		if err == nil {
			return
		}
		if errors.Is(err, http.ErrHandlerTimeout) {
			continue
		}
		n++
		if n > 3 {
			return
		}
	}
}

func sleepContext(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func backoff(attempt int) time.Duration {
	d := time.Duration(1<<attempt) * 100 * time.Millisecond
	return d/2 + time.Duration(rand.Int63n(int64(d/2)))
}

func polite(ctx context.Context, url string) (err error) {
	for attempt := 0; attempt < 4; attempt++ { // want `loop 4 wait=growing jitter=yes context=yes bytime`
		if attempt > 0 {
			if err := sleepContext(ctx, backoff(attempt)); err != nil {
				return err
			}
		}
		if err = get(ctx, url); err == nil {
			return nil
		}
	}
	return err
}

type sender interface {
	Send(ctx context.Context) error
}

func throughInterface(ctx context.Context, s sender) (err error) {
	for range 3 { // want `loop 3 wait=none jitter=no context=\? perhaps`
		if err = s.Send(ctx); err == nil {
			break
		}
	}
	return err
}

func rotating(ctx context.Context, urls []string) (err error) {
	for i := 0; i < 5; i++ { // want `loop 5 wait=none jitter=no context=\?`
		if err = get(ctx, urls[i%len(urls)]); err == nil {
			return nil
		}
	}
	return err
}

func shrinking(ctx context.Context, url string, n int) (err error) {
	for n > 0 { // want `loop param2 wait=none jitter=no context=\?`
		n--
		if err = get(ctx, url); err == nil {
			return nil
		}
	}
	return err
}

func firstBefore(ctx context.Context, url string) error {
	err := get(ctx, url)
	for i := 0; i < 2 && err != nil; i++ { // want `loop 3 wait=constant jitter=no context=no`
		time.Sleep(time.Second)
		err = get(ctx, url)
	}
	return err
}

func goOn(left int, err error) bool {
	if left <= 0 {
		return false
	}
	return err != nil
}

func decided(ctx context.Context, url string) error {
	err := get(ctx, url)
	for left := 4; goOn(left, err); left-- { // want `loop 5 wait=none jitter=no context=\?`
		err = get(ctx, url)
	}
	return err
}

func onlyOnce(ctx context.Context, url string) error {
	for attempt := 0; ; attempt++ { // want `loop 2 wait=none jitter=no context=\?`
		err := get(ctx, url)
		if err != nil && attempt == 0 {
			continue
		}
		return err
	}
}

type policy interface{ Next(err error) time.Duration }

func byPolicy(ctx context.Context, p policy, url string) error {
	for { // want `loop p.Next\(\)\+1 wait=\? jitter=\? context=no`
		err := get(ctx, url)
		if err == nil {
			return nil
		}
		d := p.Next(err)
		if d < 0 {
			return err
		}
		time.Sleep(d)
	}
}

func ended(ctx context.Context) error { return ctx.Err() }

func untilEnded(ctx context.Context, url string) error {
	for { // want `loop unbounded wait=none jitter=no context=\? bytime`
		if err := ended(ctx); err != nil {
			return err
		}
		if err := get(ctx, url); err == nil {
			return nil
		}
	}
}

// reports says whether it may be tried again, beside the error.
func reports(ctx context.Context, url string) (again bool, err error) {
	if err := get(ctx, url); err != nil {
		return true, err
	}
	return false, nil
}

func toldToRetry(ctx context.Context, url string) error {
	for range 3 { // want `loop 3 wait=none jitter=no context=\?`
		again, err := reports(ctx, url)
		if again {
			continue
		}
		return err
	}
	return errors.New("gave up")
}

func lease(ctx context.Context, c *http.Client, url string) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, "PUT", url, nil)
	if err != nil {
		return false, err
	}
	resp, err := c.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	return resp.StatusCode < 300, nil
}

func leased(ctx context.Context, url string) error {
	client := http.Client{Timeout: time.Second}
	try := 0
again: // want `loop 5 wait=constant jitter=no context=no`
	try++
	ok, err := lease(ctx, &client, url)
	if err != nil || !ok {
		if try < 5 {
			time.Sleep(time.Millisecond)
			goto again
		}
		return err
	}
	return nil
}

func firstOnly(ctx context.Context, url string) error {
	first := true
try: // want `loop 2 wait=none jitter=no context=\?`
	err := get(ctx, url)
	if err != nil && first {
		first = false
		goto try
	}
	return err
}

func stale(ctx context.Context, url string) error {
	retrying := false
	for { // want `loop 2 wait=none jitter=no context=\?`
		if err := get(ctx, url); err != nil {
			if !retrying {
				retrying = true
				continue
			}
			return err
		}
		return nil
	}
}

func doubling(ctx context.Context, url string) error {
	delay := 500 * time.Millisecond
	for { // want `loop 4 wait=growing jitter=no context=no`
		err := get(ctx, url)
		if err == nil {
			return nil
		}
		if delay > 3*time.Second {
			return err
		}
		time.Sleep(delay)
		delay *= 2
	}
}

func shifting(ctx context.Context, url string) error {
	for attempt := 0; ; attempt++ { // want `loop 2 wait=growing jitter=no context=no`
		err := get(ctx, url)
		if err == nil {
			return nil
		}
		wait := (1 << (2 * uint64(attempt))) * time.Second
		if wait > 3*time.Second {
			return err
		}
		time.Sleep(wait)
	}
}

// unlimited has a limit unless it is asked for none.
func unlimited(ctx context.Context, url string, forever bool) error {
	for n := 0; ; n++ { // want `loop 6 if limited wait=constant jitter=no context=no`
		err := get(ctx, url)
		if err == nil {
			return nil
		}
		if !forever && n >= 5 {
			return err
		}
		time.Sleep(time.Second)
	}
}

// observed leaves its result in a variable of the caller's.
func observed(ctx context.Context, client *http.Client, req *http.Request) (io.ReadCloser, error) {
	var resp *http.Response
	var err error
	for n := 0; n < 3; n++ { // want `loop 3 wait=none jitter=no context=\?`
		err = measured(func() error {
			var failed error
			resp, failed = client.Do(req)
			return failed
		})
		if err == nil && resp.Body != nil {
			return resp.Body, nil
		}
	}
	return nil, err
}

func measured(f func() error) error {
	start := time.Now()
	err := f()
	_ = time.Since(start)
	return err
}

// renewed has no wait of its own: what it calls may wait between its attempts.
func renewed(ctx context.Context, url string) error {
	first := true
try: // want `loop 2 wait=none jitter=no context=\?`
	err := get(ctx, url)
	if err != nil && first {
		first = false
		if lookup(func() bool { return url != "" }) == nil {
			goto try
		}
	}
	return err
}

func lookup(found func() bool) error {
	for range 5 { // want `loop 5 wait=constant jitter=no context=no perhaps`
		if found() {
			return nil
		}
		time.Sleep(time.Second)
	}
	return errors.New("not found")
}

type batch struct{ rows []string }

// halves sends the halves of what was too large: other requests, not the same again.
func halves(ctx context.Context, b *batch) error {
	n := len(b.rows) / 2
	for _, half := range []*batch{{b.rows[:n]}, {b.rows[n:]}} { // want `loop items=true`
		if err := get(ctx, half.rows[0]); err != nil {
			if err := halves(ctx, half); err != nil {
				return err
			}
		}
	}
	return nil
}

// longest is set by whoever starts the program.
var longest = 6 * time.Second

func SetLongest(d time.Duration) { longest = d }

func outgrown(ctx context.Context, url string) (err error) {
	for wait := time.Second; wait < longest; wait += wait / 2 { // want `loop turns below longest wait=growing jitter=no context=no`
		if err = get(ctx, url); err == nil {
			return nil
		}
		time.Sleep(wait)
	}
	return err
}

// paced asks what it calls whether to call again.
func paced(call func() (retry bool, err error)) (err error) {
	for i := 0; i < 4; i++ { // want `loop 4 wait=constant jitter=no context=no perhaps`
		var retry bool
		retry, err = call()
		if !retry {
			break
		}
		time.Sleep(time.Second)
	}
	return err
}

// worked goes on for as long as there is work: no failure leads back.
func worked(next func() (more bool, err error)) error {
	for {
		more, err := next()
		if err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
}

// note may wait before it ends the process, which is no wait for those who go on.
func note(fatal bool) {
	if fatal {
		time.Sleep(10 * time.Second)
		os.Exit(1)
	}
}

func noted(ctx context.Context, url string) (err error) {
	for range 3 { // want `loop 3 wait=none jitter=no context=\?`
		if err = get(ctx, url); err == nil {
			return nil
		}
		note(false)
	}
	return err
}

type worker struct {
	failures int
	stop     chan struct{}
	full     chan int
}

// pause says whether to give up, which it does only when the worker is stopped.
func (w *worker) pause() bool {
	w.failures++
	select {
	case <-time.After(time.Duration(w.failures) * time.Second):
		return false
	case <-w.stop:
		return true
	}
}

func (w *worker) submit(ctx context.Context, url string) error {
again: // want `loop unbounded wait=growing jitter=no context=yes`
	if err := get(ctx, url); err != nil {
		if !w.pause() {
			goto again
		}
		return err
	}
	return nil
}

// yield gives up for another reason too.
func (w *worker) yield() bool {
	w.failures++
	select {
	case <-time.After(time.Second):
		return w.failures > 3
	case <-w.stop:
		return true
	}
}

func (w *worker) offer(ctx context.Context, url string) error {
	for { // want `loop w.yield\(\)\+1 wait=constant jitter=no context=yes`
		err := get(ctx, url)
		if err == nil || w.yield() {
			return err
		}
	}
}
