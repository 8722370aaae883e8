// Package a starts servers.
package a

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"time"

	"golang.org/x/sync/errgroup"
)

func functions(l net.Listener, h http.Handler) {
	http.ListenAndServe(":8080", h)                       // want `http.ListenAndServe starts a server without any timeout`
	http.ListenAndServeTLS(":8443", "cert", "key", h)     // want `http.ListenAndServeTLS starts`
	http.Serve(l, h)                                      // want `http.Serve starts`
	go func() { _ = http.ListenAndServe(":6060", nil) }() // want `http.ListenAndServe starts`
	go http.ListenAndServe(":6060", nil)                  // want `http.ListenAndServe starts`
}

func literal(h http.Handler) error {
	server := &http.Server{ // want `this HTTP server has neither ReadHeaderTimeout nor ReadTimeout`
		Addr:    ":8080",
		Handler: h,
	}
	return server.ListenAndServe()
}

func oneLine(h http.Handler) error {
	return (&http.Server{Addr: ":8080", Handler: h}).ListenAndServe() // want `this HTTP server`
}

func byValue(l net.Listener) error {
	server := http.Server{} // want `this HTTP server`
	return server.Serve(l)
}

func noLiteral(h http.Handler) error {
	var server http.Server // want `this HTTP server`
	server.Handler = h
	return server.ListenAndServeTLS("", "")
}

func zero(h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 0} // want `this HTTP server`
	return server.ListenAndServe()
}

// A limit on writing or idling does not bound reading.
func others(h http.Handler) error {
	server := &http.Server{Handler: h, WriteTimeout: time.Second, IdleTimeout: time.Minute} // want `this HTTP server`
	return server.ListenAndServe()
}

func inGoroutine(h http.Handler) {
	server := &http.Server{Handler: h} // want `this HTTP server`
	go func() {
		_ = server.ListenAndServe()
	}()
}

func methodValue(g *errgroup.Group, h http.Handler) {
	server := &http.Server{Handler: h} // want `this HTTP server`
	g.Go(server.ListenAndServe)
}

var global = &http.Server{Addr: ":9090"} // want `this HTTP server`

func startGlobal() error { return global.ListenAndServe() }

// Made in one function, started in another.
type app struct{ server *http.Server }

func newApp(h http.Handler) *app {
	return &app{server: &http.Server{Handler: h}} // want `this HTTP server`
}

func (a *app) run() error { return a.server.ListenAndServe() }

type embedding struct{ http.Server }

func newEmbedding(h http.Handler) *embedding {
	return &embedding{Server: http.Server{Handler: h}} // want `this HTTP server`
}

func (e *embedding) run() error { return e.ListenAndServe() }

func built(h http.Handler) error { return start(build(h)) }

func build(h http.Handler) *http.Server {
	return &http.Server{Handler: h} // want `this HTTP server`
}

func start(server *http.Server) error { return server.ListenAndServe() }

// Not reported.

func bounded(h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

func boundedByRead(h http.Handler) error {
	server := http.Server{Handler: h, ReadTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

func setLater(h http.Handler, timeout time.Duration) error {
	server := &http.Server{Handler: h}
	server.ReadHeaderTimeout = timeout
	return server.ListenAndServe()
}

func setElsewhere(h http.Handler) error {
	server := &http.Server{Handler: h}
	limit(server)
	return server.ListenAndServe()
}

func limit(server *http.Server) { server.ReadTimeout = time.Minute }

type later struct{ server *http.Server }

func (l *later) init(h http.Handler) { l.server = &http.Server{Handler: h} }

func (l *later) configure() { l.server.ReadHeaderTimeout = time.Second }

func (l *later) run() error { return l.server.ListenAndServe() }

func configured(h http.Handler, opts ...func(*http.Server)) error {
	server := &http.Server{Handler: h}
	for _, opt := range opts {
		opt(server)
	}
	return server.ListenAndServe()
}

func copied(template *http.Server) error {
	server := *template
	return server.ListenAndServe()
}

func Unknown(server *http.Server) error { return server.ListenAndServe() }

func notStarted(h http.Handler) *http.Server {
	return &http.Server{Handler: h, TLSConfig: &tls.Config{}}
}

func inTest(h http.Handler) *httptest.Server { return httptest.NewServer(h) }
