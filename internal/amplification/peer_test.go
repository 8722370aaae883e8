package amplification

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A failure is a way in which a peer does not answer as it should.
type failure struct {
	name   string
	status int // of an HTTP response
	code   int // of a gRPC response
	cut    bool
	hang   bool
}

// failures are the modes in which every scenario runs: those that retries tell
// apart. What a refused connection would have sent cannot be counted.
// The gRPC codes are those of https://grpc.io/docs/guides/status-codes.
var failures = []failure{
	{name: "400 INVALID_ARGUMENT", status: 400, code: 3},
	{name: "409 ABORTED", status: 409, code: 10},
	{name: "429 RESOURCE_EXHAUSTED", status: 429, code: 8},
	{name: "500 INTERNAL", status: 500, code: 13},
	{name: "503 UNAVAILABLE", status: 503, code: 14},
	{name: "504 DEADLINE_EXCEEDED", status: 504, code: 4},
	{name: "reset", cut: true},
	{name: "hang", hang: true},
}

// A peer is a server that speaks HTTP/1 and gRPC on one address. It fails the
// requests for one operation, or for all, and counts what arrives.
type peer struct {
	srv     *httptest.Server
	failure *failure // nil: it answers everything well
	only    string   // the operation that fails; all if empty

	mu     sync.Mutex
	counts map[string]int // requests that arrived, by operation
}

type connKey struct{}

func newPeer(t *testing.T, f *failure, only string) *peer {
	p := &peer{failure: f, only: only, counts: map[string]int{}}
	p.srv = httptest.NewUnstartedServer(p)
	p.srv.Config.Protocols = new(http.Protocols)
	p.srv.Config.Protocols.SetHTTP1(true)
	p.srv.Config.Protocols.SetUnencryptedHTTP2(true)
	p.srv.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, c)
	}
	p.srv.Start()
	t.Cleanup(p.srv.Close)
	return p
}

// addr returns the address as host:port.
func (p *peer) addr() string { return p.srv.Listener.Addr().String() }

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	grpc := strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc")
	op := r.Method + " " + r.URL.Path
	if grpc {
		op = r.URL.Path
	}
	p.mu.Lock()
	p.counts[op]++
	p.mu.Unlock()

	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	f := p.failure
	switch {
	case f == nil || p.only != "" && p.only != op:
		answer(w, op, grpc)
	case f.hang:
		<-r.Context().Done()
	case f.cut:
		cut(r)
	case grpc:
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Grpc-Status", strconv.Itoa(f.code))
	default:
		w.WriteHeader(f.status)
	}
}

// answer responds with success and an empty document or message.
func answer(w http.ResponseWriter, op string, grpc bool) {
	if !grpc {
		if strings.HasPrefix(op, http.MethodDelete) {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
		return
	}
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set("Trailer", "Grpc-Status")
	_, _ = w.Write(make([]byte, 5)) // not compressed, no bytes
	w.Header().Set("Grpc-Status", "0")
}

// cut ends the request's connection with a reset.
func cut(r *http.Request) {
	conn := r.Context().Value(connKey{}).(net.Conn)
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
	panic(http.ErrAbortHandler)
}

// arrived returns how many requests have arrived, by operation. What was
// sent but not read yet is waited for.
func (p *peer) arrived() map[string]int {
	time.Sleep(20 * time.Millisecond)
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := map[string]int{}
	for op, n := range p.counts {
		counts[op] = n
	}
	return counts
}
