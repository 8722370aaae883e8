// Package web uses the client of package pay.
package web

import (
	"context"
	"net/http"
	"time"

	"pay"
)

func options() {
	pay.New("").Charge(context.Background()) // want `\(\*pay.Client\).Charge may wait for ever: it sends a request with \(\*http.Client\).Do, and neither context.Background\(\) nor http.Client without Timeout sets a time limit`
	pay.New("", pay.WithTimeout(time.Second)).Charge(context.Background())
	pay.New("", pay.WithHTTPClient(&http.Client{Timeout: time.Second})).Ping()
	pay.New("", pay.WithHTTPClient(&http.Client{})).Ping() // want `\(\*pay.Client\).Ping may wait for ever`
	pay.Dial(pay.Timeout(time.Second)).Ping()
	pay.Dial().Ping() // want `\(\*pay.Client\).Ping may wait for ever`
}

func constructors(ctx context.Context) {
	pay.NewBounded().Ping()
	pay.NewWith(http.DefaultClient).Ping() // want `\(\*pay.Client\).Ping may wait for ever`
	pay.NewWith(http.DefaultClient).Charge(ctx)
	pay.NewWith(&http.Client{Timeout: time.Second}).Ping()
}

func unknownOption(o pay.Option) {
	pay.New("", o).Ping()
}

// wrapper is a second layer around the client.
type wrapper struct{ inner *pay.Client }

func newWrapper(c *pay.Client) *wrapper { return &wrapper{inner: c} }

func (w *wrapper) ping() error { return w.inner.Ping() }

func twoDeep() {
	newWrapper(pay.New("")).ping() // want `\(\*web.wrapper\).ping may wait for ever`
	newWrapper(pay.NewBounded()).ping()
}

type server struct{ pay *pay.Client }

func newServer() *server { return &server{pay: pay.New("", pay.WithTimeout(time.Second))} }

func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	s.pay.Ping()
	s.pay.Charge(context.Background())
}

type slowServer struct{ pay *pay.Client }

func newSlowServer() *slowServer { return &slowServer{pay: pay.New("")} }

func (s *slowServer) handle(w http.ResponseWriter, r *http.Request) {
	s.pay.Ping() // want `\(\*pay.Client\).Ping may wait for ever`
	s.pay.Charge(r.Context())
	go func() {
		s.pay.Charge(context.Background()) // want `\(\*pay.Client\).Charge may wait for ever`
	}()
}
